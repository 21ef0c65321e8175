"""The text of a template, with the line standing out on which something is wrong."""

from typing import ClassVar

from rich.text import Text
from textual.widgets import TextArea


class TemplateText(TextArea):
    """A text with numbered lines; it is only looked at until it is made editable."""

    DEFAULT_CSS = """
    TemplateText {
        & > .template--wrong { color: $error; text-style: underline; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"template--wrong"}

    def __init__(self, id: str | None = None) -> None:
        super().__init__("", id=id, show_line_numbers=True, soft_wrap=True, read_only=True)
        self._wrong = 0

    def mark(self, number: int) -> None:
        """Let a line stand out, counted from 1; 0 for none."""
        if number != self._wrong:
            self._wrong = number
            self._line_cache.clear()
            self.refresh()

    def get_line(self, line_index: int) -> Text:
        """Return a line, as Textual asks for it."""
        line = super().get_line(line_index)
        if line_index == self._wrong - 1:
            line.stylize(self.get_component_rich_style("template--wrong", partial=True))
        return line
