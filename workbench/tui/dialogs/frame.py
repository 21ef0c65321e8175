"""What all dialogs share: a box in the middle that Escape leaves without an answer."""

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from workbench.i18n import N_

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer | None]):
    """Returns an answer, or None where it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", N_("Leave"), id="dialog.leave")
    ]
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        & > .dialog {
            width: 76;
            max-width: 96%;
            height: auto;
            max-height: 90%;
            padding: 0 1;
            border: round $primary;
            border-title-color: $text;
            border-title-style: bold;
            background: $surface;
        }
        & .dialog-buttons { height: auto; margin: 1 0 0 0; }
        & .dialog-buttons Button { margin: 0 2 0 0; }
        & .dialog-said { color: $text-muted; }
        & .dialog-wrong { color: $error; }
    }
    """

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)
