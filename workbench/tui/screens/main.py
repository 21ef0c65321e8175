"""The main screen: the library, an article, and what the model makes of it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Paste, Resize
from textual.timer import Timer

from workbench.articles.model import Article
from workbench.desk.events import JobDone, JobStopped
from workbench.i18n import N_
from workbench.store.results import StoredResult
from workbench.tui.controllers.reading import ReadingScreen
from workbench.tui.messages import DeskMessage, LibraryChanged
from workbench.tui.widgets.article_view import ArticleView
from workbench.tui.widgets.keys_footer import KeysFooter
from workbench.tui.widgets.library_pane import LibraryPane
from workbench.tui.widgets.result_view import ResultView

_HUGE, _WIDE, _MIDDLE = 180, 120, 90
_LOOK_AGAIN_SECONDS = 0.5
_PANES = ("library", "article", "result")


class MainScreen(ReadingScreen):
    """Three panes; where there is no room for all, the one in use and what belongs to it."""

    AUTO_FOCUS: ClassVar[str] = "#library-table"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "app.add", N_("Add"), id="main.add"),
        Binding("S", "app.summarize_selected", N_("Summarise marked"), id="main.all", show=False),
        Binding("f2", "pane('library')", N_("Library"), id="main.library"),
        Binding("f3", "pane('article')", N_("Article"), id="main.article"),
        Binding("f4", "pane('result')", N_("Result"), id="main.result"),
    ]
    DEFAULT_CSS = """
    MainScreen {
        & #panes > * { border-right: tall $panel; width: 1fr; }
        & #library { width: 44; }
        & #panes > .-away { display: none; }
        &.-narrow #panes > * { width: 1fr; border-right: none; }
        &.-middle #library { width: 1fr; }
        &.-huge #library { width: 70; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._pane = "library"
        self._looking: Timer | None = None

    def compose(self) -> ComposeResult:
        """The panes, and the keys below."""
        with Horizontal(id="panes"):
            yield LibraryPane(self.shell.library, id="library")
            yield ArticleView(id="article")
            yield ResultView(id="result")
        yield KeysFooter()

    def on_mount(self) -> None:
        """Begin in the library."""
        self.article_view.show_nothing("")
        self.result_view.show_nothing()
        self._arrange()

    def on_resize(self, _event: Resize) -> None:
        """Show as many panes as there is room for."""
        self._arrange()

    def on_paste(self, event: Paste) -> None:
        """Offer to add files that were dropped on the terminal, wherever the keys are."""
        if self.shell.add_dropped(event.text):
            event.stop()

    def action_pane(self, name: str) -> None:
        """Go to a pane."""
        self._pane = name
        self._arrange()
        self.focus_pane(name)

    def focus_pane(self, name: str) -> None:
        """Put the keys into a pane."""
        if name == "library":
            self.query_one(LibraryPane).focus_rows()
        elif name == "article":
            self.article_view.text.focus()
        else:
            self.result_view.text_view.focus()

    def article_opened(self, article_id: int, article: Article) -> None:
        """Tell the app what is open, and show it where only one pane fits."""
        self.shell.article_id = article_id
        if self._pane == "library" and self.size.width < _WIDE:
            self._pane = "article"
            self._arrange()
            self.focus_pane("article")

    def show_stored(self, stored: StoredResult, *, keep_place: bool = False) -> None:
        """Show a result; one that was edited may change what becomes of its article."""
        super().show_stored(stored, keep_place=keep_place)
        self._look_again_soon()

    def _look_again_soon(self) -> None:
        if self._looking is None:
            self._looking = self.set_timer(_LOOK_AGAIN_SECONDS, self._look_again)

    def on_desk_message(self, message: DeskMessage) -> None:
        """Show what becomes of articles in the library too, many at a time."""
        if isinstance(message.event, JobDone | JobStopped):
            self._look_again_soon()

    def _look_again(self) -> None:
        self._looking = None
        self.query_one(LibraryPane).look_again()

    def on_library_changed(self, _message: LibraryChanged) -> None:
        """Look again."""
        self.query_one(LibraryPane).look_again()

    def on_library_pane_opened(self, message: LibraryPane.Opened) -> None:
        """Open what was chosen in the library."""
        message.stop()
        self.open_article(message.article_id)

    def on_library_pane_summarize_wanted(self, message: LibraryPane.SummarizeWanted) -> None:
        """Summarise one article at once and show it; let many wait in the queue."""
        message.stop()
        if len(message.article_ids) == 1:
            article_id = message.article_ids[0]
            self.shell.summarize(message.article_ids, first=True)
            self.open_article(article_id)
        else:
            self.shell.summarize(message.article_ids)

    def on_library_pane_marked(self, message: LibraryPane.Marked) -> None:
        """Tell the app what is marked."""
        message.stop()
        self.shell.marked = list(message.article_ids)

    def _arrange(self) -> None:
        width = self.size.width
        if width >= _WIDE:
            shown = set(_PANES)
        elif width >= _MIDDLE:
            shown = {"article", "result"} if self._pane != "library" else {"library", "article"}
        else:
            shown = {self._pane}
        self.set_class(width >= _HUGE, "-huge")
        self.set_class(width < _MIDDLE, "-narrow")
        self.set_class(_MIDDLE <= width < _WIDE, "-middle")
        for name in _PANES:
            self.query_one(f"#{name}").set_class(name not in shown, "-away")
