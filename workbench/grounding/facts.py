"""The facts of a text that can be held against another: dates, amounts, shares, numbers, names.

Works on Simplified Chinese. Values are normalised: 4月17日 equals 四月十七日, 500万美元 五百万美元.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workbench.grounding.dates import find_dates
from workbench.grounding.durations import find_durations
from workbench.grounding.names import find_names, find_weak_names
from workbench.grounding.numerals import narrow
from workbench.grounding.quantities import find_amounts, find_numbers, find_percents
from workbench.grounding.ranks import find_ranks
from workbench.grounding.relative import find_relative_dates


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact; ``start`` and ``end`` are offsets into the text it is from.

    ``kind`` is date, percent, amount, duration, rank, number or name. ``value`` is for a date a
    tuple ``(year, month, day)`` with None for what is not said; for a number a Decimal; for a
    percent a Decimal, a Fraction (三分之一) or ``(Decimal, "points")`` for points of it; for an
    amount a pair of Decimal and currency; for a duration a pair of Decimal and months, days or
    seconds; for a rank an int; for a name a lower-case text.
    """

    kind: str
    text: str
    start: int
    end: int
    value: Any


def extract_facts(text: str, *, published: datetime.date | None = None) -> list[Fact]:
    """Find the facts of a Simplified Chinese text, in order, none overlapping another.

    With the day it was ``published``, dates told from that day (去年, 上周三) are found too.
    """
    plain = narrow(text)
    found: list[Fact] = []
    taken = bytearray(len(plain))

    def take(kind: str, candidates: Iterable[tuple[int, int, object]]) -> None:
        for start, end, value in candidates:
            if end > start and not any(taken[start:end]):
                taken[start:end] = b"\x01" * (end - start)
                found.append(Fact(kind, text[start:end], start, end, value))

    # What is more exact comes first: a date holds numbers, an amount one.
    if published is not None:
        take("date", find_relative_dates(plain, published))
    take("date", find_dates(plain))
    take("percent", find_percents(plain))
    take("amount", find_amounts(plain))
    take("rank", find_ranks(plain))
    take("name", find_names(plain))
    take("duration", find_durations(plain))
    take("number", find_numbers(plain))
    take("name", find_weak_names(plain))
    return sorted(found, key=lambda fact: fact.start)
