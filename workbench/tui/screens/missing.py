"""What is shown in place of a screen that this installation does not have."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from workbench.i18n import N_, _
from workbench.tui.widgets.keys_footer import KeysFooter
from workbench.tui.widgets.said import Said


class MissingScreen(Screen[None]):
    """Says which screen is not there, and why."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.show('library')", N_("Library"), id="missing.leave"),
    ]
    DEFAULT_CSS = """
    MissingScreen > Static { padding: 1 2; color: $error; height: 1fr; }
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__()
        self._said = _("The screen “{name}” cannot be opened: {reason}").format(
            name=name, reason=reason
        )

    def compose(self) -> ComposeResult:
        """One line, and the way back."""
        yield Said(self._said)
        yield KeysFooter()
