"""The table of claims: a row for each claim or fact, a column for each article."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events, on
from textual.geometry import Offset
from textual.message import Message
from textual.widgets import DataTable

from workbench.i18n import _
from workbench.tasks.compare.comparison import Cell, Comparison, Row
from workbench.tui.widgets.claim_cells import cell_text, heading_text, height_of, subject_text
from workbench.tui.widgets.flowing import style_of

_NARROWEST, _WIDEST = 24, 44
_SUBJECT = 18
_HEAD_LINES = 2
_PADDING = 1


class ClaimTable(DataTable[Text]):
    """Shows rows of a comparison; columns that do not fit scroll sideways, the first one stays."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "claim--agree",
        "claim--differ",
        "claim--changes",
        "claim--alone",
        "claim--silent",
        "claim--value",
        "claim--quiet",
        "claim--plain",
    }
    DEFAULT_CSS = """
    ClaimTable {
        height: 1fr;
        & > .claim--agree { color: $supported; }
        & > .claim--differ { color: $differs; text-style: bold; }
        & > .claim--changes { color: $warning; text-style: bold; }
        & > .claim--alone { color: $secondary; }
        & > .claim--silent { color: $foreground-muted; }
        & > .claim--value { color: $foreground; text-style: bold; }
        & > .claim--quiet { color: $foreground-muted; }
        & > .claim--plain { color: $foreground; }
    }
    """

    @dataclass
    class Pointed(Message):
        """The cursor came to a cell; ``cell`` is None on the first column."""

        row: Row
        cell: Cell | None

    @dataclass
    class Chosen(Message):
        """A cell is to be opened; on the first column the first one that says something."""

        row: Row
        cell: Cell | None

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            id=id,
            fixed_columns=1,
            header_height=_HEAD_LINES,
            cursor_type="cell",
            cursor_foreground_priority="css",
            cursor_background_priority="css",
        )
        self.cell_padding = _PADDING
        self._comparison: Comparison | None = None
        self._shown: tuple[Row, ...] = ()
        self._laid_out_for = 0
        self._from_the_top = True

    def on_mount(self) -> None:
        """Colours stand in the cells: they are made anew with another theme."""
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._lay_out())

    def show(self, comparison: Comparison, rows: Sequence[Row]) -> None:
        """Show these rows of a comparison, from the top."""
        self._comparison = comparison
        self._shown = tuple(rows)
        self._from_the_top = True
        self._laid_out_for = 0  # a hidden table has no width, and is laid out when it has one again
        self._lay_out()

    @property
    def pointed(self) -> tuple[Row, Cell | None] | None:
        """Return what the cursor is at, None in an empty table."""
        return self._at(self.cursor_row, self.cursor_column)

    def on_resize(self, event: events.Resize) -> None:
        """Columns are as wide as there is room for."""
        if event.size.width != self._laid_out_for:
            self._lay_out()

    def _lay_out(self) -> None:
        if self._comparison is None or not self.size.width:
            return
        self._laid_out_for = self.size.width
        row, column, offset = self.cursor_row, self.cursor_column, self.scroll_offset
        if self._from_the_top:
            row, column, offset = 0, 1, Offset(0, 0)
            self._from_the_top = False
        self.clear(columns=True)
        articles = self._comparison.articles
        width = _column_width(self.size.width, len(articles))
        self.add_column(Text(_("Claim")), width=_SUBJECT, key="subject")
        for number, one in enumerate(articles, start=1):
            heading = heading_text(number, one, width, _HEAD_LINES)
            self.add_column(heading, width=width, key=str(number))
        for number, shown in enumerate(self._shown, start=1):
            cells = [subject_text(number, shown, _SUBJECT, self._style_of)]
            cells += [cell_text(shown, cell, width, self._style_of) for cell in shown.cells]
            self.add_row(*cells, height=height_of(cells) + 1, key=str(number))
        if self._shown:
            self.move_cursor(row=row, column=column, animate=False, scroll=False)
            self.scroll_to(offset.x, offset.y, animate=False)

    def _style_of(self, name: str) -> Style:
        return style_of(self, f"claim--{name}")

    def _at(self, row: int, column: int) -> tuple[Row, Cell | None] | None:
        if not 0 <= row < len(self._shown):
            return None
        found = self._shown[row]
        return found, found.cells[column - 1] if 0 < column <= len(found.cells) else None

    @on(DataTable.CellHighlighted)
    def _pointed(self, event: DataTable.CellHighlighted) -> None:
        event.stop()
        if found := self._at(event.coordinate.row, event.coordinate.column):
            self.post_message(self.Pointed(*found))

    @on(DataTable.CellSelected)
    def _chosen(self, event: DataTable.CellSelected) -> None:
        event.stop()
        if found := self._at(event.coordinate.row, event.coordinate.column):
            row, cell = found
            self.post_message(self.Chosen(row, cell or next(iter(row.saying), None)))


def _column_width(room: int, columns: int) -> int:
    """Share out the room beside the first column; where it is too narrow, columns scroll."""
    left = room - (_SUBJECT + 2 * _PADDING) - 2
    return max(_NARROWEST, min(_WIDEST if columns > 2 else room, left // columns - 2 * _PADDING))
