"""The library pane: words to look for, the articles, how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from workbench.desk.shelves import (
    MOST_FOUND,
    ORDERS,
    STATUSES,
    ArticleRow,
    Shelf,
    count,
    ids_of,
    looked_up,
    rows,
)
from workbench.errors import LibraryError, WorkbenchError
from workbench.i18n import N_, _
from workbench.store.library import Library
from workbench.tui.widgets.article_table import ArticleTable

_SETTLE_SECONDS = 0.15
_AGAIN_SECONDS = 2.0


class LibraryPane(Vertical):
    """Shows a shelf of the library; looks again when told that something changed."""

    DEFAULT_CSS = """
    LibraryPane {
        height: 1fr;
        & > Input { padding: 0 1; background: $boost; }
        & > #library-line { height: 1; padding: 0 1; color: $text-muted; }
        & > #library-empty { height: 1fr; padding: 1 2; color: $text-muted; display: none; }
        &.-empty > #library-empty { display: block; }
        &.-empty > ArticleTable { display: none; }
        &.-failed > #library-line { color: $error; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash,ctrl+f", "search", N_("Search"), id="library.search"),
        Binding("o", "next_order", N_("Order"), show=False, id="library.order"),
        Binding("f", "next_status", N_("Status"), show=False, id="library.status"),
        Binding("escape", "clear", N_("Leave the search"), show=False, id="library.clear"),
    ]

    @dataclass
    class Opened(Message):
        """An article is to be opened."""

        article_id: int

    @dataclass
    class Marked(Message):
        """Other articles are marked than before."""

        article_ids: tuple[int, ...]

    @dataclass
    class LookedUp(Message, bubble=False):
        """A shelf was looked up on a thread, or could not be."""

        shelf: Shelf
        total: int
        error: str
        keep_place: bool

    def __init__(self, library: Library, id: str | None = None) -> None:
        super().__init__(id=id)
        self._library = library
        self.shelf = Shelf()
        self._timer: Timer | None = None

    @property
    def table(self) -> ArticleTable:
        """Return the table of articles."""
        return self.query_one(ArticleTable)

    def compose(self) -> ComposeResult:
        """The words, the table or what to do where it is empty, and a line about it."""
        yield Input(
            placeholder=_("Search the text, in either script"), id="library-words", compact=True
        )
        yield ArticleTable(id="library-table")
        yield Static("", id="library-empty", markup=False)
        yield Static("", id="library-line", markup=False)

    def on_mount(self) -> None:
        """Show what there is."""
        self.look_again()
        self.table.focus()

    def focus_rows(self) -> None:
        """Put the keys into the table."""
        self.table.focus()

    # Looking up.

    def look_again(self, *, keep_place: bool = True) -> None:
        """Look the shelf up anew, on a thread; the latest wish counts."""
        words = self.query_one("#library-words", Input).value
        self.run_worker(
            partial(self._look_up, self.shelf, words, keep_place),
            thread=True,
            exclusive=True,
            group="look-up",
        )

    def _look_up(self, shelf: Shelf, words: str, keep_place: bool) -> None:
        error = ""
        total = 0
        try:
            shelf = looked_up(self._library, shelf, words)
            total = count(self._library, shelf)
        except WorkbenchError as problem:
            error = str(problem)
            if isinstance(problem, LibraryError):
                self.app.call_from_thread(self._try_later)
        self.post_message(self.LookedUp(shelf, total, error, keep_place))

    def _try_later(self) -> None:
        self.set_timer(_AGAIN_SECONDS, self.look_again)

    def on_library_pane_looked_up(self, message: "LibraryPane.LookedUp") -> None:
        """Show what was found."""
        self.set_class(bool(message.error), "-failed")
        line = self.query_one("#library-line", Static)
        if message.error:
            line.update(message.error)
            return
        self.shelf = message.shelf
        self.table.set_shelf(message.total, self._fetch, keep_place=message.keep_place)
        self.set_class(not message.total, "-empty")
        self.query_one("#library-empty", Static).update(self._nothing())
        self._tell()

    def _fetch(self, limit: int, offset: int) -> Sequence[ArticleRow]:
        try:
            return rows(self._library, self.shelf, limit, offset)
        except LibraryError as error:
            self.query_one("#library-line", Static).update(str(error))
            self._try_later()
            return ()

    def _nothing(self) -> str:
        if self.query_one("#library-words", Input).value.strip():
            return _("No article holds these words.")
        if self.shelf.status or self.shelf.folder:
            return _("No article is so. Press f or escape to see the others.")
        return _("There is no article yet. Press a to add files or folders.")

    def _tell(self) -> None:
        said = [_("{count:,} articles").format(count=self.table.total)]
        if self.shelf.found is not None and len(self.shelf.found) >= MOST_FOUND:
            said = [_("the {count:,} best").format(count=MOST_FOUND)]
        if self.table.marked:
            said.append(_("{count:,} marked").format(count=len(self.table.marked)))
        if self.shelf.status:
            said.append(_(STATUSES[self.shelf.status]))
        if self.shelf.folder:
            said.append(self.shelf.folder)
        if self.shelf.order != "added":
            said.append(_("by {order}").format(order=_(_ORDER_NAMES[self.shelf.order])))
        self.query_one("#library-line", Static).update(" · ".join(said))

    # What the user does.

    @on(Input.Changed, "#library-words")
    def _typed(self, _event: Input.Changed) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_SETTLE_SECONDS, partial(self.look_again, keep_place=False))

    @on(Input.Submitted, "#library-words")
    def _to_rows(self, _event: Input.Submitted) -> None:
        self.focus_rows()

    @on(ArticleTable.Opened)
    def _open(self, message: ArticleTable.Opened) -> None:
        message.stop()
        self.post_message(self.Opened(message.article_id))

    @on(ArticleTable.MarkedChanged)
    def _mark(self, message: ArticleTable.MarkedChanged) -> None:
        message.stop()
        self._tell()
        self.post_message(self.Marked(message.article_ids))

    @on(ArticleTable.MarkAll)
    def _mark_all(self, message: ArticleTable.MarkAll) -> None:
        message.stop()
        try:
            self.table.set_marked(ids_of(self._library, self.shelf, -1))
        except LibraryError as error:
            self.notify(str(error), severity="error")

    def action_search(self) -> None:
        """Type words."""
        self.query_one("#library-words", Input).focus()

    def action_clear(self) -> None:
        """Leave the search and the filters."""
        words = self.query_one("#library-words", Input)
        self.shelf = Shelf(order=self.shelf.order)
        if words.value:
            words.value = ""
        else:
            self.look_again(keep_place=False)
        self.focus_rows()

    def action_next_order(self) -> None:
        """Order by the next column."""
        names = list(ORDERS)
        order = names[(names.index(self.shelf.order) + 1) % len(names)]
        self.shelf = Shelf(self.shelf.filters, self.shelf.status, self.shelf.folder, order)
        self.look_again(keep_place=False)

    def action_next_status(self) -> None:
        """Show articles of the next status only."""
        names = ["", *STATUSES]
        status = names[(names.index(self.shelf.status) + 1) % len(names)]
        self.shelf = Shelf(self.shelf.filters, status, self.shelf.folder, self.shelf.order)
        self.look_again(keep_place=False)


_ORDER_NAMES = {
    "added": N_("time added"),
    "date": N_("date"),
    "title": N_("title"),
    "source": N_("source"),
    "length": N_("length"),
}
