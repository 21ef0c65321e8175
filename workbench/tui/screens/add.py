"""Adding articles: files, folders or patterns, typed with completion or dropped on the terminal."""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Paste
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, ProgressBar, Static

from workbench.desk import adding
from workbench.desk.adding import Added, AddEvent, AddFailed, AddProgress
from workbench.errors import LibraryError
from workbench.i18n import N_, _
from workbench.tui.while_there import while_there
from workbench.tui.widgets.said import Said

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

_MOST_FAILURES = 200
SEPARATOR = " ; "


class PathInput(Input):
    """A line for paths; files dropped on the terminal come as text that is made into paths."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", N_("Complete"), id="add.complete", priority=True),
    ]

    def on_paste(self, event: Paste) -> None:
        """Take what a terminal pastes for dropped files as paths, one a line."""
        found = adding.pasted(event.text)
        if len(found) > 1 or (found and found[0] != event.text.strip()):
            event.prevent_default()
            event.stop()
            self.insert_text_at_cursor(SEPARATOR.join(found))

    def action_complete(self) -> None:
        """Complete the path as far as that is sure."""
        begun, separator, last = self.value.rpartition(SEPARATOR)
        found = adding.completed(last)
        if found:
            self.value = begun + separator + _common(found)
            self.cursor_position = len(self.value)


def _common(found: list[str]) -> str:
    """Return what all paths begin with."""
    first, last = min(found), max(found)
    size = 0
    while size < min(len(first), len(last)) and first[size] == last[size]:
        size += 1
    return first[:size]


class AddScreen(ModalScreen[None]):
    """Asks for paths, takes them in on a thread, and tells of each file that fails."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", N_("Stop, or leave"), id="add.leave"),
    ]
    DEFAULT_CSS = """
    AddScreen {
        align: center middle;
        & > Vertical {
            width: 90;
            max-width: 96%;
            height: auto;
            max-height: 90%;
            border: round $primary;
            border-title-style: bold;
            background: $surface;
            padding: 0 1;
        }
        & Input { margin: 1 0 0 0; background: $boost; }
        & #add-offers { height: auto; max-height: 8; border: none; display: none; }
        & #add-said { color: $text-muted; height: auto; max-height: 3; }
        & #add-failed { height: auto; max-height: 8; border: none; color: $error; display: none; }
        & ProgressBar { display: none; }
        & ProgressBar.-shown, & #add-offers.-shown, & #add-failed.-shown { display: block; }
    }
    """

    def __init__(self, paths: Sequence[str] = ()) -> None:
        super().__init__()
        self._begun = SEPARATOR.join(paths)
        self._stop = threading.Event()
        self._busy = False
        self._failures = 0

    @property
    def shell(self) -> "WorkbenchApp":
        """Return the app."""
        return cast("WorkbenchApp", self.app)

    def compose(self) -> ComposeResult:
        """The line, what it may be completed to, how far it is, what failed."""
        with Vertical() as box:
            box.border_title = _("Add articles")
            yield PathInput(
                self._begun,
                placeholder=_("a file, a folder, or a pattern such as *.txt"),
                compact=True,
                select_on_focus=False,
            )
            yield OptionList(id="add-offers")
            yield ProgressBar(show_eta=False)
            yield Said(
                _("Tab completes. Drop files here, several separated by “ ; ”. Enter adds them."),
                id="add-said",
            )
            yield OptionList(id="add-failed", markup=False)

    @on(Input.Changed)
    def _offer(self, event: Input.Changed) -> None:
        last = event.value.rpartition(SEPARATOR)[2]
        found = adding.completed(last) if last else []
        offers = self.query_one("#add-offers", OptionList)
        offers.clear_options()
        offers.add_options(found[:20])
        offers.set_class(bool(found) and found != [last], "-shown")

    @on(OptionList.OptionSelected, "#add-offers")
    def _take_offer(self, event: OptionList.OptionSelected) -> None:
        line = self.query_one(PathInput)
        begun, separator, _last = line.value.rpartition(SEPARATOR)
        line.value = begun + separator + str(event.option.prompt)
        line.cursor_position = len(line.value)
        line.focus()

    @on(Input.Submitted)
    def _add(self, event: Input.Submitted) -> None:
        inputs = [one.strip() for one in event.value.split(SEPARATOR) if one.strip()]
        if not inputs or self._busy:
            return
        self._busy = True
        self._stop.clear()
        self.query_one("#add-offers").remove_class("-shown")
        self.query_one(ProgressBar).add_class("-shown")
        self._take_in(inputs)

    @work(thread=True, group="add")
    def _take_in(self, inputs: list[str]) -> None:
        said = ""
        added = Added()
        try:
            added = adding.add(self.shell.library, inputs, self._hear, self._is_over)
        except LibraryError as error:
            said = str(error)
        if self.shell.is_running:
            self.app.call_from_thread(self._ended, added, said)

    def _is_over(self) -> bool:
        """Say whether the user stopped it or closed the app; on another screen it goes on."""
        return self._stop.is_set() or not self.shell.is_running

    def _hear(self, event: AddEvent) -> None:
        if not self._is_over():
            self.app.call_from_thread(self._show, event)

    @while_there
    def _show(self, event: AddEvent) -> None:
        if isinstance(event, AddProgress):
            self.query_one(ProgressBar).update(total=event.total or None, progress=event.done)
            self.query_one("#add-said", Static).update(event.name)
        elif isinstance(event, AddFailed):
            self._failures += 1
            if self._failures <= _MOST_FAILURES:
                failed = self.query_one("#add-failed", OptionList)
                failed.add_option(event.line)
                failed.add_class("-shown")

    def _ended(self, added: Added, error: str) -> None:
        self._busy = False
        said = error or _("{new} added, {known} were here already, {failed} failed").format(
            new=len(added.new), known=added.known, failed=len(added.failed)
        )
        self.shell.library_changed()
        if not self.is_mounted or not (error or added.failed):
            self.app.notify(said, severity="error" if error or added.failed else "information")
        if not self.is_mounted:
            return
        if error or added.failed:
            self.query_one("#add-said", Static).update(said)
            self.query_one(ProgressBar).remove_class("-shown")
        else:
            self.dismiss()

    def action_leave(self) -> None:
        """Stop what goes on; with nothing going on, leave."""
        if self._busy:
            self._stop.set()
            self.query_one("#add-said", Static).update(_("stopping after this file"))
        else:
            self.dismiss()
