"""Setting Chinese text in lines of terminal cells: pure, knows nothing of Textual."""

from workbench.tui.typeset.breaking import break_text
from workbench.tui.typeset.cells import shown, width_of
from workbench.tui.typeset.page import Line, Page, typeset
from workbench.tui.typeset.shown_text import Kind, Paragraph, ShownText, shown_text

__all__ = [
    "Kind",
    "Line",
    "Page",
    "Paragraph",
    "ShownText",
    "break_text",
    "shown",
    "shown_text",
    "typeset",
    "width_of",
]
