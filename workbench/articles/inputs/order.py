"""The order people expect of file names: 第2章 before 第10章, 第二章 before 第十章."""

import re
import unicodedata

_NUMBER = re.compile(r"(\d+|(?<=第)[零〇一二三四五六七八九十百千两兩]{1,12})")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "兩": 2,
}
_UNITS = {"十": 10, "百": 100, "千": 1000}

Parts = tuple[tuple[int, int, str], ...]
Key = tuple[Parts, Parts, str]


def natural_key(name: str) -> Key:
    """Return what to sort a name by: its numbers by value, the rest by character, case apart.

    The suffix counts last, so that 早市.txt comes before 早市2.txt.
    """
    stem, dot, suffix = name.rpartition(".")
    return (_parts(stem), _parts(suffix), name) if dot and stem else (_parts(name), (), name)


def _parts(text: str) -> Parts:
    parts = _NUMBER.split(text)
    found = []
    for at, part in enumerate(parts):
        if at % 2:
            digits = _digits(part)
            found.append((0, len(digits), digits))
        elif part:
            found.append((1, 0, part.casefold()))
    return tuple(found)


def _digits(number: str) -> str:
    """Return a number as ASCII digits without leading zeros: longer is then larger."""
    if number[0] in _DIGITS or number[0] in _UNITS:
        return str(_chinese(number))
    return "".join(str(unicodedata.decimal(char)) for char in number).lstrip("0")


def _chinese(numeral: str) -> int:
    """Return the value of a numeral such as 二十三 or 一百零五, or digit by digit as 一九四九."""
    if not any(char in _UNITS for char in numeral):
        return int("".join(str(_DIGITS[char]) for char in numeral))
    total, digit = 0, 0
    for char in numeral:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit
