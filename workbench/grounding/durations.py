"""Finding stretches of time in Simplified Chinese text: 三个月, 两年半, 48小时, 为期五天.

A duration is compared within its family of units: 18个月 is 一年半 and 两周 14天, but 90天 is not
三个月, and 24小时 not 一天, as no text means them to the day.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from workbench.grounding.numerals import DIGITS, NUMERAL_CHARACTERS, number_value

DurationValue = tuple[Decimal, str]
Found = tuple[int, int, DurationValue]

_UNITS: dict[str, tuple[str, int]] = {
    "年": ("months", 12),
    "周年": ("months", 12),
    "个月": ("months", 1),
    "周": ("days", 7),
    "个星期": ("days", 7),
    "星期": ("days", 7),
    "个礼拜": ("days", 7),
    "天": ("days", 1),
    "昼夜": ("days", 1),
    "个昼夜": ("days", 1),
    "小时": ("seconds", 3600),
    "个小时": ("seconds", 3600),
    "个多小时": ("seconds", 3600),
    "个多月": ("months", 1),
    "个多星期": ("days", 7),
    "个钟头": ("seconds", 3600),
    "分钟": ("seconds", 60),
    "秒": ("seconds", 1),
    "秒钟": ("seconds", 1),
}
_NUMBER = rf"(?:\d++(?:\.\d++)?+|[{NUMERAL_CHARACTERS}]++(?:点[{''.join(DIGITS)}]++)?+)"
# No duration begins inside a number or an ordinal; 数十年 and 几个月 state no exact one.
_FREE = rf"(?<![\d.,第{NUMERAL_CHARACTERS}数几半点])"
_YEARS = "年(?!代|级|度|轮|龄|纪|初|末|底|号|份|货|产|薪|均|终|会|报|检|审|夜|关|间?[春夏秋冬])"
_DAYS = "天(?!然|津|空|气|地|文|下|使|才|堂|宫|舟|问|河|际|赋|线|线|性|真|府|猫)"
_WEEKS = "周(?![边围刊报岁年一二三四五六日末期])"
_ANY_UNIT = (
    f"(?:周年|{_YEARS}|个多月|个多小时|个多星期|个月|{_WEEKS}|个?星期(?![一二三四五六日天])|个?礼拜(?![一二三四五六日天])"
    f"|{_DAYS}|个?昼夜|个?小时|个钟头|分钟|秒钟|秒)"
)
_PLAIN = re.compile(rf"{_FREE}(?P<number>{_NUMBER})[多余来]?[ ]?(?P<unit>{_ANY_UNIT})(?P<half>半)?")
_MONTHS_AFTER = re.compile(rf"零?(?P<number>{_NUMBER})个月")
_MINUTES_AFTER = re.compile(rf"(?P<number>{_NUMBER})分钟?")
_SECONDS_AFTER = re.compile(rf"(?P<number>{_NUMBER})秒")
_MINUTES_SECONDS = re.compile(rf"{_FREE}(?P<minutes>\d++)分(?P<seconds>\d++(?:\.\d++)?+)秒?")
_HALF_BETWEEN = re.compile(rf"{_FREE}(?P<number>{_NUMBER})个半(?P<unit>月|小时|星期|钟头)")
_HALF = re.compile(
    r"(?<![\d第一二三四五六七八九十大上下前后两个多])半(?P<unit>年|个月|小时|个小时)(?![报度])"
)
_LISTED = re.compile(
    rf"{_FREE}(?P<number>{_NUMBER})[ ]?(?:至|到|[-—–~～]{{1,2}}|、|和|或)[ ]?"
    rf"(?={_NUMBER}[多余来]?[ ]?(?P<unit>{_ANY_UNIT}))"
)
_AFTER_POINT = {"月": "个月", "小时": "小时", "星期": "星期", "钟头": "个钟头"}
# 一年一度, 有一天 state no figure.
_HARDLY = ("年", "天", "周", "秒")
_VAGUE = frozenset({"百", "千", "万", "亿", "千万"})
_IN_DIGITS_A_YEAR = re.compile(r"(?:1[89]|20)\d\d|[一二][零〇○一二三四五六七八九]{3}")


def find_durations(text: str, *, small: bool = False) -> Iterator[Found]:
    """Yield start, end and (length, family) of every duration of a narrowed text.

    The family is months, days or seconds, the length counted in it. 一年, 一天 and the like in
    words state no figure unless ``small``; years such as 2023年 are dates, the days of 3日 too.
    """
    for match in _MINUTES_SECONDS.finditer(text):
        minutes, seconds = Decimal(match["minutes"]), Decimal(match["seconds"])
        yield *match.span(), (minutes * 60 + seconds, "seconds")
    for match in _HALF_BETWEEN.finditer(text):
        value = number_value(match["number"])
        family, size = _UNITS[_AFTER_POINT[match["unit"]]]
        if value is not None:
            yield *match.span(), ((value + Decimal("0.5")) * size, family)
    for match in _HALF.finditer(text):
        family, size = _UNITS[match["unit"]]
        yield *match.span(), (Decimal(size) / 2, family)
    for match in _PLAIN.finditer(text):
        value = _value(match["number"])
        if value is None or _is_year(match["number"], match["unit"]):
            continue
        family, size = _UNITS[match["unit"]]
        length, end = value * size, match.end()
        if match["half"]:
            length += Decimal(size) / 2
        elif match["unit"] == "年" and (more := _MONTHS_AFTER.match(text, end)):
            length, end = length + (_value(more["number"]) or 0), more.end()
        elif size == 3600 and (more := _MINUTES_AFTER.match(text, end)):
            length, end = length + 60 * (_value(more["number"]) or 0), more.end()
        elif size == 60 and (more := _SECONDS_AFTER.match(text, end)):
            length, end = length + (_value(more["number"]) or 0), more.end()
        elif value == 1 and not small and match["number"] == "一" and match["unit"] in _HARDLY:
            continue
        yield match.start(), end, (length, family)
    for match in _LISTED.finditer(text):
        value = _value(match["number"])
        family, size = _UNITS[match["unit"]]
        if value is not None and not _is_year(match["number"], match["unit"]):
            yield match.start(), match.end("number"), (value * size, family)


def _value(number: str) -> Decimal | None:
    """Return what a number of a duration says; None for 百年, 七八天 and other vague ones."""
    two = len(number) == 2 and all(char in DIGITS for char in number)
    return None if number in _VAGUE or two else number_value(number)


def _is_year(number: str, unit: str) -> bool:
    return unit == "年" and _IN_DIGITS_A_YEAR.fullmatch(number) is not None
