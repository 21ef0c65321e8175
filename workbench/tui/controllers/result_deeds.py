"""What a user has done with the result that is shown: rated, changed, exported, written again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.catalog.registry import installed
from workbench.desk import results as desk_results
from workbench.errors import WorkbenchError
from workbench.files import encodable, write_atomically
from workbench.i18n import _
from workbench.prompting.library import list_templates
from workbench.tasks.outcome import as_json, rendered
from workbench.tasks.result import Result
from workbench.tasks.views import FORMATS
from workbench.tasks.work import Work
from workbench.tui.controllers.editor import edited_outside
from workbench.tui.dialogs.export import ExportDialog
from workbench.tui.reading.outside import HEADLINE, as_editable, changed
from workbench.tui.screens.beside import BesideScreen
from workbench.tui.screens.earlier_results import Chosen, EarlierForm
from workbench.tui.screens.edit_point import EditForm
from workbench.tui.screens.rate_result import RateForm, Rating
from workbench.tui.screens.write_again import Again, WriteAgainForm

if TYPE_CHECKING:
    from workbench.tui.controllers.reading import ReadingScreen


def do(screen: ReadingScreen, what: str, point: int) -> None:
    """Do what is wanted with the result of a screen; what goes wrong is told, never raised."""
    deed = _DEEDS.get(what)
    if deed is None:
        return
    try:
        deed(screen, point)
    except WorkbenchError as error:
        screen.notify(str(error), severity="error")


def _regenerate(screen: ReadingScreen, _point: int) -> None:
    """Ask how, then have it written before all that waits."""
    settings = screen.shell.desk.settings
    result = screen.result_view.result
    found = result.settings if result is not None else {}
    now = Again(
        template=result.template.name if result is not None else settings.template,
        model="",
        length=str(found.get("length") or settings.length),
        characters=found.get("characters"),
        script=settings.script,
        verify=bool(found.get("verify", False)),
    )
    templates = [
        (one.template.name, f"{one.template.name} · {one.template.title}")
        for one in list_templates()
        if one.template is not None and one.template.task == "summarize"
    ]
    models = [(one.name, one.name) for one in installed()]

    def begin(again: Again | None) -> None:
        if again is not None:
            work = Work(
                task="summarize",
                template=again.template,
                length=again.length,
                script=again.script,
                characters=again.characters,
                unsupported=settings.unsupported,
                verify=again.verify,
            )
            screen.submit(work, again.model)

    screen.app.push_screen(WriteAgainForm(templates, models, now), begin)


def _edit(screen: ReadingScreen, point: int) -> None:
    """Change the point one is at, else the headline."""
    result, result_id = _shown(screen)
    number = point + 1 if point >= 0 else HEADLINE
    text = result.points[point].text if point >= 0 else result.headline

    def keep(new: str | None) -> None:
        if new is not None and new != text:
            _told(screen, partial(_keep, screen, result_id, {number: new}))

    heading = _("Edit point {number}").format(number=number) if number else _("Edit the headline")
    screen.app.push_screen(EditForm(text, heading), keep)


def _edit_outside(screen: ReadingScreen, _point: int) -> None:
    """Change the whole result in the user's own editor."""
    result, result_id = _shown(screen)
    text = edited_outside(screen.app, as_editable(result))
    changes = changed(result, text)
    if changes:
        _keep(screen, result_id, changes)
    else:
        screen.notify(_("nothing was changed"))


def _remove(screen: ReadingScreen, point: int) -> None:
    """Keep the result without the point one is at; the old one stays among the earlier ones."""
    _result, result_id = _shown(screen)
    if point < 0:
        raise WorkbenchError(_("go to the point that is to be left out first"))
    library = screen.shell.library
    _beside_drawing(
        screen,
        result_id,
        partial(desk_results.remove_point, library, result_id, point),
        _("kept without that point; the earlier result is there under h"),
    )


def _keep(screen: ReadingScreen, result_id: int, changes: Mapping[int, str]) -> None:
    points = {number - 1: text for number, text in changes.items() if number != HEADLINE}
    library = screen.shell.library
    _beside_drawing(
        screen,
        result_id,
        partial(desk_results.edit, library, result_id, points, changes.get(HEADLINE)),
        _("kept; {count} texts changed and checked again").format(count=len(changes)),
    )


