"""The facts of a source text, looked up by value, and its sentences, looked up by their words."""

import datetime
import re
from collections import defaultdict
from decimal import Decimal
from functools import cached_property

from workbench.grounding.currencies import CALLED_YUAN, YUAN
from workbench.grounding.dates import DateValue
from workbench.grounding.durations import find_durations
from workbench.grounding.facts import Fact, extract_facts
from workbench.grounding.names import Names
from workbench.grounding.ngrams import bigrams, shared, split_sentences
from workbench.grounding.numerals import narrow
from workbench.grounding.quantities import find_small_counts
from workbench.grounding.ranks import says_rank
from workbench.grounding.relative import (
    YEARS,
    find_month_spans,
    find_parts_of_year,
    published_date,
    weekdays,
)

_SAME_AS_LAST_YEAR = re.compile("同比|上年同期|同期")


class Source:
    """The facts of a source text, looked up by value.

    ``date`` is that of the article as yyyy-mm-dd: it gives the year to dates without one, and a
    meaning to 去年, 昨天 and 上周三.
    """

    def __init__(self, text: str, *, date: str | None = None):
        self.text = text
        self.published = published_date(date)
        self.names = Names(text)
        self._plain = narrow(text)
        self._values: dict[str, set[object]] = defaultdict(set)
        self._values["number"] |= find_small_counts(self._plain)
        self._values["duration"] |= {v for _s, _e, v in find_durations(self._plain, small=True)}
        self._dates: list[DateValue] = []
        self._years: set[int] = set()
        self._learn_published()
        # 去年 may stand in a longer date; both 三天前 and its three days are stated.
        for published in {None, self.published}:
            for fact in extract_facts(text, published=published):
                self._learn(fact)
        if re.search("一半|半数", text):
            self._values["percent"].add(50)
        self._resolve_days()
        self._resolve_parts()

    @cached_property
    def sentences(self) -> list[str]:
        """Return the sentences of the text."""
        return split_sentences(self.text)

    @cached_property
    def sentence_bigrams(self) -> list[set[str]]:
        """Return the character bigrams of each sentence."""
        return [bigrams(sentence) for sentence in self.sentences]

    @cached_property
    def sentence_facts(self) -> list[list[Fact]]:
        """Return the facts of each sentence."""
        return [extract_facts(one, published=self.published) for one in self.sentences]

    def coverage(self, grams: set[str], *, having: str = "") -> float:
        """Return the greatest share of ``grams`` in one sentence that has ``having`` in it."""
        return max(
            (
                shared(grams, own)
                for sentence, own in zip(self.sentences, self.sentence_bigrams, strict=True)
                if having in sentence
            ),
            default=0.0,
        )

    def has(self, fact: Fact) -> bool:
        """Say whether the source states the fact, in whatever notation."""
        match fact.kind, fact.value:
            case "date", (year, month, day):
                return self._has_date((year, month, day))
            case "name", name:
                return self.names.has(str(name))
            case "amount", (value, currency):
                return any(
                    (value, other) in self._values["amount"] for other in self._same(currency)
                )
            case "rank", int(rank):
                counted = Decimal(rank) in self._values["number"]
                return counted or rank in self._values["rank"] or says_rank(self._plain, rank)
            case "duration", (length, family):
                return (length, family) in self._values["duration"]
            case "number", value if value in self._years:
                return True
        return fact.value in self._values[fact.kind]

    def has_part_of_year(self, part: str) -> bool:
        """Say whether the source speaks of a half (H1, H2) or a quarter (Q1 to Q4) of a year."""
        return part in self._values["part"]

    def _learn_published(self) -> None:
        published = self.published
        if published is None:
            return
        self._learn_date((published.year, published.month, published.day))
        for word, years in YEARS.items():
            if word in self._plain:
                self._years.add(published.year + years)
        if _SAME_AS_LAST_YEAR.search(self._plain):
            self._years.add(published.year - 1)
        for value in weekdays(self._plain, published):
            self._learn_date(value)

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
            case "rank", value:
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

    def _resolve_parts(self) -> None:
        """Learn the halves and quarters, and the months that begin and end them."""
        for _start, _end, part in find_parts_of_year(self._plain):
            self._values["part"].add(part)
            number = int(part[1])
            months = (
                (6 * number - 5, 6 * number) if part[0] == "H" else (3 * number - 2, 3 * number)
            )
            self._dates += [(None, month, None) for month in months]
            self._values["duration"].add((Decimal(6 if part[0] == "H" else 3), "months"))

        for count in find_month_spans(self._plain):
            self._values["duration"].add((Decimal(count), "months"))

    def figures(self, fact: Fact) -> list[Decimal]:
        """Return the figures of the source that are of the nature of a fact: its kind and unit."""
        return [size for value in self._values[fact.kind] if (size := magnitude(value, fact.value))]

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


def magnitude(value: object, like: object) -> Decimal | None:
    """Return the size of a value that has the unit of another; None where it has not."""
    match value, like:
        case (Decimal() as size, str(unit)), (Decimal(), str(other)):
            return size if unit == other else None
        case Decimal() as size, Decimal():
            return size
    return None


def published_of(*sources: Source) -> datetime.date | None:
    """Return the day the article of one of the sources came out, None where none says."""
    return next((source.published for source in sources if source.published), None)
