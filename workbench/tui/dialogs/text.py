"""Asking for a line of text."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from workbench.tui.dialogs.frame import Dialog
from workbench.tui.widgets.said import Said


class TextDialog(Dialog[str]):
    """Returns the line that was written; an empty one is no answer."""

    def __init__(self, title: str, value: str = "", said: str = "") -> None:
        super().__init__()
        self._heading, self._value, self._said = title, value, said

    def compose(self) -> ComposeResult:
        """A field, and what may be said of it."""
        with Vertical(classes="dialog") as box:
            box.border_title = self._heading
            if self._said:
                yield Said(self._said, classes="dialog-said")
            yield Input(self._value, select_on_focus=True)

    @on(Input.Submitted)
    def _given(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.dismiss(event.value.strip())
