"""Changing the text of a point or a headline."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from workbench.i18n import N_, _
from workbench.tui.screens.form import Form


class EditForm(Form[str]):
    """Asks for a text in place of the one there is."""

    DEFAULT_CSS = """
    EditForm TextArea { height: 8; border: none; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "keep", N_("Keep"), show=False, priority=True, id="edit.keep"),
    ]

    def __init__(self, text: str, form_title: str = "") -> None:
        super().__init__(
            form_title or _("Edit"),
            _("ctrl+s keeps: facts are checked again by rule, the old text is kept · Esc leaves"),
        )
        self._text = text

    def fields(self) -> ComposeResult:
        """The text."""
        yield TextArea(self._text, soft_wrap=True, id="edit-text")

    def on_mount(self) -> None:
        """Begin at the end of the text."""
        area = self.query_one(TextArea)
        area.move_cursor(area.document.end)
        area.focus()

    def action_keep(self) -> None:
        """Hand the text back, on one line; an empty one is refused."""
        text = " ".join(self.query_one(TextArea).text.split())
        if text:
            self.dismiss(text)
        else:
            self.complain(_("a point needs a text; Esc leaves it as it was"))
