"""Holding the facts of a point against the article."""

import re
from collections import defaultdict
from dataclasses import dataclass

from workbench.grounding.facts import Fact, extract_facts

SUPPORTED = "supported"
ELSEWHERE = "elsewhere"
UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Check:
    """One fact of a point and whether the article has it.

    ``status`` is ``supported`` (in the cited sentences), ``elsewhere`` (in the article, but not in
    what is cited) or ``unsupported`` (nowhere in the article). ``start`` and ``end`` are offsets
    into the point.
    """

    kind: str
    text: str
    start: int
    end: int
    status: str


class Source:
    """The facts of a source text, looked up by value."""

    def __init__(self, text: str, *, date: str | None = None):
        self._squeezed = re.sub(r"[\s\-]", "", text).lower()
        self._values: dict[str, set[object]] = defaultdict(set)
        self._dates: list[tuple[int | None, int | None, int | None]] = []
        self._years: set[int] = set()
        for fact in extract_facts(text):
            self._learn(fact)
        if date and (match := re.match(r"(\d{4})-(\d{2})-(\d{2})", date)):
            year, month, day = (int(part) for part in match.groups())
            self._dates.append((year, month, day))
            self._years.add(year)

    def _learn(self, fact: Fact) -> None:
        if fact.kind == "date" and isinstance(fact.value, tuple):
            self._dates.append(fact.value)
            if fact.value[0]:
                self._years.add(fact.value[0])
        self._values[fact.kind].add(fact.value)
        if fact.kind == "amount" and isinstance(fact.value, tuple):
            self._values["number"].add(fact.value[0])
        if fact.kind == "percent":
            self._values["number"].add(fact.value)

    def has(self, fact: Fact) -> bool:
        """Say whether the source states the fact, in whatever notation."""
        if fact.kind == "date" and isinstance(fact.value, tuple):
            return self._has_date(fact.value)
        if fact.kind == "name":
            return str(fact.value) in self._squeezed
        if fact.kind == "number" and fact.value in self._years:
            return True
        return fact.value in self._values[fact.kind]

    def _has_date(self, value: tuple[int | None, int | None, int | None]) -> bool:
        year, month, day = value
        if month is None:
            return year in self._years
        return any(
            month == other[1]
            and (day is None or day == other[2])
            and (year is None or year == other[0] or (other[0] is None and year in self._years))
            for other in self._dates
        )


def check_facts(point: str, cited: Source, article: Source) -> tuple[Check, ...]:
    """Check every fact of a point (Simplified) against what it cites and against the article."""
    checks = []
    for fact in extract_facts(point):
        status = SUPPORTED if cited.has(fact) else ELSEWHERE if article.has(fact) else UNSUPPORTED
        checks.append(Check(fact.kind, fact.text, fact.start, fact.end, status))
    return tuple(checks)
