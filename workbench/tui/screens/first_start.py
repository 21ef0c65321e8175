"""What to do first: shown while there is no model or no article."""

from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Paste
from textual.widgets import Button

from workbench.desk.first_steps import FirstSteps
from workbench.i18n import _
from workbench.tui.dialogs.frame import Dialog
from workbench.tui.widgets.said import Said

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp


class FirstStartScreen(Dialog[None]):
    """Says what is missing and goes where it can be got."""

    DEFAULT_CSS = """
    FirstStartScreen {
        & Static { height: auto; }
        & .first-step { margin: 1 0 0 0; text-style: bold; }
    }
    """

    def __init__(self, steps: FirstSteps) -> None:
        super().__init__()
        self._steps = steps

    def compose(self) -> ComposeResult:
        """The two things one needs, and a button for each that is missing."""
        steps = self._steps
        with Vertical(classes="dialog") as box:
            box.border_title = _("Welcome")
            yield Said(
                _(
                    "Articles on the left, the text in the middle, what the model makes of it on"
                    " the right. All of it stays on this machine."
                )
            )
            yield Said(_("1. A model"), classes="first-step")
            if steps.problem:
                yield Said(steps.problem)
                yield Said(
                    _("Models (F9) shows which ones suit this machine and gets one."),
                    classes="dialog-said",
                )
            else:
                yield Said(_("{name} is here and is used.").format(name=steps.model))
            yield Said(_("2. Articles"), classes="first-step")
            if steps.articles:
                said = _("{count:,} articles are in the library.").format(count=steps.articles)
            else:
                said = _("There are none yet. Add files or folders: press a, or drop them here.")
            yield Said(said)
            yield Said(
                _("Then Enter opens an article and s has it summarised. F1 shows all keys."),
                classes="dialog-said",
            )
            with Horizontal(classes="dialog-buttons"):
                if steps.problem:
                    yield Button(_("Get a model"), id="first-model", variant="primary")
                if not steps.articles:
                    yield Button(_("Add articles"), id="first-add", variant="primary")
                yield Button(_("Look around"), id="first-leave")

    def on_paste(self, event: Paste) -> None:
        """Offer to add files that were dropped on the terminal."""
        if cast("WorkbenchApp", self.app).add_dropped(event.text):
            event.stop()

    @on(Button.Pressed)
    def _go(self, event: Button.Pressed) -> None:
        event.stop()
        app = cast("WorkbenchApp", self.app)
        self.dismiss(None)
        if event.button.id == "first-model":
            app.call_later(app.show, "models")
        elif event.button.id == "first-add":
            app.call_later(app.show, "add")
