"""Finding shares, amounts of money and numbers in Simplified Chinese text."""

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from workbench.grounding.currencies import PREFIXES, SUFFIXES, YUAN
from workbench.grounding.numerals import (
    DIGITS,
    LARGE_UNITS,
    NUMERAL_CHARACTERS,
    SMALL_UNITS,
    mixed_value,
    number_value,
)

# 5千米 and 100兆瓦 name a unit of measure, 2023十大 no number.
_UNIT = r"(?:[万亿]|千(?![克米瓦卡赫帕伏焦])|百(?!分)|兆(?![瓦赫帕焦字比]))"
_PLAIN = r"(?:\d{1,3}(?:,\d{3})++(?!\d)|\d++)(?:\.\d++)?+"
_DIGITS = rf"{_PLAIN}(?:[ ]?{_UNIT}++(?:\d++(?:\.\d++)?+[ ]?{_UNIT}++){{0,3}}+)?+"
_ONE = "[一二三四五六七八九]"
# 五十万千瓦, 十六兆瓦, 六十二千米: a 千 or 兆 that belongs to the unit of measure.
_WORD = (
    f"(?:[{''.join(char for char in NUMERAL_CHARACTERS if char not in '千兆')}]"
    rf"|千(?![克瓦卡赫帕伏焦])(?:(?!米)|(?<![十百零]{_ONE}千)(?<![十百]千))|兆(?![瓦赫帕焦字比]))"
)
_AFTER_POINT = rf"点[{''.join(DIGITS)}]++(?:[万亿]++|(?=倍|级|度|[公千]|米|吨|个|元|岁|平方))"
_WORDS = rf"{_WORD}++(?:{_AFTER_POINT})?+"
# No number begins inside another, and 数十亿, 几百, 上千 say no exact one.
_FREE = rf"(?<![\d.])(?<![{NUMERAL_CHARACTERS}数几])(?!(?<=上)[百千万亿])"
_ANY = rf"(?:(?<![\d.]){_DIGITS}|{_FREE}{_WORDS})"
_MORE = rf"(?:[多余来](?P<more>[{''.join((*SMALL_UNITS, *LARGE_UNITS))}]++)?)?+"
_TO = r"[ ]?(?:至|到|[-—–~～]{1,2})[ ]?"
_LIST = r"[ ]?(?:至|到|[-—–~～]{1,2}|、|和|及|与|或)[ ]?"

