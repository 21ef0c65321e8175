"""The table of articles: a window on a shelf of any length, of which it asks what it shows."""

from collections.abc import Callable, Sequence
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

from workbench.desk.shelves import FLAGGED, NEW, READ, SUMMARISED, ArticleRow
from workbench.i18n import N_, _

MARKS = {NEW: " ", READ: "o", SUMMARISED: "+", FLAGGED: "!"}
"""A mark of one cell for each status, so that it reads without colours."""
SCRIPTS = {"simplified": N_("简"), "traditional": N_("繁"), "mixed": N_("混"), "other": "  "}
_PAGE = 100
_DATE, _SOURCE, _SCRIPT, _LENGTH = 10, 14, 2, 7
_ROOM_FOR_DATE, _ROOM_FOR_SOURCE, _ROOM_FOR_LENGTH = 34, 62, 50

Fetch = Callable[[int, int], Sequence[ArticleRow]]


class ArticleTable(ScrollView, can_focus=True):
    """Rows of a shelf; ``set_shelf`` gives it their number and what fetches ``limit, offset``."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "articles--cursor",
        "articles--marked",
        "articles--muted",
        "articles--flagged",
        "articles--heading",
    }
    DEFAULT_CSS = """
    ArticleTable {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        & > .articles--cursor { background: $panel; }
        &:focus > .articles--cursor { background: $citation; color: $citation-text; }
        & > .articles--marked { color: $accent; text-style: bold; }
        & > .articles--muted { color: $text-muted; }
        & > .articles--flagged { color: $unsupported; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", N_("Up"), show=False, id="articles.up"),
        Binding("down,j", "move(1)", N_("Down"), show=False, id="articles.down"),
        Binding("pageup", "page(-1)", N_("A screen up"), show=False, id="articles.page_up"),
        Binding("pagedown", "page(1)", N_("A screen down"), show=False, id="articles.page_down"),
        Binding("home,g", "go_to(0)", N_("First"), show=False, id="articles.first"),
        Binding("end,G", "go_to(-1)", N_("Last"), show=False, id="articles.last"),
        Binding("enter", "open", N_("Open"), id="articles.open"),
        Binding("space", "mark", N_("Mark"), id="articles.mark"),
        Binding("asterisk", "mark_all", N_("Mark all"), show=False, id="articles.mark_all"),
        Binding("minus", "unmark", N_("Unmark all"), show=False, id="articles.unmark"),
    ]

    cursor: var[int] = var(0)

    @dataclass
    class Opened(Message):
        """An article was chosen."""

        article_id: int

    @dataclass
    class Highlighted(Message):
        """The cursor is on another article, or on none."""

        row: ArticleRow | None

    @dataclass
    class MarkedChanged(Message):
        """Other articles are marked than before."""

        article_ids: tuple[int, ...]

    @dataclass
    class MarkAll(Message):
        """All articles of the shelf are to be marked."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.total = 0
        self.marked: dict[int, None] = {}
        self._fetch: Fetch = lambda _limit, _offset: ()
        self._pages: dict[int, Sequence[ArticleRow]] = {}

    def set_shelf(self, total: int, fetch: Fetch, *, keep_place: bool = False) -> None:
        """Show another shelf, or the same one as it is now."""
        self.total = total
        self._fetch = fetch
        self._pages.clear()
        self.virtual_size = Size(0, total)
        if not keep_place:
            self.scroll_to(y=0, animate=False)
        place = min(self.cursor, max(0, total - 1)) if keep_place else 0
        if place == self.cursor:
            self.post_message(self.Highlighted(self.row_at(place)))
        else:
            self.cursor = place
        self.refresh()

    def row_at(self, number: int) -> ArticleRow | None:
        """Return a row, fetched with its neighbours where it is not known yet."""
        if not 0 <= number < self.total:
            return None
        page = number // _PAGE
        if page not in self._pages:
            self._pages[page] = self._fetch(_PAGE, page * _PAGE)
        rows = self._pages[page]
        place = number % _PAGE
        return rows[place] if place < len(rows) else None

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        number = int(self.scroll_offset.y) + y
        width = self.scrollable_content_region.width
        row = self.row_at(number)
        if row is None:
            return Strip.blank(width, self.rich_style)
        marked = row.id in self.marked
        base = self.rich_style
        if number == self.cursor:
            base = self.get_component_rich_style("articles--cursor")
        elif marked:
            base = self.get_component_rich_style("articles--marked")
        muted = base + Style(dim=True) if number == self.cursor else base
        if number != self.cursor and not marked:
            muted = self.get_component_rich_style("articles--muted")
        mark = self.get_component_rich_style("articles--flagged", partial=True)
        flagged = base + mark if row.status == FLAGGED else base
        return Strip(_cells(row, width, base, muted, flagged, marked=marked), width)

    def watch_cursor(self, _before: int, now: int) -> None:
        """Keep the cursor in sight, and tell where it is."""
        self.scroll_to_region(Region(0, now, 1, 1), animate=False)
        self.refresh()
        self.post_message(self.Highlighted(self.row_at(now)))

    def on_click(self, event: events.Click) -> None:
        """Go to a row; open it on the second click."""
        number = int(self.scroll_offset.y) + event.y
        if self.row_at(number) is None:
            return
        self.cursor = number
        if event.chain >= 2:
            self.action_open()

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self.action_go_to(max(0, self.cursor + by))

    def action_page(self, by: int) -> None:
        """Move by a screen."""
        self.action_go_to(max(0, self.cursor + by * max(1, self.size.height - 1)))

    def action_go_to(self, number: int) -> None:
        """Go to a row; -1 is the last."""
        last = max(0, self.total - 1)
        self.cursor = last if number == -1 else min(last, number)

    def action_open(self) -> None:
        """Open the article at the cursor."""
        if row := self.row_at(self.cursor):
            self.post_message(self.Opened(row.id))

    def action_mark(self) -> None:
        """Mark the article at the cursor, or take the mark off, and go on."""
        row = self.row_at(self.cursor)
        if row is None:
            return
        if row.id in self.marked:
            del self.marked[row.id]
        else:
            self.marked[row.id] = None
        self.action_move(1)
        self._tell_marked()

    def action_mark_all(self) -> None:
        """Mark all that is shown."""
        self.post_message(self.MarkAll())

    def action_unmark(self) -> None:
        """Take off all marks."""
        self.set_marked(())

    def set_marked(self, article_ids: Sequence[int]) -> None:
        """Mark these articles and no others."""
        self.marked = dict.fromkeys(article_ids)
        self._tell_marked()

    def _tell_marked(self) -> None:
        self.refresh()
        self.post_message(self.MarkedChanged(tuple(self.marked)))


def _cells(
    row: ArticleRow, width: int, base: Style, muted: Style, flagged: Style, *, marked: bool
) -> list[Segment]:
    """Lay out a row: what there is no room for is left out, the title takes what is left."""
    head = [Segment("*" if marked else " ", base), Segment(f"{MARKS[row.status]} ", flagged)]
    tail: list[Segment] = []
    if width >= _ROOM_FOR_SOURCE:
        tail.append(Segment(" " + set_cell_size(row.source, _SOURCE), muted))
    if width >= _ROOM_FOR_DATE:
        tail.append(Segment(" " + set_cell_size(row.date[:_DATE], _DATE), muted))
    tail.append(Segment(" " + set_cell_size(_(SCRIPTS.get(row.script, "  ")), _SCRIPT), muted))
    if width >= _ROOM_FOR_LENGTH:
        tail.append(Segment(f"{row.characters:>{_LENGTH},}"[-_LENGTH - 1 :] + " ", muted))
    taken = sum(cell_len(segment.text) for segment in (*head, *tail))
    title = Segment(set_cell_size(row.title, max(0, width - taken)), base)
    return [*head, title, *tail]
