"""Cited spans in the words around them, for a look at the passage without opening the article."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.articles.model import Article

Spans = Sequence[tuple[int, int]]
"""Characters of an article's original text, each from start to end (exclusive)."""

AROUND = 120
"""Characters shown before and after a span, at most; never more than its passage."""


@dataclass(frozen=True, slots=True)
class InContext:
    """Cited spans of one passage (``passage`` from 1, 0 outside all) with the words around them.

    ``parts`` are stretches in order, each with whether it is cited; white space is one space.
    """

    passage: int
    parts: tuple[tuple[str, bool], ...]


def in_context(article: Article, spans: Spans, around: int = AROUND) -> tuple[InContext, ...]:
    """Return the spans of an article passage by passage, in the words around them.

    Spans outside the text are left out.
    """
    by_passage: dict[int, list[tuple[int, int]]] = {}
    for start, end in sorted(set(spans)):
        if 0 <= start < end <= len(article.text):
            by_passage.setdefault(_passage_of(article, start), []).append((start, end))
    return tuple(
        InContext(number, _parts(article, number, found, around))
        for number, found in by_passage.items()
    )


def _passage_of(article: Article, start: int) -> int:
    found = (one.number for one in article.passages if one.start <= start < one.end)
    return next(found, 0)


def _parts(
    article: Article, number: int, spans: Sequence[tuple[int, int]], around: int
) -> tuple[tuple[str, bool], ...]:
    first, last = spans[0][0], max(end for _start, end in spans)
    low, high = max(0, first - around), min(len(article.text), last + around)
    if number:
        passage = article.passages[number - 1]
        low, high = max(low, passage.start), max(last, min(high, passage.end))
        cut_before, cut_after = low > passage.start, high < passage.end
    else:
        cut_before, cut_after = low > 0, high < len(article.text)
    parts = [("…" if cut_before else "", False)]
    at = low
    for start, end in spans:
        parts.append((article.text[at:start], False))
        parts.append((article.text[max(at, start) : end], True))
        at = max(at, end)
    parts += [(article.text[at:high], False), ("…" if cut_after else "", False)]
    return tuple((_line(text), cited) for text, cited in parts if text)


def _line(text: str) -> str:
    """Return a text on one line, its spaces at both ends kept as one."""
    line = " ".join(text.split())
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() and line else ""
    return f"{before}{line}{after}"
