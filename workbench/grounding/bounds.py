"""Comparing two figures as their texts mean them: 近80, 超过230, 约3.6亿, 500多万."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from workbench.grounding.numerals import DIGITS, LARGE_UNITS, SMALL_UNITS

_BEFORE = re.compile(
    r"(?P<above>超过了?|突破了?|超|逾|不少于|不低于|至少)[ ]?$"
    r"|(?P<about>大约|约合?|大概|左右|估计|差不多)(?:有|为|是)?[ ]?$"
    r"|(?P<below>将近|接近|近|不足|不到|不满|未满|不及|差一点到)[ ]?$"
    r"|(?P<most>不超过|不多于|不高于|最多|至多|最高)[ ]?$"
)
_AFTER = re.compile(
    r"[^，,。；;、]{0,3}?(?:(?P<about>左右|上下|前后)|(?P<above>以上|有余|[多余]|开外)"
    r"|(?P<most>以内|以下|之内))"
)
_REACH = 6
_ABOUT = 0.1
_ABOVE = 0.3
_FAR = 0.6
_BELOW = 0.15
_WRITTEN_ROUND = 0.05
_PLAINLY_OTHER = 0.10


class Verdict(Enum):
    """What two figures for one thing say of each other; UNCLEAR: neither can be said."""

    AGREE = "agree"
    DIFFER = "differ"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a figure allows: from ``low`` to ``high``; ``open`` says that it may lie further out.

    ``open`` is 1 where the text only gives a least value (超过), -1 where only a most (不到).
    ``step`` is the last place written: 0.1亿 in 3.6亿, 1 in 128.
    """

    value: float
    low: float
    high: float
    open: int
    step: float

    @property
    def exact(self) -> bool:
        """Say whether the text gives the figure without a qualifier."""
        return self.low == self.high


def bounds(text: str, start: int, end: int, value: float, factor: float = 1.0) -> Bounds:
    """Return what a figure at ``start`` to ``end`` of a narrowed text allows, in base units."""
    written = text[start:end]
    step = _step(written) * factor
    value *= factor
    before = _BEFORE.search(text, max(0, start - _REACH), start)
    after = _AFTER.match(text, end)
    kind = (before.lastgroup if before else None) or (after.lastgroup if after else None)
    if kind is None and re.search("[多余来]", written):
        kind = "above"
    size = abs(value)
    if kind == "above":
        return Bounds(value, value, value + _ABOVE * size, 1, step)
    if kind == "about":
        return Bounds(value, value - _ABOUT * size, value + _ABOUT * size, 0, step)
    if kind == "below":
        return Bounds(value, value - _BELOW * size, value, -1, step)
    if kind == "most":
        return Bounds(value, value - _BELOW * size, value, -1, step)
    return Bounds(value, value, value, 0, step)


def compare(one: Bounds, other: Bounds) -> Verdict:
    """Say whether two figures for one thing agree, differ, or leave it open."""
    if one.low <= other.high and other.low <= one.high:
        return Verdict.AGREE
    low, high = (one, other) if one.value < other.value else (other, one)
    apart = high.value - low.value
    if low.open > 0 or high.open < 0:
        # Who says more than 100 means not much more: 150 may be meant too, 238 is not.
        return Verdict.UNCLEAR if apart <= _FAR * abs(low.value) else Verdict.DIFFER
    size = max(abs(one.value), abs(other.value)) or 1.0
    if apart <= max(one.step, other.step) / 2:
        if apart <= _WRITTEN_ROUND * size:
            return Verdict.AGREE
        if apart <= _PLAINLY_OTHER * size:
            return Verdict.UNCLEAR
    return Verdict.DIFFER


def _step(written: str) -> float:
    """Return the value of the last place a number is written to."""
    digits = re.search(r"(\d[\d,]*)(?:\.(\d+))?", written)
    units = re.search(rf"[{''.join((*SMALL_UNITS, *LARGE_UNITS))}]+", written)
    scale = Decimal(1)
    for char in units.group() if units else "":
        scale *= SMALL_UNITS.get(char) or LARGE_UNITS[char]
    if digits:
        return float(scale * Decimal(10) ** -len(digits[2] or ""))
    if "点" in written:
        places = len(re.findall(rf"[{''.join(DIGITS)}]", written.partition("点")[2]))
        return float(Decimal(10) ** -places)
    # In 一百二十万 and 三百五十 the last unit is what was rounded to, if anything was.
    last = re.search(rf"[{''.join(LARGE_UNITS)}](?![{''.join(DIGITS)}])", written)
    return float(LARGE_UNITS[last.group()]) if last else 1.0
