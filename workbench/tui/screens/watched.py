"""The folders that are watched: which they are, one more, one less."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from workbench.desk.adding import completed
from workbench.errors import WorkbenchError
from workbench.filenames import readable
from workbench.i18n import N_, _
from workbench.tui.dialogs.frame import Dialog
from workbench.tui.screens.add import PathInput
from workbench.tui.typeset.cells import shown
from workbench.tui.widgets.said import Said

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp


class WatchedScreen(Dialog[None]):
    """What comes into these folders is taken into the library while the app runs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("delete", "forget", N_("Watch no longer"), id="watched.forget"),
    ]
    DEFAULT_CSS = """
    WatchedScreen {
        & OptionList { height: auto; max-height: 12; border: none; padding: 0; }
        & Static { height: auto; }
        & .dialog-wrong { display: none; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._folders: list[Path] = []

    @property
    def shell(self) -> "WorkbenchApp":
        """Return the app."""
        return cast("WorkbenchApp", self.app)

    def compose(self) -> ComposeResult:
        """The folders, and a line for one more."""
        with Vertical(classes="dialog") as box:
            box.border_title = _("Watched folders")
            yield PathInput(placeholder=_("a folder to watch; Tab completes"))
            yield Said(classes="dialog-wrong")
            yield OptionList(id="watched-folders")
            yield Said(
                _("Enter watches a folder, Delete in the list ends it; its articles stay."),
                classes="dialog-said",
            )

    def on_mount(self) -> None:
        """Show which there are."""
        self._do(lambda: None)

    def _do(self, deed: Callable[[], object]) -> None:
        """Change something, then show what is watched now; what is wrong is told above."""
        said = self.query_one(".dialog-wrong", Static)
        try:
            deed()
            self._folders = self.shell.watcher.folders()
        except WorkbenchError as error:
            said.update(str(error))
            said.display = True
            return
        said.display = False
        listed = self.query_one("#watched-folders", OptionList)
        listed.clear_options()
        listed.add_options(Option(Text(shown(readable(str(one))))) for one in self._folders)

    @on(Input.Changed)
    def _offer(self, event: Input.Changed) -> None:
        found = [one for one in completed(event.value) if one.endswith("/")]
        event.input.border_subtitle = found[0] if found else ""

    @on(Input.Submitted)
    def _watch(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self._do(partial(self.shell.watcher.watch, Path(event.value.strip())))
            if not self.query_one(".dialog-wrong", Static).display:
                event.input.value = ""

    def action_forget(self) -> None:
        """Watch the chosen folder no longer."""
        place = self.query_one("#watched-folders", OptionList).highlighted
        if place is not None and place < len(self._folders):
            self._do(partial(self.shell.watcher.unwatch, self._folders[place]))
