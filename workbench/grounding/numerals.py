"""Reading numbers as Chinese texts write them: digits, Chinese numerals, and mixtures.

Numerals follow GB/T 15835-2011 (writing numbers in publications) and everyday usage: 两 for 二,
a last digit that leaves its unit out (两万三 is 23,000), digits one by one (二〇二四).
"""

import re
from decimal import Decimal

DIGITS = {
    char: value
    for value, chars in enumerate(
        ("零〇○", "一壹", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for char in chars
}
SMALL_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
LARGE_UNITS = {"万": 10**4, "亿": 10**8, "兆": 10**12}
NUMERAL_CHARACTERS = "".join((*DIGITS, *SMALL_UNITS, *LARGE_UNITS))

_LONGEST = 40
_ZEROS = "零〇○"
# Full-width letters, digits and signs stand 0xFEE0 above ASCII; commas and the like stay as signs
# of Chinese punctuation, except between full-width digits.
_FULL_WIDTH = {
    code: code - 0xFEE0
    for first, last in ("０９", "ＡＺ", "ａｚ")
    for code in range(ord(first), ord(last) + 1)
} | str.maketrans("．％－＋＄￥＆", ".%-+$¥&")
_FULL_WIDTH_COMMA = re.compile("(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")
_UNITS = "".join((*SMALL_UNITS, *LARGE_UNITS))
_GROUP = re.compile(rf"(?P<digits>\d[\d,]*(?:\.\d+)?)(?P<units>[{_UNITS}]*)")
_DECIMAL = re.compile(
    rf"(?P<whole>[{NUMERAL_CHARACTERS}]+)点(?P<fraction>[{''.join(DIGITS)}]+)(?P<units>[{_UNITS}]*)"
)


def narrow(text: str) -> str:
    """Turn full-width letters, digits and signs of numbers into ASCII, length unchanged."""
    return _FULL_WIDTH_COMMA.sub(",", text).translate(_FULL_WIDTH)


def number_value(text: str) -> Decimal | None:
    """Return the value of a number in any notation: 1.3万亿, 1亿3000万, 三点五亿, 两万三.

    None where the text is no well-formed number, as 三四十 (some) and 十四五 (a plan) are not.
    """
    text = text.replace(" ", "")
    if not text or len(text) > _LONGEST:
        return None
    if match := _DECIMAL.fullmatch(text):
        whole = chinese_value(match["whole"])
        if whole is None:
            return None
        fraction = "".join(str(DIGITS[char]) for char in match["fraction"])
        return mixed_value(f"{whole}.{fraction}", match["units"])
    if not text[0].isdecimal():
        return chinese_value(text)
    return _grouped_value(text)


def _grouped_value(text: str) -> Decimal | None:
    """Add up groups of digits and units, each smaller than the unit before it: 1亿3000万."""
    total = Decimal(0)
    least: Decimal | None = None
    position = 0
    while position < len(text):
        match = _GROUP.match(text, position)
        rest = mixed_value(*match.groups()) if match else chinese_value(text[position:])
        if rest is None or (least is not None and rest >= least):
            return None
        total += rest
        if match is None:
            return total
        position = match.end()
        if match["units"]:
            least = mixed_value("1", match["units"])
        elif position < len(text) or least is not None:
            return None
    return total


def mixed_value(number: str, units: str) -> Decimal:
    """Return the value of digits followed by Chinese units: ``mixed_value("1.3", "万亿")``."""
    value = Decimal(number.replace(",", ""))
    for char in units:
        value *= SMALL_UNITS.get(char) or LARGE_UNITS[char]
    return value


def chinese_value(numeral: str) -> Decimal | None:
    """Return the value of a numeral such as 五千万, 一百二十三, 二〇二四; None where it is none."""
    if not numeral or len(numeral) > _LONGEST:
        return None
    if any(char not in NUMERAL_CHARACTERS for char in numeral):
        return None
    if len(numeral) > 1 and all(char in DIGITS for char in numeral):
        return Decimal("".join(str(DIGITS[char]) for char in numeral))
    value = _large(numeral)
    return None if value is None else Decimal(value)


def _large(numeral: str) -> int | None:
    """Split at the largest unit: what stands before it counts it, what stands after is added."""
    for char, unit in sorted(LARGE_UNITS.items(), key=lambda item: -item[1]):
        before, found, after = numeral.rpartition(char)
        if not found:
            continue
        count = _large(before) if before else 1
        if not count or char in before:
            return None
        if len(after) == 1 and DIGITS.get(after):
            rest: int | None = DIGITS[after] * unit // 10
        else:
            rest = _large(after) if after else 0
        return None if rest is None or rest >= unit else count * unit + rest
    return _section(numeral)


def _section(numeral: str) -> int | None:
    """Return the value of a numeral below 10,000; its units must fall: 三千零五十."""
    total, pending, last, zero = 0, 0, 10_000, False
    for char in numeral:
        if char in _ZEROS:
            if pending or zero:
                return None
            zero = True
        elif char in DIGITS:
            if pending:
                return None
            pending = DIGITS[char]
        else:
            unit = SMALL_UNITS[char]
            if unit >= last or not (pending or not total or unit == 10):
                return None
            total += (pending or 1) * unit
            pending, last, zero = 0, unit, False
    # 三千二 leaves out the unit below the last one; 三千零二 does not.
    shift = last // 10 if last in (100, 1000) and not zero else 1
    return total + pending * shift
