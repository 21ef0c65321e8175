"""What is done with articles of the library: tags, collections, removal; on threads, told after."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, cast

from workbench.errors import LibraryError, WorkbenchError
from workbench.i18n import _
from workbench.store.library import Library
from workbench.tui.dialogs.choose import Choice, ChooseDialog
from workbench.tui.dialogs.confirm import ConfirmDialog
from workbench.tui.dialogs.text import TextDialog

if TYPE_CHECKING:
    from textual.widget import Widget

    from workbench.tui.app import WorkbenchApp

Deed = Callable[[Library], str]
"""Changes the library and returns what to tell."""


def tag(widget: "Widget", article_ids: Sequence[int]) -> None:
    """Ask for tags, and put them on articles; ``-name`` takes one off."""
    said = _("Separated by spaces; a minus before a name takes that tag off.")

    def given(line: str | None) -> None:
        if line:
            names = line.split()
            on = [name for name in names if not name.startswith("-")]
            off = [name[1:] for name in names if name.startswith("-")]
            _carry_out(widget, partial(_tagged, article_ids, on, off))

    title = _("Tags of {count} articles").format(count=len(article_ids))
    widget.app.push_screen(TextDialog(title, said=said), given)


def _tagged(
    article_ids: Sequence[int], on: Sequence[str], off: Sequence[str], library: Library
) -> str:
    with library.writing():
        put = sum(library.tag(one, on) for one in article_ids) if on else 0
        taken = sum(library.untag(one, off) for one in article_ids) if off else 0
    return _("{put} tags put on, {taken} taken off").format(put=put, taken=taken)


def collect(widget: "Widget", article_ids: Sequence[int]) -> None:
    """Ask for a collection, an old one or a new one, and put articles into it."""
    try:
        names = list(_library(widget).collections().items())
    except LibraryError as error:
        widget.app.notify(str(error), severity="error")
        return
    if not names:
        _ask_for_new(widget, article_ids)
        return
    choices = [
        Choice(place, name, _("{count} articles").format(count=number))
        for place, (name, number) in enumerate(names)
    ]
    choices.append(Choice(-1, _("a new one …")))

    def chosen(place: int | None) -> None:
        if place is None:
            return
        if place < 0:
            _ask_for_new(widget, article_ids)
        else:
            _carry_out(widget, partial(_collected, article_ids, names[place][0]))

    widget.app.push_screen(ChooseDialog(_("Into which collection?"), choices, ""), chosen)


def _ask_for_new(widget: "Widget", article_ids: Sequence[int]) -> None:
    def given(name: str | None) -> None:
        if name:
            _carry_out(widget, partial(_collected, article_ids, name))

    widget.app.push_screen(TextDialog(_("Name of the collection")), given)


def _collected(article_ids: Sequence[int], name: str, library: Library) -> str:
    number = library.collect(name, article_ids)
    return _("{count} articles put into {name}").format(count=number, name=name)


def uncollect(widget: "Widget", name: str, article_ids: Sequence[int]) -> None:
    """Take articles out of a collection."""
    _carry_out(widget, partial(_uncollected, article_ids, name))


def _uncollected(article_ids: Sequence[int], name: str, library: Library) -> str:
    number = library.uncollect(name, article_ids)
    return _("{count} articles taken out of {name}").format(count=number, name=name)


def remove(
    widget: "Widget", article_ids: Sequence[int], title: str, done: Callable[[], None]
) -> None:
    """Ask, then remove articles and the results about them; their files stay."""
    what = title if len(article_ids) == 1 else ""
    what = what or _("{count} articles").format(count=len(article_ids))

    def answered(yes: bool | None) -> None:
        if yes:
            _carry_out(widget, partial(_removed, article_ids), done)

    said = _("{what}: taken out of the library with all results about it. Files stay.")
    dialog = ConfirmDialog(_("Remove?"), said.format(what=what), _("Remove"))
    widget.app.push_screen(dialog, answered)


def _removed(article_ids: Sequence[int], library: Library) -> str:
    with library.writing():
        results = sum(library.remove(one).results for one in article_ids)
    return _("{count} articles and {results} results removed").format(
        count=len(article_ids), results=results
    )


def _library(widget: "Widget") -> Library:
    return cast("WorkbenchApp", widget.app).library


def _carry_out(widget: "Widget", deed: Deed, done: Callable[[], None] | None = None) -> None:
    app = cast("WorkbenchApp", widget.app)

    def run() -> None:
        try:
            said = deed(app.library)
        except WorkbenchError as error:
            app.call_from_thread(partial(app.notify, str(error), severity="error"))
            return
        app.call_from_thread(_told, app, said, done)

    app.run_worker(run, thread=True, group="library-deed")


def _told(app: "WorkbenchApp", said: str, done: Callable[[], None] | None) -> None:
    app.notify(said)
    if done is not None:
        done()
    app.library_changed()
