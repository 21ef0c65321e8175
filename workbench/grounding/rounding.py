"""Figures that a text gives in round numbers and says so: 近1.4万 for 13,920, 500余万 for 523.1万.

A figure without such a word is exact: 1.4万 for 13,920 is another figure.
"""

import re
from decimal import Decimal

from workbench.grounding.numerals import NUMERAL_CHARACTERS, number_value

_BELOW = re.compile(r"(?:将近|接近|近|不足|不到|不满)[ ]?$")
_ABOVE = re.compile(r"(?:超过|超出|突破|超|逾|高于|多于|不少于|至少)[ ]?$")
_ABOUT = re.compile(r"(?:大约|约合?|约为|大概|左右|估计)[ ]?$")
_MORE = re.compile("[多余]")
_ABOUT_AFTER = re.compile("^[^，。；、]{0,3}?(?:左右|上下)")
_NUMBER = re.compile(rf"\d[\d,]*(?:\.\d+)?|[{NUMERAL_CHARACTERS}]+")
_REACH = 4
_MOST_OFF = Decimal("0.25")
_MOST_ABOUT = Decimal("0.05")


def rounds(text: str, start: int, end: int, value: Decimal, exact: Decimal) -> bool:
    """Say whether the figure at ``start`` to ``end`` of a text is ``exact`` in round numbers.

    ``value`` is what the figure says itself. The word before or after it tells on which side the
    exact figure lies, its last written place how far away at most.
    """
    if value <= 0 or exact <= 0 or value == exact:
        return False
    before, written = text[max(0, start - _REACH) : start], text[start:end]
    digits, step = _written(written, value)
    if digits > 10:
        step = min(step, value * _MOST_OFF)
    if _MORE.search(written) or _ABOVE.search(before):
        return 0 < exact - value < step
    if _BELOW.search(before):
        return 0 < value - exact < step
    if _ABOUT.search(before) or _ABOUT_AFTER.match(text[end : end + 2 * _REACH]):
        return abs(exact - value) <= min(step / 2, value * _MOST_ABOUT)
    return False


def _written(written: str, value: Decimal) -> tuple[Decimal, Decimal]:
    """Return the number a figure is written with, and what one more in its last place adds to it.

    The last place is the last that is not zero: 100 of 万 in 500余万 and ten years in 十余年.
    """
    match = _NUMBER.search(written)
    digits = number_value(match.group()) if match else None
    if not digits:
        digits = value
    exponent = int(digits.normalize().as_tuple().exponent)
    return digits, Decimal(10) ** exponent * value / digits
