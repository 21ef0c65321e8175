"""The facts of a text that can be held against another: dates, amounts, shares, numbers, names.

Works on Simplified Chinese. Values are normalised: 4月17日 equals 四月十七日, 500万美元 五百万美元.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workbench.grounding.dates import find_dates
from workbench.grounding.names import find_names, find_weak_names
from workbench.grounding.numerals import narrow
from workbench.grounding.quantities import find_amounts, find_numbers, find_percents


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: ``kind`` date, percent, amount, number or name; offsets into the text it is from.

    ``value`` is for a date a tuple ``(year, month, day)`` with None for what is not said; for a
    number a Decimal; for a percent a Decimal, a Fraction (三分之一) or ``(Decimal, "points")`` for
    percentage points; for an amount a pair of Decimal and currency; for a name a lower-case text.
    """

    kind: str
    text: str
    start: int
    end: int
    value: Any


def extract_facts(text: str) -> list[Fact]:
    """Find the facts of a Simplified Chinese text, in order, none overlapping another."""
    plain = narrow(text)
    found: list[Fact] = []
    taken = bytearray(len(plain))

    def take(kind: str, candidates: Iterable[tuple[int, int, object]]) -> None:
        for start, end, value in candidates:
            if end > start and not any(taken[start:end]):
                taken[start:end] = b"\x01" * (end - start)
                found.append(Fact(kind, text[start:end], start, end, value))

    # What is more exact comes first: a date holds numbers, an amount one.
    take("date", find_dates(plain))
    take("percent", find_percents(plain))
    take("amount", find_amounts(plain))
    take("name", find_names(plain))
    take("number", find_numbers(plain))
    take("name", find_weak_names(plain))
    return sorted(found, key=lambda fact: fact.start)
