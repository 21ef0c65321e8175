"""The dated statements of all articles, the earliest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events, on
from textual.message import Message
from textual.widgets import DataTable

from workbench.i18n import _
from workbench.tasks.compare.comparison import Event
from workbench.tui.widgets.flowing import lines_of

_DATE = 10
_PADDING = 1


class TimelineTable(DataTable[Text]):
    """A row for each dated statement: when, what, and which articles say it."""

    DEFAULT_CSS = "TimelineTable { height: 1fr; }"

    @dataclass
    class Pointed(Message):
        """The cursor came to a statement."""

        event: Event

    @dataclass
    class Chosen(Message):
        """A statement is to be opened in its article."""

        event: Event

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            id=id,
            cursor_type="row",
            cursor_foreground_priority="css",
            cursor_background_priority="css",
        )
        self.cell_padding = _PADDING
        self._events: tuple[Event, ...] = ()
        self._articles = 0
        self._laid_out_for = 0
        self._from_the_top = True

    def show(self, found: Sequence[Event], articles: int) -> None:
        """Show dated statements of so many articles, from the top."""
        self._events = tuple(found)
        self._articles = articles
        self._from_the_top = True
        self._laid_out_for = 0  # a hidden table has no width, and is laid out when it has one again
        self._lay_out()

    @property
    def pointed(self) -> Event | None:
        """Return the statement the cursor is at, None where there is none."""
        at = self.cursor_row
        return self._events[at] if 0 <= at < len(self._events) else None

    def on_resize(self, event: events.Resize) -> None:
        """The statements take what room there is."""
        if event.size.width != self._laid_out_for:
            self._lay_out()

    def _lay_out(self) -> None:
        if not self.size.width:
            return
        self._laid_out_for = self.size.width
        row = 0 if self._from_the_top else self.cursor_row
        self._from_the_top = False
        told = min(12, max(8, 3 * self._articles))
        width = max(20, self.size.width - _DATE - told - 6 * _PADDING - 2)
        self.clear(columns=True)
        self.add_column(Text(_("Date")), width=_DATE)
        self.add_column(Text(_("What is said")), width=width)
        self.add_column(Text(_("Articles")), width=told)
        for one in self._events:
            date = lines_of(one.date, _DATE)
            said = lines_of(one.text, width)
            by = lines_of(" ".join(f"[{number}]" for number in one.articles), told)
            self.add_row(
                *(Text("\n".join(lines)) for lines in (date, said, by)),
                height=max(map(len, (date, said, by))),
            )
        if self._events:
            self.move_cursor(row=row, animate=False)

    @on(DataTable.RowHighlighted)
    def _pointed(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        if found := self.pointed:
            self.post_message(self.Pointed(found))

    @on(DataTable.RowSelected)
    def _chosen(self, event: DataTable.RowSelected) -> None:
        event.stop()
        if found := self.pointed:
            self.post_message(self.Chosen(found))
