"""Asking whether to do what cannot be undone."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button

from workbench.i18n import _
from workbench.tui.dialogs.frame import Dialog
from workbench.tui.widgets.said import Said


class ConfirmDialog(Dialog[bool]):
    """Returns True where it is to be done; the button that does nothing has the focus."""

    def __init__(self, title: str, said: str, verb: str) -> None:
        super().__init__()
        self._heading, self._said, self._verb = title, said, verb

    def compose(self) -> ComposeResult:
        """What will happen, and two buttons."""
        with Vertical(classes="dialog") as box:
            box.border_title = self._heading
            yield Said(self._said)
            with Horizontal(classes="dialog-buttons"):
                yield Button(_("Leave it"), id="confirm-no")
                yield Button(self._verb, id="confirm-yes", variant="error")

    @on(Button.Pressed)
    def _answered(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "confirm-yes")
