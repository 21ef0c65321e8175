"""Where in an article the facts of a point stand, or what stands there in their place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from workbench.articles.model import Span
from workbench.grounding.check import DIFFERS, ELSEWHERE, UNSUPPORTED
from workbench.tui.reading.find import Finder

_MOST_PLACES = 20


class Marked(NamedTuple):
    """A stretch of the article and why it stands out: ``citation``, ``differs``, ``elsewhere``."""

    start: int
    end: int
    kind: str


def marked(
    text: str, citations: Iterable[Mapping[str, Any]], checks: Sequence[Mapping[str, Any]]
) -> list[Marked]:
    """Return what of an article to highlight for a point, in the JSON of a result.

    The cited sentences; in them, what they say in place of a fact that differs; and the places of
    facts that stand elsewhere. What the article does not hold stands nowhere.
    """
    cited = [Span(one["start"], one["end"]) for one in citations]
    found = [Marked(span.start, span.end, "citation") for span in cited]
    finder = Finder(text)
    for check in checks:
        if check["status"] == DIFFERS and check.get("instead"):
            places = list(_within(finder.find(check["instead"]), cited))
            places = places or finder.find(check["instead"])[:1]
            found += [Marked(one.start, one.end, "differs") for one in places]
        elif check["status"] == ELSEWHERE:
            places = finder.find(check["text"])[:_MOST_PLACES]
            found += [Marked(one.start, one.end, "elsewhere") for one in places]
    return found


def missing(checks: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the facts of a point that the article does not hold."""
    return [check["text"] for check in checks if check["status"] == UNSUPPORTED]


def _within(places: Sequence[Span], cited: Sequence[Span]) -> Iterator[Span]:
    for one in places:
        if any(span.start <= one.start and one.end <= span.end for span in cited):
            yield one