_PERCENT = re.compile(
    rf"(?<![\d.])(?P<value>{_PLAIN})(?:[ ]?(?P<sign>[%‰])|(?={_TO}{_PLAIN}[ ]?%))"
)
_POINTS = re.compile(
    rf"(?P<value>(?<![\d.]){_PLAIN}|{_FREE}{_WORD}++(?:点[{''.join(DIGITS)}]++)?+)[多余]?[ ]?"
    "个百分点"
)
_FRACTION = re.compile(
    rf"(?P<below>(?<![\d.])\d++|(?<!{_WORD}){_WORD}++)分之"
    rf"(?P<above>{_PLAIN}|{_WORD}++(?:点[{''.join(DIGITS)}]++)?+)"
)
_TENTHS = re.compile(
    rf"(?<![第\d.几多{NUMERAL_CHARACTERS}])(?P<tenths>[1-9一二两三四五六七八九])"
    r"(?:成(?P<half>半|五(?!星))?(?![为立了本员果功长就都交语分品熟年人])|(?=[至到][四五六七八九]成))"
)
_SUFFIX = "|".join(map(re.escape, sorted(SUFFIXES, key=len, reverse=True)))
_AMOUNT = re.compile(
    rf"(?P<value>{_ANY}){_MORE}[ ]?(?P<suffix>{_SUFFIX})"
    r"(?![旦宵老素件凶帅勋])(?!(?<=[A-Z])[A-Za-z])"
)
_PREFIX = "|".join(map(re.escape, sorted(PREFIXES, key=len, reverse=True)))
_PREFIXED = re.compile(
    rf"(?<![A-Za-z$])(?P<prefix>{_PREFIX})"
    rf"[ ]?(?P<value>{_DIGITS}|{_WORDS}){_MORE}[ ]?(?P<suffix>元|圆|块)?"
)
_NOT_AFTER_YUAN = "结化论次里锂"  # 二元结构, 三元锂电池
_LISTING = ("、", "和", "及", "与", "或")
_LONGEST_LIST = 12
_REACH = 40
_LAST_UNITS = re.compile(rf"[{''.join((*SMALL_UNITS, *LARGE_UNITS))}]+\Z")
_BEFORE = re.compile(rf"(?P<value>{_ANY})(?P<sign>{_LIST})\Z")
_LATIN_UNITS = (
    "km|kg|cm|mm|nm|mg|ml|kW|MW|GW|kWh|kwh|GB|TB|MB|Hz|MHz|GHz|mAh|dB|g|m|t|h|s|V|W|L|°C|℃"
)
LATIN_UNIT = rf"(?:{_LATIN_UNITS})(?![A-Za-z0-9])"
_DIGITS_NUMBER = re.compile(
    rf"(?<![A-Za-z\d.])(?P<value>{_DIGITS}){_MORE}(?:(?![A-Za-z])|(?={LATIN_UNIT}))"
)
MEASURES = (
    "季度|世纪|小时|分钟|公斤|千克|公里|千米|平方|立方|公顷|英里|海里|毫米|厘米|英寸|摄氏度|人次|"
    "千瓦|兆瓦|[个家名人位款条件项次倍天日年岁秒周吨克斤米里亩度辆台套座所户册本篇部艘架场份张只头株层"
    "间期轮届级批股票字处种类组对起例支枚颗块片箱桶栋幢页集章步圈局球分队站桩宗笔瓶杯口副根道门"
    "辈代夜晚点时趟节方朵棵匹]"
)
_COUNTED = re.compile(rf"{_FREE}(?P<value>{_WORDS}){_MORE}(?={MEASURES})")
_UNCOUNTED = re.compile(rf"{_FREE}(?=十?[{''.join(DIGITS)}])(?P<value>{_WORDS}){_MORE}(?!几)")
_ORDINAL = re.compile(rf"第(?P<value>{_WORD}++)(?![，、,：:])")
_SCORE = re.compile(f"[{''.join(DIGITS)}]比[{''.join(DIGITS)}]")
_AFTERNOON = re.compile(
    rf"(?:下午|午后|傍晚|晚上|晚间|[当今昨]晚)(?P<value>\d{{1,2}}|{_WORD}++)(?=[点时:：])"
)


def find_percents(text: str) -> Iterator[tuple[int, int, object]]:
    """Yield start, end and value in per cent; percentage points as ``(value, "points")``.

    百分之三十五 and 35% are 35, 六成 60, 三分之一 the fraction 100/3.
    """
    for match in _POINTS.finditer(text):
        if (value := number_value(match["value"])) is not None:
            yield *match.span(), (value, "points")
    for match in _PERCENT.finditer(text):
        value = mixed_value(match["value"], "")
        yield *match.span(), value / 10 if match["sign"] == "‰" else value
    for match in _FRACTION.finditer(text):
        below, above = number_value(match["below"]), number_value(match["above"])
        if below and above is not None:
            yield *match.span(), Fraction(above) * 100 / Fraction(below)
    for match in _TENTHS.finditer(text):
        tenths = number_value(match["tenths"])
        if tenths is not None:
            yield *match.span(), tenths * 10 + (5 if match["half"] else 0)


def find_amounts(text: str) -> Iterator[tuple[int, int, tuple[Decimal, str]]]:
    """Yield start, end and (value, currency) of every amount.

    The currency is its ISO 4217 code, or 元 where the text says no more than that. In 3至5亿美元
    and 3亿、5亿美元 the currency, and a unit left out, are those of the last amount.
    """
    for match in _PREFIXED.finditer(text):
        if (value := _value(match)) is not None:
            yield *match.span(), (value, PREFIXES[match["prefix"]])
    for match in reversed(list(_AMOUNT.finditer(text))):
        value = _value(match)
        currency = SUFFIXES[match["suffix"]]
        after = text[match.end() : match.end() + 1]
        if value is None or (
            currency == YUAN and value <= 3 and after and after in _NOT_AFTER_YUAN
        ):
            continue
        yield *match.span(), (value, currency)
        for start, end, earlier in _listed_before(text, match.start(), match["value"]):
            yield start, end, (earlier, currency)


