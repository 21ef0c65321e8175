"""The library pane: words to look for, the articles, how many there are."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from workbench.desk.preview import Preview, preview
from workbench.desk.shelves import (
    MOST_FOUND,
    ORDERS,
    STATUSES,
    ArticleRow,
    Filters,
    Shelf,
    Tree,
    count,
    ids_of,
    looked_up,
    rows,
    sources,
    tree,
)
from workbench.errors import LibraryError, WorkbenchError
from workbench.i18n import N_, _
from workbench.store.library import Library
from workbench.tui.controllers import library_deeds
from workbench.tui.reading.shelf_lines import ORDER_NAMES, filters_said, preview_lines
from workbench.tui.widgets.article_table import ArticleTable
from workbench.tui.widgets.folders import FolderTree
from workbench.tui.widgets.said import Said

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
        &.-empty > ArticleTable { height: 0; }  /* it keeps the keys */
        &.-failed > #library-line { color: $error; height: auto; max-height: 6; }
        & > FolderTree { height: 45%; border-bottom: tall $panel; display: none; }
        &.-tree > FolderTree { display: block; }
        & > #library-preview {
            height: 7;
            padding: 0 1;
            border-top: tall $panel;
            display: none;
        }
        &.-preview > #library-preview { display: block; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash,ctrl+f", "search", N_("Search"), id="library.search"),
        Binding("s", "summarize", N_("Summarise"), id="library.summarize"),
        Binding("d", "toggle_tree", N_("Folders"), show=False, id="library.tree"),
        Binding("f", "filter", N_("Filters"), show=False, id="library.filter"),
        Binding("F", "next_status", N_("Next status"), show=False, id="library.status"),
        Binding("o", "next_order", N_("Order"), show=False, id="library.order"),
        Binding("p", "toggle_preview", N_("Preview"), show=False, id="library.preview"),
        Binding("t", "tag", N_("Tags"), show=False, id="library.tag"),
        Binding("c", "collect", N_("Into a collection"), show=False, id="library.collect"),
        Binding("C", "uncollect", N_("Out of it"), show=False, id="library.uncollect"),
        Binding("delete", "remove", N_("Remove"), show=False, id="library.remove"),
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
        """A shelf was looked up on a thread, or could not be; ``wish`` counts the askings."""

        wish: int
        shelf: Shelf
        total: int
        error: str
        keep_place: bool
        tree: Tree | None
        sources: Sequence[tuple[str, int]]

    @dataclass
    class Previewed(Message, bubble=False):
        """What is shown of an article was looked up."""

        preview: Preview

    @dataclass
    class SummarizeWanted(Message):
        """The marked articles, or the one at the cursor, are to be summarised."""

        article_ids: tuple[int, ...]

    def __init__(self, library: Library, id: str | None = None) -> None:
        super().__init__(id=id)
        self._library = library
        self.shelf = Shelf()
        self._wishes = 0
        self._timer: Timer | None = None
        self._preview_timer: Timer | None = None
        self._tree: Tree | None = None
        self._sources: Sequence[tuple[str, int]] = ()

    @property
    def table(self) -> ArticleTable:
        """Return the table of articles."""
        return self.query_one(ArticleTable)

    def compose(self) -> ComposeResult:
        """The words, the table or what to do where it is empty, and a line about it."""
        yield Input(
            placeholder=_("Search the text, in either script"), id="library-words", compact=True
        )
        yield FolderTree(id="library-tree")
        yield ArticleTable(id="library-table")
        yield Said(id="library-empty")
        yield Static("", id="library-preview", markup=False)
        yield Said(id="library-line")

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
        self._wishes += 1
        self.run_worker(
            partial(self._look_up, self._wishes, self.shelf, words, keep_place),
            thread=True,
            exclusive=True,
            group="look-up",
        )

    def _look_up(self, wish: int, shelf: Shelf, words: str, keep_place: bool) -> None:
        error = ""
        total = 0
        found: Tree | None = None
        origins = self._sources
        try:
            shelf = looked_up(self._library, shelf, words)
            total = count(self._library, shelf)
            if keep_place or self._tree is None:
                found, origins = tree(self._library), sources(self._library)
        except WorkbenchError as problem:
            error = str(problem)
            if isinstance(problem, LibraryError):
                self.app.call_from_thread(self._try_later)
        self.post_message(self.LookedUp(wish, shelf, total, error, keep_place, found, origins))

    def _try_later(self) -> None:
        self.set_timer(_AGAIN_SECONDS, self.look_again)

    def on_library_pane_looked_up(self, message: "LibraryPane.LookedUp") -> None:
        """Show what was found, unless something else is wished for by now."""
        if message.tree is not None:
            self._tree, self._sources = message.tree, message.sources
            self.query_one(FolderTree).set_tree(message.tree, message.sources)
        if message.wish != self._wishes:  # a thread cannot be stopped and may end after a later one
            return
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
        if self.shelf.meant != Filters():
            return _("No article is so. Press escape to see all.")
        return _("There is no article yet. Press a to add files or folders.")

    def _tell(self) -> None:
        said = [_("{count:,} articles").format(count=self.table.total)]
        if self.shelf.found is not None and len(self.shelf.found) >= MOST_FOUND:
            said = [_("the {count:,} best").format(count=MOST_FOUND)]
        if self.table.marked:
            said.append(_("{count:,} marked").format(count=len(self.table.marked)))
        said += filters_said(self.shelf.meant)
        if self.shelf.order != "added":
            said.append(_("by {order}").format(order=_(ORDER_NAMES[self.shelf.order])))
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
        self.screen.set_focus(self.query_one("#library-words", Input))

    def action_clear(self) -> None:
        """Leave the search and the filters."""
        words = self.query_one("#library-words", Input)
        self.shelf = Shelf(order=self.shelf.order)
        if words.value:
            words.value = ""
        else:
            self.look_again(keep_place=False)
        self.focus_rows()

    @on(ArticleTable.Highlighted)
    def _look_at(self, message: ArticleTable.Highlighted) -> None:
        message.stop()
        if self._preview_timer is not None:
            self._preview_timer.stop()
        if not self.has_class("-preview"):
            return
        if message.row is None:
            self.query_one("#library-preview", Static).update("")
            return
        wanted = partial(self._want_preview, message.row.id)
        self._preview_timer = self.set_timer(_SETTLE_SECONDS, wanted)

    def _want_preview(self, article_id: int) -> None:
        self.run_worker(
            partial(self._find_preview, article_id), thread=True, exclusive=True, group="preview"
        )

    def _find_preview(self, article_id: int) -> None:
        with suppress(LibraryError):  # gone by now: the table is looked up anew
            self.post_message(self.Previewed(preview(self._library, article_id)))

    def on_library_pane_previewed(self, message: "LibraryPane.Previewed") -> None:
        """Show how an article begins."""
        self.query_one("#library-preview", Static).update(preview_lines(message.preview))

    @on(FolderTree.Picked)
    def _pick(self, message: FolderTree.Picked) -> None:
        message.stop()
        shelf = message.branch.shelf(self.shelf.order)
        if shelf is not None:
            self.shelf = shelf
            self.look_again(keep_place=False)

    def chosen(self) -> tuple[int, ...]:
        """Return the marked articles, else the one at the cursor."""
        if self.table.marked:
            return tuple(self.table.marked)
        row = self.table.row_at(self.table.cursor)
        return (row.id,) if row is not None else ()

    def action_summarize(self) -> None:
        """Have the marked articles summarised, or the one at the cursor."""
        self.post_message(self.SummarizeWanted(self.chosen()))

    def action_toggle_tree(self) -> None:
        """Show the tree, or hide it."""
        shown = self.toggle_class("-tree").has_class("-tree")
        if shown:
            self.query_one(FolderTree).focus()
        else:
            self.focus_rows()

    def action_toggle_preview(self) -> None:
        """Show how the article at the cursor begins, or not."""
        if self.toggle_class("-preview").has_class("-preview"):
            row = self.table.row_at(self.table.cursor)
            if row is not None:
                self._want_preview(row.id)

    def action_filter(self) -> None:
        """Choose filters."""
        from workbench.tui.screens.filters import FiltersForm

        def chosen(shelf: Shelf | None) -> None:
            if shelf is not None:
                self.shelf = shelf
                self.look_again(keep_place=False)

        if self._tree is not None:
            self.app.push_screen(FiltersForm(self.shelf, self._tree, self._sources), chosen)

    def action_tag(self) -> None:
        """Put tags on the chosen articles."""
        if chosen := self.chosen():
            library_deeds.tag(self, chosen)

    def action_collect(self) -> None:
        """Put the chosen articles into a collection."""
        if chosen := self.chosen():
            library_deeds.collect(self, chosen)

    def action_uncollect(self) -> None:
        """Take the chosen articles out of the collection that is shown."""
        name = self.shelf.meant.collection
        if name is None:
            self.notify(_("show a collection first"), severity="warning")
        elif chosen := self.chosen():
            library_deeds.uncollect(self, name, chosen)

    def action_remove(self) -> None:
        """Remove the chosen articles."""
        if chosen := self.chosen():
            row = self.table.row_at(self.table.cursor)
            title = row.title if row is not None else ""
            library_deeds.remove(self, chosen, title, self._take_off_marks)

    def _take_off_marks(self) -> None:
        self.table.set_marked(())

    def action_next_order(self) -> None:
        """Order by the next column."""
        names = list(ORDERS)
        order = names[(names.index(self.shelf.order) + 1) % len(names)]
        self.shelf = replace(self.shelf, order=order)
        self.look_again(keep_place=False)

    def action_next_status(self) -> None:
        """Show articles of the next status only."""
        names = ["", *STATUSES]
        status = names[(names.index(self.shelf.meant.status or "") + 1) % len(names)]
        filters = replace(self.shelf.filters, status=None)
        self.shelf = replace(self.shelf, filters=filters, status=status)
        self.look_again(keep_place=False)