def _beside_drawing(
    screen: ReadingScreen, result_id: int, change: Callable[[], int], said: str
) -> None:
    """Make a changed result in a thread: checking a text against a long article takes a while."""

    def work() -> None:
        try:
            new_id = change()
        except WorkbenchError as error:
            screen.app.call_from_thread(partial(screen.notify, str(error), severity="error"))
        else:
            screen.app.call_from_thread(shown, new_id)

    def shown(new_id: int) -> None:
        if screen.result_view.result_id == result_id:
            _show_again(screen, new_id)
        screen.notify(said)

    screen.run_worker(work, thread=True, group="change-result")


def _rate(screen: ReadingScreen, _point: int) -> None:
    """Ask what the user thinks of it."""
    result_id = _id(screen)
    stored = screen.shell.library.result(result_id)
    last = stored.feedback[-1] if stored.feedback else None

    def keep(rating: Rating | None) -> None:
        if rating is not None:
            _told(screen, partial(_kept_rating, screen, result_id, rating))

    form = RateForm(last.rating if last else 0, last.note if last else "")
    screen.app.push_screen(form, keep)


def _kept_rating(screen: ReadingScreen, result_id: int, rating: Rating) -> None:
    screen.shell.library.rate(result_id, rating.rating, rating.note)
    _show_again(screen, result_id)
    screen.notify(_("rated {rating} of 5").format(rating=rating.rating))


def _copy(screen: ReadingScreen, _point: int) -> None:
    """Copy the whole result as text."""
    result, _result_id = _shown(screen)
    text = rendered(result, "text")
    screen.app.copy_to_clipboard(encodable(text))
    screen.notify(_("copied {count} characters").format(count=len(text)))


def _export(screen: ReadingScreen, _point: int) -> None:
    """Ask where to, and write it."""
    result, _result_id = _shown(screen)
    name = f"{Path(result.article.path).stem}.{result.template.name}"

    def write(answer: tuple[Path, str] | None) -> None:
        if answer is not None:
            _told(screen, partial(_written, screen, result, *answer))

    heading = _("Export this result")
    formats = {name: FORMATS[name] for name in ("markdown", "text", "json")}
    screen.app.push_screen(ExportDialog(heading, name, formats), write)


def _written(screen: ReadingScreen, result: Result, path: Path, format: str) -> None:
    text = as_json(result, indent=2) if format == "json" else rendered(result, format)
    try:
        write_atomically(path, text)
    except OSError as error:
        raise WorkbenchError(
            _("cannot be written: {reason}").format(reason=error.strerror or error),
            path=path,
            fix=_("Choose another place."),
        ) from error
    screen.notify(_("wrote {path}").format(path=path))


def _earlier(screen: ReadingScreen, _point: int) -> None:
    """List the results of the article, to show one or two of them."""
    results = screen.look_up_results()
    if not results:
        screen.notify(_("there is no result of this article yet"))
        return

    def show(chosen: Chosen | None) -> None:
        if chosen is None:
            return
        found = [one for number in chosen.result_ids for one in results if one.id == number]
        if len(found) == 2:
            screen.app.push_screen(BesideScreen(found))
        elif found:
            screen.show_stored(found[0])

    screen.app.push_screen(EarlierForm(results, screen.result_view.result_id), show)


def _beside(screen: ReadingScreen, _point: int) -> None:
    """Show the result with the latest other one; with more than one other, ask which."""
    results = screen.look_up_results()
    now = screen.result_view.result_id
    others = [one for one in results if one.id != now]
    mine = [one for one in results if one.id == now]
    if not others or not mine:
        screen.notify(_("there is no other result of this article; write one with r"))
    elif len(others) == 1:
        screen.app.push_screen(BesideScreen([*others, *mine]))
    else:
        _earlier(screen, -1)


def _show_again(screen: ReadingScreen, result_id: int) -> None:
    stored = screen.shell.library.result(result_id)
    screen.look_up_results()
    screen.show_stored(stored, keep_place=True)


def _shown(screen: ReadingScreen) -> tuple[Result, int]:
    result = screen.result_view.result
    if result is None:
        raise WorkbenchError(_("this is done with summaries; open its own screen for the rest"))
    return result, _id(screen)


def _id(screen: ReadingScreen) -> int:
    result_id = screen.result_view.result_id
    if result_id is None:
        raise WorkbenchError(_("this result was not kept in the library"))
    return result_id


def _told(screen: ReadingScreen, deed: Callable[[], None]) -> None:
    try:
        deed()
    except WorkbenchError as error:
        screen.notify(str(error), severity="error")


_DEEDS: dict[str, Callable[[ReadingScreen, int], None]] = {
    "regenerate": _regenerate,
    "edit": _edit,
    "edit_outside": _edit_outside,
    "remove": _remove,
    "rate": _rate,
    "copy": _copy,
    "export": _export,
    "earlier": _earlier,
    "beside": _beside,
}