def find_numbers(text: str) -> Iterator[tuple[int, int, Decimal]]:
    """Yield start, end and value of every number that states a figure.

    Chinese numerals count before a measure word or where they hold a unit; 一个, 两家, 第一 and
    第二 say nothing that a reader would look up, and 三四十, 数百 no exact number.
    """
    for match in _AFTERNOON.finditer(text):
        hour = number_value(match["value"])
        if hour is not None and hour < 12:
            yield *match.span("value"), hour + 12
    for match in reversed(list(_DIGITS_NUMBER.finditer(text))):
        if (value := _value(match)) is not None:
            yield match.start(), match.start() + len(match.group().rstrip()), value
            if _left_out(match["value"]):
                yield from _listed_before(text, match.start(), match["value"])
    for match in _COUNTED.finditer(text):
        value = _value(match)
        if value is not None and value > 2 and not _vague(match["value"], text[match.end()]):
            yield *match.span(), value
    for match in _UNCOUNTED.finditer(text):
        value = _value(match)
        with_unit = not all(char in DIGITS for char in match["value"])
        if value is not None and with_unit and len(match["value"]) > 1:
            yield *match.span(), value
    for match in _ORDINAL.finditer(text):
        value = number_value(match["value"])
        if value is not None and value > 2:
            yield *match.span("value"), value


def find_small_counts(text: str) -> set[Decimal]:
    """Return the numbers a text holds that ``find_numbers`` passes over as no figures."""
    found: set[Decimal] = set()
    for pattern in (_COUNTED, _ORDINAL, _AFTERNOON):
        for match in pattern.finditer(text):
            if (value := number_value(match["value"])) is not None:
                found.add(value)
    for match in _SCORE.finditer(text):
        found |= {Decimal(DIGITS[char]) for char in match.group() if char in DIGITS}
    if re.search("首[次个届日批家位名例款轮]", text):
        found.add(Decimal(1))
    return found


def _value(match: "re.Match[str]") -> Decimal | None:
    """Return the value of a match, 500多万 with the unit that comes after 多."""
    value = number_value(match["value"])
    more = match["more"]
    return value if value is None or not more else value * mixed_value("1", more)


def _vague(numeral: str, after: str) -> bool:
    """Say whether a numeral gives no exact number: 七八 (7 or 8), 万 in 万户, 十 in 十分."""
    return (
        numeral in ("百", "千", "万", "亿", "兆", "千万")
        or (len(numeral) == 2 and all(char in DIGITS for char in numeral))
        or numeral + after in ("十分", "四处")
    )


def _left_out(number: str) -> str:
    """Return the units that end a number in digits, which those listed before it may leave out."""
    units = _LAST_UNITS.search(number) if number[:1].isdecimal() else None
    return units.group() if units else ""


def _listed_before(text: str, start: int, last: str) -> Iterator[tuple[int, int, Decimal]]:
    """Yield the numbers listed right before the one at ``start``, with the unit they leave out.

    In a range only a smaller number leaves its unit out: 3至5亿, but 8000至1万.
    """
    unit = mixed_value("1", _left_out(last))
    whole = number_value(last)
    for _count in range(_LONGEST_LIST):
        match = _BEFORE.search(text, max(0, start - _REACH), start)
        value = number_value(match["value"]) if match else None
        if match is None or value is None:
            return
        start, number = match.start("value"), match["value"].rstrip()
        listed = match["sign"].strip() in _LISTING
        if number[-1].isdecimal() and (listed or (whole is not None and value * unit < whole)):
            value *= unit
        yield start, start + len(number), value
