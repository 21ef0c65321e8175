"""What was told in toasts, to be read again."""

from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from workbench.i18n import N_, _
from workbench.tui.dialogs.frame import Dialog

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

MOST_TOLD = 1000


class Told(NamedTuple):
    """A toast: the time of day, ``information``, ``warning`` or ``error``, and what it said."""

    at: str
    severity: str
    text: str


_MARKS = {"information": " ", "warning": "!", "error": "x"}
_STYLES = {"information": "", "warning": "bold", "error": "bold"}


class LogScreen(Dialog[None]):
    """Shows what was told, the latest last."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "leave", N_("Leave"), show=False, id="log.leave"),
        Binding("y", "copy", N_("Copy all"), id="log.copy"),
    ]
    DEFAULT_CSS = """
    LogScreen {
        & #log-lines { height: auto; max-height: 100%; }
        & Static { height: auto; }
        & .-error { color: $error; }
        & .-warning { color: $warning; }
    }
    """

    @property
    def told(self) -> list[Told]:
        """Return what was told."""
        return list(cast("WorkbenchApp", self.app).told)

    def compose(self) -> ComposeResult:
        """A line for each."""
        with Vertical(classes="dialog") as box:
            box.border_title = _("Log")
            with VerticalScroll(id="log-lines"):
                if not self.told:
                    yield Static(_("Nothing was told yet."), classes="dialog-said")
                for one in self.told:
                    yield Static(_line(one), classes=f"-{one.severity}")

    def on_mount(self) -> None:
        """Begin at the latest."""
        lines = self.query_one("#log-lines", VerticalScroll)
        lines.focus()
        lines.scroll_end(animate=False)

    def action_copy(self) -> None:
        """Copy all that was told."""
        self.app.copy_to_clipboard("\n".join(_line(one).plain for one in self.told))


def _line(one: Told) -> Text:
    text = f"{one.at} {_MARKS.get(one.severity, ' ')} {one.text}"
    return Text(text, style=_STYLES.get(one.severity, ""))
