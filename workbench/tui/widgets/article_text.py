"""An article set for reading: its lines, what stands out in them, and words found in it."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual.message import Message

from workbench.articles.model import Article, Span
from workbench.tui.reading.find import Finder
from workbench.tui.reading.head import with_head
from workbench.tui.typeset.page import Page, typeset
from workbench.tui.typeset.shown_text import Kind, ShownText, shown_text
from workbench.tui.widgets.lines_view import LinesView
from workbench.tui.widgets.runs import Overlay

KINDS = ("find", "citation", "elsewhere", "differs", "wrong", "found")
"""What may stand out, what is more important later."""
_MARKS = {
    "find": "*",
    "citation": ">",
    "elsewhere": "?",
    "differs": "!",
    "wrong": "!",
    "found": "*",
}
_AT_ONCE = 20_000
"""Characters that are set within a frame or two; longer articles are set beside the drawing."""
_FIRST = 60
"""Paragraphs of a long article that are shown at once."""


@dataclass(frozen=True)
class View:
    """Which article is shown, and how."""

    article: Article
    removed: bool = False
    script: str = "keep"


def set_page(view: View, width: int, paragraphs: int | None = None) -> Page:
    """Set an article, or its first paragraphs, in lines of ``width`` cells."""
    shown = shown_text(view.article, removed=view.removed, script=view.script)
    shown = with_head(view.article, shown, view.script, removed=view.removed)
    if paragraphs is not None:
        shown = ShownText(shown.conversion, shown.paragraphs[:paragraphs])
    return typeset(shown, width)


class ArticleText(LinesView):
    """The text of one article."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "article--title",
        "article--meta",
        "article--heading",
        "article--removed",
        "article--citation",
        "article--elsewhere",
        "article--differs",
        "article--wrong",
        "article--find",
        "article--found",
    }
    DEFAULT_CSS = """
    ArticleText {
        & > .article--title { text-style: bold; }
        & > .article--meta { color: $text-muted; }
        & > .article--heading { text-style: bold; color: $primary; }
        & > .article--removed { color: $text-muted; text-style: dim italic; }
        & > .article--citation { background: $citation; color: auto 95%; }
        & > .article--elsewhere { text-style: underline; color: $warning; }
        & > .article--differs { text-style: bold underline; color: $differs; }
        & > .article--wrong { text-style: bold underline; color: $unsupported; }
        & > .article--find { text-style: underline; background: $warning 30%; }
        & > .article--found { text-style: bold reverse; }
    }
    """

    @dataclass
    class Set(Message):
        """A long article was set in lines; ``key`` tells for which width and view."""

        page: Page
        key: tuple[View, int]

    def __init__(self, id: str | None = None):
        super().__init__(id=id)
        self.view: View | None = None
        self.hits: Sequence[Span] = ()
        self.hit = -1
        self._spans: dict[str, list[Span]] = {}
        self._finder: Finder | None = None
        self._find_from = 0
        self._kept: dict[str, int] = {}
        self._goal: int | None = None
        self._page_of: View | None = None

    # What is shown.

    def show(self, article: Article | None, *, removed: bool = False, script: str = "keep") -> None:
        """Show an article where it was last left, or nothing."""
        old = self.view
        top = self.top
        if old is not None and top is not None:
            self._kept[old.article.sha256 + (old.article.part or "")] = top
        if article is None:
            self.view, self.page, self._spans = None, None, {}
            self.refresh()
            return
        self.view = View(article, removed, script)
        if old is None or old.article is not article:
            self._spans, self.hits, self.hit = {}, (), -1
            self._finder = Finder(article.text)
        self.action_leave_selection()
        self._goal = self._kept.get(article.sha256 + (article.part or ""), 0)
        self.lay_out_anew()

    def lay_out(self, width: int) -> None:
        """Break the lines for a width; a long article shows its beginning meanwhile."""
        if self.view is None:
            return
        if self._goal is None:
            self._goal = self.top or 0
        if len(self.view.article.text) <= _AT_ONCE:
            self._take(set_page(self.view, width))
            return
        if self.page is None or not self._is_shown(self.view):
            self._page_of = self.view
            self.show_page(set_page(self.view, width, _FIRST))
        self.run_worker(
            partial(self._set_beside, self.view, width),
            thread=True,
            exclusive=True,
            group="typeset",
        )

    def _is_shown(self, view: View) -> bool:
        """Say whether the page is of this article already."""
        return self._page_of is not None and self._page_of.article is view.article

    def _set_beside(self, view: View, width: int) -> None:
        self.post_message(self.Set(set_page(view, width), (view, width)))

    def on_article_text_set(self, message: "ArticleText.Set") -> None:
        """Show what was set, unless something else is wanted by now."""
        message.stop()
        if message.key == (self.view, self.text_width):
            self._take(message.page)

    def _take(self, page: Page) -> None:
        goal, self._goal = self._goal, None
        self._page_of = self.view
        self.show_page(page)
        place = page.locate(goal) if goal else None
        self.scroll_to(y=place.line if place else 0, animate=False, force=True)

    @property
    def top(self) -> int | None:
        """Return the offset in the original of the first character in sight; 0 at the top."""
        if self.page is None or not self.scroll_offset.y:
            return None if self.page is None else 0
        for number in range(self.scroll_offset.y, len(self.page.lines)):
            offset = self.page.offset_at(number, self.page.lines[number].start)
            if offset is not None:
                return offset
        return None

    # What stands out.

    def highlight(self, spans: Iterable[tuple[int, int]], kind: str = "citation") -> None:
        """Let stretches of the original stand out, in place of others of that kind."""
        self._spans[kind] = sorted((Span(*one) for one in spans), key=lambda one: one.start)
        self.refresh()

    def clear_highlights(self) -> None:
        """Let nothing stand out but what was looked for."""
        self._spans = {kind: spans for kind, spans in self._spans.items() if kind == "find"}
        self.refresh()

    @property
    def stands_out(self) -> bool:
        """Say whether anything stands out."""
        return any(self._spans.values())

    def reveal(self, start: int) -> None:
        """Scroll to a character of the original."""
        if self._goal is not None or self.page is None:
            self._goal = start
        place = self.page.locate(start) if self.page is not None else None
        if place is not None:
            self.reveal_line(place.line)

    def first_choice(self) -> int:
        """Begin a selection at what was found or is cited, where that is in sight."""
        top = self.scroll_offset.y
        for kind in reversed(KINDS):
            for span in self._spans.get(kind, ())[:1]:
                place = self.page.locate(span.start) if self.page else None
                if place and top <= place.line < top + self.scrollable_content_region.height:
                    return place.line
        return top

    # Finding.

    def find(self, words: str) -> int:
        """Look words up, let them stand out and go to the first from where looking began."""
        hits = self._finder.find(words) if self._finder else []
        if self.view is not None and not self.view.removed:
            hits = [one for one in hits if not _hidden(self.view.article, one)]
        self.hits = hits
        self.highlight([(one.start, one.end) for one in hits], "find")
        self.hit = -1
        self._spans.pop("found", None)
        if hits:
            later = bisect_left([one.start for one in hits], self._find_from)
            self._go_to_hit(later % len(hits))
        return len(hits)

    def begin_find(self) -> None:
        """Look from what is in sight now, however many words are tried."""
        self._find_from = self.top or 0

    def next_hit(self, by: int) -> None:
        """Go to the next place that was found, or the one before."""
        if self.hits:
            self._go_to_hit((self.hit + by) % len(self.hits))

    def _go_to_hit(self, index: int) -> None:
        self.hit = index
        span = self.hits[index]
        self.highlight([(span.start, span.end)], "found")
        self.reveal(span.start)

    # Drawing.

    def component(self, number: int) -> str:
        """Return the component class of a line by what its paragraph is."""
        kind = self.page.kind(number) if self.page else None
        return {
            Kind.TITLE: "article--title",
            Kind.META: "article--meta",
            Kind.HEADING: "article--heading",
            Kind.REMOVED: "article--removed",
            Kind.NOTE: "article--removed",
        }.get(kind or Kind.BODY, "lines--text")

    def overlays(self, number: int) -> list[Overlay]:
        """Return what stands out in a line."""
        if self.page is None or (line := self.page.lines[number]).paragraph < 0:
            return []
        paragraph = self.page.paragraphs[line.paragraph]
        found = [Overlay(one.start, one.end, "article--removed") for one in paragraph.faint]
        return found + [
            Overlay(low, high, f"article--{kind}") for kind, low, high in self._standing_out(number)
        ]

    def mark(self, number: int) -> tuple[str, str]:
        """Return what tells without colours that something stands out in a line."""
        kinds = [kind for kind, *_at in self._standing_out(number)]
        if not kinds:
            return "", "lines--gutter"
        return _MARKS[kinds[-1]], f"article--{kinds[-1]}" if kinds[-1] in (
            "differs",
            "wrong",
        ) else "lines--gutter"

    def _standing_out(self, number: int) -> list[tuple[str, int, int]]:
        if self.page is None or not self._spans:
            return []
        shown = self.page.spans(number)
        if not shown:
            return []
        first, last = shown[0].start, shown[-1].end
        found = []
        for kind in KINDS:
            for span in _overlapping(self._spans.get(kind, ()), first, last):
                within = self.page.within(number, span.start, span.end)
                if within is not None:
                    found.append((kind, *within))
        return found


def _overlapping(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    """Return the spans, sorted by start, that share a character with ``start`` to ``end``."""
    last = bisect_left(spans, end, key=lambda one: one.start)
    found = []
    for index in range(last - 1, -1, -1):
        if spans[index].end > start:
            found.append(spans[index])
        elif last - index > _MOST_NESTED:
            break
    return found[::-1]


_MOST_NESTED = 50
"""Spans that may begin before one another and still reach further."""


def _hidden(article: Article, span: Span) -> bool:
    last = bisect_left(article.removals, span.end, key=lambda one: one.start) - 1
    return (
        last >= 0
        and article.removals[last].end >= span.end
        and (article.removals[last].start <= span.start)
    )
