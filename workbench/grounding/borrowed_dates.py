"""Dates put to a figure that has another time in the article: 6月底投入400亿 for 半年来投入400亿.

Only where the article tells of the date after it has told the figure, never in one sentence with
it, and the sentence of the figure has a time of its own. A date may well be told before a figure
that it holds for.
"""

import re
from collections.abc import Iterator, Sequence

from workbench.grounding.facts import Fact
from workbench.grounding.source import Source

_FIGURES = ("amount", "percent", "number")
_TIMES = ("date", "duration")
_MOST_HELD = 2


def borrowed_dates(
    point: str, facts: Sequence[Fact], article: Source
) -> Iterator[tuple[Fact, str]]:
    """Yield each date of a point (Simplified) that is not its figure's, and the figure's time."""
    for number, date in enumerate(facts):
        if date.kind != "date" or date.value[1] is None:
            continue
        for figure in facts[number + 1 :]:
            if re.search("[。！？；!?;]", point[date.end : figure.start]):
                break
            if figure.kind in _FIGURES and (own := _own_time(date, figure, article)):
                yield date, own
                break


def _own_time(date: Fact, figure: Fact, article: Source) -> str:
    """Return the time that the article gives a figure, empty where the date may be its own."""
    dated, held = [], []
    for index, facts in enumerate(article.sentence_facts):
        if any(_may_be(date, other) for other in facts):
            dated.append(index)
        if any(other.kind == figure.kind and other.value == figure.value for other in facts):
            held.append(index)
    if not dated or not 0 < len(held) <= _MOST_HELD or dated[0] <= held[-1]:
        return ""
    times = [fact.text for fact in article.sentence_facts[held[0]] if fact.kind in _TIMES]
    return times[0] if times else ""


def _may_be(date: Fact, other: Fact) -> bool:
    """Say whether two dates may be one: what neither says is no difference."""
    return other.kind == "date" and all(
        mine is None or theirs is None or mine == theirs
        for mine, theirs in zip(date.value, other.value, strict=True)
    )
