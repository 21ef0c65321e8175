"""Calendar dates as Chinese pages write them, read into ISO 8601."""

import re
from datetime import date

from workbench.articles.script import fold

DATE = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)\s?[-/.年]\s?(?P<month>\d{1,2})\s?[-/.月]\s?(?P<day>\d{1,2})(?!\d)(?:\s?[日号])?"
    r"|民国\s?(?P<era>\d{2,3})\s?年\s?(?P<emonth>\d{1,2})\s?月\s?(?P<eday>\d{1,2})\s?日"
    r"|(?<![\d-])(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second>\d{1,2})(?P=mark)(?P<last>(?:19|20)\d\d)(?!\d)"
    r"|(?P<zyear>[一二][〇○零九][〇○零一二三四五六七八九]{2})年(?P<zmonth>[一二三四五六七八九十]{1,2})月"
    r"(?P<zday>[一二三四五六七八九十]{1,3})日"
    r"|(?P<word>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.? (?P<wday>\d{1,2}),?"
    r" (?P<wyear>(?:19|20)\d\d)(?!\d)"
    r"|(?<!\d)(?P<cyear>20\d\d|19\d\d)(?P<cmonth>0[1-9]|1[0-2])(?P<cday>[0-3]\d)(?!\d)",
    re.IGNORECASE,
)
"""A full date in folded text: year first, 民国 years, Chinese numerals, English months, or the day
and month before the year."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0}
_ERA = 1911


def iso_date(value: str | None) -> str | None:
    """Return the first full date in a text as yyyy-mm-dd; None where none stands that exists.

    05-06-2024 is none: nobody can say which of the two is the month.
    """
    found = DATE.search(fold(value)) if value else None
    return read_date(found) if found else None


def read_date(found: re.Match[str]) -> str | None:
    """Return a match of DATE as yyyy-mm-dd; None for one that is ambiguous or does not exist."""
    try:
        numbers = _numbers(found)
        return date(*numbers).isoformat() if numbers else None
    except ValueError:
        return None


def _numbers(found: re.Match[str]) -> tuple[int, int, int] | None:
    part = found.groupdict()
    if part["year"]:
        return int(part["year"]), int(part["month"]), int(part["day"])
    if part["era"]:
        return _ERA + int(part["era"]), int(part["emonth"]), int(part["eday"])
    if part["zyear"]:
        year = int("".join(str(_DIGITS[char]) for char in part["zyear"]))
        return year, _chinese(part["zmonth"]), _chinese(part["zday"])
    if part["word"]:
        return int(part["wyear"]), _MONTHS.index(part["word"].lower()) + 1, int(part["wday"])
    if part["cyear"]:
        return int(part["cyear"]), int(part["cmonth"]), int(part["cday"])
    first, second, year = int(part["first"]), int(part["second"]), int(part["last"])
    if first == second or second > 12 >= first:
        return year, first, second
    return (year, second, first) if first > 12 else None


def _chinese(numeral: str) -> int:
    """Read a numeral from 一 to 三十一."""
    tens, mark, ones = numeral.partition("十")
    if not mark:
        return _DIGITS[numeral]
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
