"""What questions are put to: the open article, the marked ones, or the library."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Tab, Tabs
from textual.worker import get_current_worker

from workbench.desk.conversations import ARTICLE, LIBRARY, SELECTION
from workbench.desk.picking import described
from workbench.errors import WorkbenchError
from workbench.i18n import _
from workbench.store.library import Library
from workbench.tui.while_there import while_there
from workbench.tui.widgets.flowing import Flowing

SCOPES = (ARTICLE, SELECTION, LIBRARY)
_NAMED = 3


class ScopeBar(Vertical):
    """Three tabs, and below them the articles that are meant, by name."""

    DEFAULT_CSS = """
    ScopeBar {
        height: auto;
        & Flowing { padding: 0 1; max-height: 2; }
    }
    """

    @dataclass
    class Changed(Message):
        """Something else is to be asked."""

        scope: str

    def __init__(self, library: Library, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._library = library
        self.scope = ARTICLE

    def compose(self) -> ComposeResult:
        """The tabs, and what they mean now."""
        yield Tabs(
            Tab(_("This article"), id=ARTICLE),
            Tab(_("Selection"), id=SELECTION),
            Tab(_("Library"), id=LIBRARY),
        )
        yield Flowing()

    @property
    def said(self) -> str:
        """Return what stands below the tabs."""
        return self.query_one(Flowing).plain

    def show(self, scope: str, article_ids: Sequence[int]) -> None:
        """Show what is asked; ``article_ids`` are those meant, none where it is the library."""
        self.scope = scope
        self.query_one(Tabs).active = scope
        self._describe(scope, tuple(article_ids))

    def turn(self) -> None:
        """Have the next one asked."""
        self.post_message(self.Changed(SCOPES[(SCOPES.index(self.scope) + 1) % len(SCOPES)]))

    @on(Tabs.TabActivated)
    def _chosen(self, event: Tabs.TabActivated) -> None:
        event.stop()
        if event.tab.id and event.tab.id != self.scope:
            self.post_message(self.Changed(event.tab.id))

    @work(thread=True, exclusive=True, group="scope")
    def _describe(self, scope: str, article_ids: tuple[int, ...]) -> None:
        worker = get_current_worker()
        try:
            if scope == LIBRARY:
                said = _("all {count} articles of the library").format(count=self._library.count())
            else:
                titles = [one.title for one in described(self._library, article_ids[:_NAMED])]
                said = _named(scope, titles, len(article_ids))
        except WorkbenchError as error:
            said = str(error)
        if not worker.is_cancelled:
            self.call_later(self._say, said)

    @while_there
    def _say(self, said: str) -> None:
        self.query_one(Flowing).show([[(said, "quiet")]])


def _named(scope: str, titles: Sequence[str], count: int) -> str:
    if scope == ARTICLE:
        return titles[0] if titles else _("no article is open: choose one in the library")
    if not titles:
        return _("no article is marked: mark some in the library")
    said = "、".join(f"《{title}》" for title in titles)
    more = count - len(titles)
    rest = " " + _("and {count} more").format(count=more) if more > 0 else ""
    return f"{count}: {said}{rest}"
