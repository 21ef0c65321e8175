"""The table of jobs: what does not fit is left out, the columns take what room there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip

from workbench.desk.job import Job
from workbench.desk.queue_rows import QueueRow
from workbench.i18n import N_

_STATE, _TASK, _MODEL = 9, 24, 20
_ROOM_FOR_STATE, _ROOM_FOR_TASK, _ROOM_FOR_MODEL = 60, 110, 130
_SAID, _MOST_SAID = 0.58, 56
"""The share of what is left for the title and what is said of a job, and its most."""


class JobTable(ScrollView, can_focus=True):
    """Shows rows; the cursor stays with its job when rows come and go."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "jobs--cursor",
        "jobs--muted",
        "jobs--running",
        "jobs--failed",
    }
    DEFAULT_CSS = """
    JobTable {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .jobs--cursor { background: $panel; }
        &:focus > .jobs--cursor { background: $citation; color: $citation-text; }
        & > .jobs--muted { color: $text-muted; }
        & > .jobs--running { color: $primary; }
        & > .jobs--failed { color: $unsupported; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "go_to(-1)", N_("Up"), show=False, id="jobs.up"),
        Binding("down,j", "go_to(1)", N_("Down"), show=False, id="jobs.down"),
        Binding("pageup", "page(-1)", N_("A screen up"), show=False, id="jobs.page_up"),
        Binding("pagedown", "page(1)", N_("A screen down"), show=False, id="jobs.page_down"),
        Binding("home,g", "end(0)", N_("First"), show=False, id="jobs.first"),
        Binding("end,G", "end(-1)", N_("Last"), show=False, id="jobs.last"),
        Binding("enter", "open", N_("Open"), id="jobs.open"),
    ]

    cursor: var[int] = var(0)

    @dataclass
    class Moved(Message):
        """The cursor is on another job, or the job is in another state."""

    @dataclass
    class Opened(Message):
        """A job was chosen."""

        job: Job

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: Sequence[QueueRow] = ()

    @property
    def chosen(self) -> Job | None:
        """Return the job at the cursor."""
        return self.rows[self.cursor].job if 0 <= self.cursor < len(self.rows) else None

    def show_rows(self, rows: Sequence[QueueRow]) -> None:
        """Show these rows."""
        before = self.chosen
        self.rows = rows
        self.virtual_size = Size(0, len(rows))
        places = [number for number, row in enumerate(rows) if before and row.job.id == before.id]
        self.cursor = places[0] if places else max(0, min(self.cursor, len(rows) - 1))
        self.refresh()
        if self.chosen != before:
            self.post_message(self.Moved())

    def validate_cursor(self, number: int) -> int:
        """Keep the cursor on a row."""
        return max(0, min(number, len(self.rows) - 1))

    def watch_cursor(self, _before: int, now: int) -> None:
        """Keep the cursor in sight."""
        self.scroll_to_region(Region(0, now, 1, 1), animate=False)
        self.refresh()
        self.post_message(self.Moved())

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        number = int(self.scroll_offset.y) + y
        width = self.scrollable_content_region.width
        if number >= len(self.rows):
            return Strip.blank(width, self.rich_style)
        row = self.rows[number]
        base = self.rich_style
        if number == self.cursor:
            base = self.get_component_rich_style("jobs--cursor")
        return Strip(self._cells(row, width, base), width)

    def _cells(self, row: QueueRow, width: int, base: Style) -> list[Segment]:
        kind = {"running": "running", "failed": "failed"}.get(row.job.state)
        lively = self.get_component_rich_style(f"jobs--{kind}", partial=True) if kind else Style()
        ended = row.job.state in ("done", "cancelled")
        quiet = base
        if base == self.rich_style:
            quiet = self.get_component_rich_style("jobs--muted")
        head = f" {row.mark} "
        if width >= _ROOM_FOR_STATE:
            head += set_cell_size(row.state, _STATE) + " "
        tail = ""
        if width >= _ROOM_FOR_TASK:
            tail += " " + fitted(row.task, _TASK)
        if width >= _ROOM_FOR_MODEL:
            tail += " " + fitted(row.model, _MODEL)
        room = max(0, width - cell_len(head) - cell_len(tail) - 1)
        said = min(_MOST_SAID, int(room * _SAID))
        return [
            Segment(head, base + lively),
            Segment(fitted(row.title, room - said), quiet if ended else base),
            Segment(" " + fitted(row.said, said), quiet + lively),
            Segment(tail, quiet),
        ]

    def on_click(self, event: events.Click) -> None:
        """Go to a row; open it on the second click."""
        number = int(self.scroll_offset.y) + event.y
        if number < len(self.rows):
            self.cursor = number
            if event.chain >= 2:
                self.action_open()

    def action_go_to(self, by: int) -> None:
        """Move the cursor."""
        self.cursor += by

    def action_page(self, by: int) -> None:
        """Move by a screen."""
        self.cursor += by * max(1, self.size.height - 1)

    def action_end(self, number: int) -> None:
        """Go to the first row or the last."""
        self.cursor = len(self.rows) - 1 if number else 0

    def action_open(self) -> None:
        """Open what the job at the cursor is about."""
        if self.chosen is not None:
            self.post_message(self.Opened(self.chosen))


def fitted(text: str, cells: int) -> str:
    """Return a text of so many cells, with dots where it was cut."""
    if cell_len(text) <= cells:
        return set_cell_size(text, cells)
    return set_cell_size(set_cell_size(text, max(0, cells - 2)).rstrip() + "..", cells)
