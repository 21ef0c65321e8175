"""Rows of a result set in lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.articles.script import Conversion
from workbench.tui.reading.rows import Row, RowKind
from workbench.tui.typeset.breaking import break_text
from workbench.tui.typeset.cells import width_of
from workbench.tui.typeset.page import BLANK, Line, Page
from workbench.tui.typeset.shown_text import Kind, Paragraph

_ROOMY = 36
"""From this width on there is a blank line between points."""
_STEP = 2
_NARROW = 16


@dataclass(frozen=True)
class ResultPage:
    """The lines of a result, the rows they show, and the first line of each row."""

    page: Page
    rows: Sequence[Row]

    def line_of(self, row: int) -> int:
        """Return the first line of a row."""
        return self.page.first_lines[row]

    def lines_of(self, row: int) -> range:
        """Return the lines of a row."""
        first = last = self.page.first_lines[row]
        while last < len(self.page.lines) and self.page.lines[last].paragraph == row:
            last += 1
        return range(first, last)


def set_rows(rows: Sequence[Row], width: int) -> ResultPage:
    """Set rows in lines of ``width`` cells; what follows a number hangs beside it."""
    lines: list[Line] = []
    first_lines: list[int] = []
    paragraphs = []
    for number, row in enumerate(rows):
        if number and _is_apart(rows[number - 1], row, width):
            lines.append(BLANK)
        text = f"{row.text} {row.tail}" if row.tail else row.text
        indent = 0 if width < _NARROW else row.depth * _STEP + width_of(row.lead)
        first_lines.append(len(lines))
        for start, end in break_text(text, width, indent, indent):
            lines.append(Line(number, start, end, indent))
        if len(lines) == first_lines[-1]:
            lines.append(Line(number, 0, 0, indent))
        paragraphs.append(Paragraph(Kind.BODY, text, ()))
    return ResultPage(Page(width, paragraphs, lines, first_lines, Conversion("")), rows)


def _is_apart(previous: Row, row: Row, width: int) -> bool:
    """Say whether a blank line comes between two rows."""
    if row.kind is RowKind.REMARK:
        return False
    if row.kind is RowKind.FIELD and row.depth:
        return False
    if RowKind.ABOUT in (previous.kind, row.kind):
        return previous.kind is not row.kind
    return width >= _ROOMY or row.kind is not previous.kind
