"""A comparison on its way: how far each article is, and what the model found in it last."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from workbench.desk.picking import Pickable
from workbench.i18n import _
from workbench.tui.widgets.flowing import Flowing, Run

WAITING, WORKING, DONE = "waiting", "working", "done"
_MARKS = {WAITING: "[ ]", WORKING: "[>]", DONE: "[x]"}
_STYLES = {WAITING: "quiet", WORKING: "label", DONE: "supported"}


class CompareProgress(VerticalScroll):
    """A line for each article: waiting, being read, or done; below it the last statement."""

    DEFAULT_CSS = """
    CompareProgress { padding: 1 2; height: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._articles: list[Pickable] = []
        self._at = 0
        self._said: dict[int, str] = {}

    def compose(self) -> ComposeResult:
        """One flowing text holds it all."""
        yield Flowing(indent=4)

    def begin(self, articles: Sequence[Pickable]) -> None:
        """Show articles of which none was looked at yet."""
        self._articles = list(articles)
        self._at = 0
        self._said.clear()
        self._show()

    def reach(self, number: int) -> None:
        """Say that the work is at this article (from 1); beyond the last, at the table of all."""
        if number != self._at:
            self._at = number
            self._show()

    def said(self, text: str) -> None:
        """Show the statement found last in the article that is read."""
        self._said[self._at] = " ".join(text.split())
        self._show()

    def _show(self) -> None:
        paragraphs: list[list[Run]] = []
        for number, one in enumerate(self._articles, start=1):
            state = DONE if number < self._at else WORKING if number == self._at else WAITING
            about = "  ".join(part for part in (one.date, one.source) if part)
            paragraphs.append(
                [
                    (f"{_MARKS[state]} ", _STYLES[state]),
                    (f"{number}. {one.title}", "strong" if state == WORKING else ""),
                    (f"  {about}", "quiet"),
                ]
            )
            if said := self._said.get(number):
                paragraphs.append([("    ", ""), (said, "quiet")])
        if self._at > len(self._articles):
            paragraphs.append([(f"{_MARKS[WORKING]} ", "label"), (_("the table of all"), "strong")])
        self.query_one(Flowing).show(paragraphs)
