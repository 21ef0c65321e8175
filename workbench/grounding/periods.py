"""The time a figure is about: values of one thing in 2022 and in 2023 are no contradiction."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.grounding.dates import DateValue
from workbench.grounding.facts import Fact

_YEARS = {
    "今年": 0,
    "本年": 0,
    "去年": -1,
    "上年": -1,
    "前年": -2,
    "明年": 1,
    "后年": 2,
}
_MONTHS = {"本月": 0, "这个月": 0, "上月": -1, "上个月": -1, "下月": 1, "下个月": 1}
_NOW = re.compile(r"截至目前|到目前|目前为止|目前|现在|如今|当前|眼下|迄今|截至发稿|至今")
_RELATIVE = re.compile("|".join((*_YEARS, *_MONTHS)))
_PART = re.compile(
    r"(?P<half>[上下]半年)|第?(?P<quarter>[一二三四1-4])季度?|(?P<third>前[一二三四五六七八九十]+个?月)"
    r"|(?P<season>[春夏秋冬][季天]|[寒暑]假)"
)
_PUBLISHED = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time as far as it is said; ``part`` is a half, a quarter or a season."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    part: str = ""

    @property
    def said(self) -> bool:
        """Say whether anything of it is known."""
        return bool(self.year or self.month or self.day or self.part)

    def excludes(self, other: "Period") -> bool:
        """Say whether the two are different stretches of time."""
        for mine, theirs in (
            (self.year, other.year),
            (self.month, other.month),
            (self.day, other.day),
            (self.part, other.part),
        ):
            if mine and theirs and mine != theirs:
                return True
        return False

    def blurs(self, other: "Period") -> bool:
        """Say whether one is part of the other, or may be: a quarter and its year, May and 2023."""
        return bool(self.part) != bool(other.part) or (
            bool(self.year and other.year) and bool(self.month) != bool(other.month)
        )

    @property
    def key(self) -> tuple[int, int, int]:
        """Return what to sort by; what is not said comes first."""
        return (self.year or 0, self.month or 0, self.day or 0)

    def __str__(self) -> str:
        """Write it as yyyy-mm-dd, as far as it goes."""
        parts = [f"{self.year:04d}" if self.year else ""]
        parts += [f"{self.month:02d}"] if self.month else []
        parts += [f"{self.day:02d}"] if self.day and self.month else []
        return "-".join(parts).strip("-") + (f" {self.part}" if self.part else "")


def published(date: str | None) -> Period:
    """Return the day an article is of; nothing said where it is not known."""
    match = _PUBLISHED.match(date or "")
    if match is None:
        return Period()
    year, month, day = (int(part) for part in match.groups())
    return Period(year, month, day)


def period_of(
    text: str, facts: Sequence[Fact], span: tuple[int, int], position: int, date: str | None
) -> Period:
    """Return the time that the clause ``span`` of a sentence speaks of, for a fact at ``position``.

    The date in the clause that stands nearest before the fact counts, else the last one before it
    in the sentence. 去年 and 目前 are resolved by the article's ``date`` where that is known.
    """
    start, end = span
    of = published(date)
    inside = _dates(text, facts, start, end, of)
    before = [item for item in inside if item[0] <= position] or inside
    if not before:
        earlier = _dates(text, facts, 0, start, of)
        before = earlier[-1:]
    if not before:
        return Period()
    found = before[-1][1]
    for _at, more in reversed(before[:-1]):
        found = _merged(found, more)
    return found


def resolved(value: DateValue, of: Period) -> Period:
    """Return a date with the year and month it leaves out, which are those of the day ``of``.

    A month that comes after that day is of the year before or of a plan: its year stays open.
    """
    year, month, day = value
    if year is None and month is None and day is not None:
        return Period(of.year, of.month, day)
    if year is None and month is not None and of.year and of.month and month <= of.month:
        return Period(of.year, month, day)
    return Period(year, month, day)


def _dates(
    text: str, facts: Sequence[Fact], start: int, end: int, of: Period
) -> list[tuple[int, Period]]:
    found = [
        (fact.start, resolved(fact.value, of))
        for fact in facts
        if fact.kind == "date" and start <= fact.start < end
    ]
    for match in _RELATIVE.finditer(text, start, end):
        word = match.group()
        if word in _YEARS:
            year = of.year + _YEARS[word] if of.year else None
            found.append((match.start(), Period(year) if year else Period(part=word)))
        elif of.month and of.year:
            month = of.year * 12 + of.month - 1 + _MONTHS[word]
            found.append((match.start(), Period(month // 12, month % 12 + 1)))
    for match in _NOW.finditer(text, start, end):
        if of.said:
            found.append((match.start(), Period(of.year, of.month)))
    for match in _PART.finditer(text, start, end):
        found.append((match.start(), Period(part=_plain(match.group()))))
    return sorted(found, key=lambda item: item[0])


def _plain(part: str) -> str:
    return part.replace("第", "").removesuffix("度")


def _merged(near: Period, far: Period) -> Period:
    """Fill what the nearer date leaves out from one said before it: 2023年…5月."""
    if near.year and far.year and near.year != far.year:
        return near
    return Period(
        near.year or far.year,
        near.month or (None if near.day is None and near.year else far.month),
        near.day or (far.day if not near.month else None),
        near.part or far.part,
    )
