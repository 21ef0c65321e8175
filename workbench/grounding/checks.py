"""Holding the facts of a point against the article."""

import datetime
import re
from collections import defaultdict
from dataclasses import dataclass

from workbench.grounding.currencies import CALLED_YUAN, YUAN
from workbench.grounding.dates import DateValue
from workbench.grounding.facts import Fact, extract_facts
from workbench.grounding.names import Names
from workbench.grounding.numerals import narrow
from workbench.grounding.quantities import find_small_counts

SUPPORTED = "supported"
ELSEWHERE = "elsewhere"
DIFFERS = "differs"
UNSUPPORTED = "unsupported"

_RELATIVE_YEARS = {"今年": 0, "本年": 0, "去年": -1, "上年": -1, "前年": -2, "明年": 1, "后年": 2}
_RELATIVE_DAYS = {"今天": 0, "今日": 0, "昨天": -1, "昨日": -1, "前天": -2, "明天": 1, "明日": 1}


@dataclass(frozen=True, slots=True)
class Check:
    """One fact of a point and whether the article has it.

    ``status`` is ``supported`` (in the cited sentences), ``elsewhere`` (in the article, but not in
    what is cited), ``differs`` (what is cited states another value here: ``instead``, in its own
    words) or ``unsupported`` (nowhere in the article). ``start`` and ``end`` are offsets into the
    point.
    """

    kind: str
    text: str
    start: int
    end: int
    status: str
    instead: str = ""

    @property
    def wrong(self) -> bool:
        """Say whether the article does not hold the fact, or holds another one in its place."""
        return self.status in (DIFFERS, UNSUPPORTED)


class Source:
    """The facts of a source text, looked up by value.

    ``date`` is that of the article as yyyy-mm-dd: it gives the year to dates without one, and a
    meaning to 去年 and 昨天.
    """

    def __init__(self, text: str, *, date: str | None = None):
        self._names = Names(text)
        self._values: dict[str, set[object]] = defaultdict(set)
        self._values["number"] |= find_small_counts(narrow(text))
        self._dates: list[DateValue] = []
        self._years: set[int] = set()
        self._learn_published(text, date)
        for fact in extract_facts(text):
            self._learn(fact)
        if re.search("一半|半数", text):
            self._values["percent"].add(50)
        self._resolve_days()

    def _learn_published(self, text: str, date: str | None) -> None:
        match = re.match(r"(\d{4})-(\d{2})-(\d{2})", date or "")
        try:
            published = datetime.date(*(int(part) for part in match.groups())) if match else None
        except ValueError:
            return
        if published is None:
            return
        self._learn_date((published.year, published.month, published.day))
        for word, years in _RELATIVE_YEARS.items():
            if word in text:
                self._years.add(published.year + years)
        for word, days in _RELATIVE_DAYS.items():
            if word in text:
                day = published + datetime.timedelta(days)
                self._learn_date((day.year, day.month, day.day))

    def _learn_date(self, value: DateValue) -> None:
        self._dates.append(value)
        if value[0]:
            self._years.add(value[0])

    def _learn(self, fact: Fact) -> None:
        self._values[fact.kind].add(fact.value)
        numbers = self._values["number"]
        match fact.kind, fact.value:
            case "date", (year, month, day):
                self._learn_date((year, month, day))
                if month is None and day is not None:
                    numbers.add(day)
            case "amount", (value, currency):
                self._values["currency"].add(currency)
                numbers.add(value)
            case "percent", (value, "points"):
                numbers.add(value)
            case "percent", value:
                numbers.add(value)

    def _resolve_days(self) -> None:
        """Give days without a month (28日) the month named before them, and that of the article."""
        months = [date[1] for date in self._dates if date[1]]
        last: int | None = None
        resolved: list[DateValue] = []
        for year, month, day in self._dates:
            last = month or last
            if month is None and day is not None:
                resolved += [(year, near, day) for near in {last, *months[:1]} if near]
        self._dates += resolved

    def has(self, fact: Fact) -> bool:
        """Say whether the source states the fact, in whatever notation."""
        match fact.kind, fact.value:
            case "date", (year, month, day):
                return self._has_date((year, month, day))
            case "name", name:
                return self._names.has(str(name))
            case "amount", (value, currency):
                return any(
                    (value, other) in self._values["amount"] for other in self._same(currency)
                )
            case "number", value if value in self._years:
                return True
        return fact.value in self._values[fact.kind]

    def _same(self, currency: str) -> set[str]:
        """Return the names under which amounts in a currency may stand in the source."""
        if currency == YUAN:
            return set(CALLED_YUAN)
        named = currency == "CNY" or currency in self._values["currency"]
        return {currency, YUAN} if named and currency in CALLED_YUAN else {currency}

    def _has_date(self, value: DateValue) -> bool:
        year, month, day = value
        if month is None and day is None:
            return year in self._years or year in self._values["number"]
        if month is None:
            return day in self._values["number"] or any(day == other[2] for other in self._dates)
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
