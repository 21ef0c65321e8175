"""Reading numbers as Chinese texts write them: digits, Chinese numerals, and mixtures."""

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

_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，％", "0123456789.,%")


def narrow(text: str) -> str:
    """Turn full-width digits, stops, commas and per cent signs into ASCII, length unchanged."""
    return text.translate(_FULL_WIDTH)


def chinese_value(numeral: str) -> Decimal | None:
    """Return the value of a numeral such as 五千万, 一百二十三, 二〇二四; None where it is none."""
    if not numeral or any(char not in NUMERAL_CHARACTERS for char in numeral):
        return None
    if len(numeral) > 1 and all(char in DIGITS for char in numeral):
        return Decimal("".join(str(DIGITS[char]) for char in numeral))
    total = section = digit = 0
    for char in numeral:
        if char in DIGITS:
            digit = DIGITS[char]
        elif char in SMALL_UNITS:
            section += (digit or (1 if section == 0 else 0)) * SMALL_UNITS[char]
            digit = 0
        else:
            section += digit
            # 万亿 multiplies what came before it as a whole.
            if section == 0 and total:
                total *= LARGE_UNITS[char]
            else:
                total += (section or 1) * LARGE_UNITS[char]
            section = digit = 0
    return Decimal(total + section + digit)


def mixed_value(number: str, units: str) -> Decimal:
    """Return the value of digits followed by Chinese units: ``mixed_value("1.3", "万亿")``."""
    value = Decimal(number.replace(",", ""))
    for char in units:
        value *= SMALL_UNITS.get(char) or LARGE_UNITS[char]
    return value
