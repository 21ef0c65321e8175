"""Having many articles summarised: asked once how, then they wait in the queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.catalog.registry import installed
from workbench.errors import WorkbenchError
from workbench.i18n import _
from workbench.prompting.library import list_templates
from workbench.tasks.work import Work
from workbench.tui.screens.write_again import Again, WriteAgainForm

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp


def ask_how(app: WorkbenchApp, article_ids: Sequence[int]) -> None:
    """Ask for template, model and length, then hand in one summary for each of the articles."""
    if not article_ids:
        app.notify(_("mark articles with the space bar, or open one"), severity="warning")
        return
    settings = app.desk.settings
    try:
        templates = [
            (one.template.name, f"{one.template.name} · {one.template.title}")
            for one in list_templates()
            if one.template is not None and one.template.task == "summarize"
        ]
        models = [(one.name, one.name) for one in installed()]
    except WorkbenchError as error:
        app.notify(str(error), severity="error")
        return
    now = Again(settings.template, "", settings.length, None, settings.script, verify=False)
    heading = _("Summarise {count} articles").format(count=len(article_ids))

    def hand_in(how: Again | None) -> None:
        if how is None:
            return
        work = Work(
            task="summarize",
            template=how.template,
            length=how.length,
            script=how.script,
            characters=how.characters,
            unsupported=settings.unsupported,
            verify=how.verify,
        )
        try:
            app.desk.submit_each(work, article_ids, model=how.model)
        except WorkbenchError as error:
            app.notify(str(error), severity="error")
            return
        app.notify(_("{count} articles wait to be summarised").format(count=len(article_ids)))

    app.push_screen(WriteAgainForm(templates, models, now, heading), hand_in)
