"""Asking for a line of text."""

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from workbench.i18n import _
from workbench.tui.screens.form import Form


class TextForm(Form[str]):
    """Returns the line that was written; an empty one is no answer."""

    def __init__(self, form_title: str, value: str = "") -> None:
        super().__init__(form_title, _("Enter takes it · Esc leaves"))
        self._value = value

    def fields(self) -> ComposeResult:
        """One field."""
        yield Input(self._value, compact=True)

    @on(Input.Submitted)
    def _given(self, event: Input.Submitted) -> None:
        event.stop()
        if given := event.value.strip():
            self.dismiss(given)
        else:
            self.complain(_("write something, or leave with Esc"))
