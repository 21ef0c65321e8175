"""Dates told from the day an article came out (去年, 上月, 本周三, 三天前), and parts of years.

What a word means follows Chinese news usage: a week begins on Monday, 周三 without more is the last
one or the next, 一周前 the same weekday.
"""

import datetime
import re
from collections.abc import Iterator

from workbench.grounding.dates import DateValue
from workbench.grounding.numerals import NUMERAL_CHARACTERS, number_value

Found = tuple[int, int, DateValue]

YEARS = {
    "今年": 0,
    "本年": 0,
    "去年": -1,
    "上年": -1,
    "前年": -2,
    "大前年": -3,
    "明年": 1,
    "后年": 2,
}
_MONTHS = {"本月": 0, "这个月": 0, "上月": -1, "上个月": -1, "下月": 1, "下个月": 1}
_DAYS = {"今": 0, "昨": -1, "前": -2, "明": 1}
_WEEKS = {"本": 0, "这": 0, "上": -1, "上上": -2, "下": 1}
_WEEKDAYS = {char: index for index, char in enumerate("一二三四五六日")} | {"天": 6}

_NUMERAL = rf"(?:\d{{1,3}}|[{NUMERAL_CHARACTERS}]{{1,4}})"
_YEAR = re.compile(
    rf"(?P<word>大前年|[今去本上前明后]年)(?P<month>(?:的)?(?P<number>{_NUMERAL})月份?"
    rf"(?:(?P<day>{_NUMERAL})[日号])?)?"
)
_MONTH = re.compile(rf"(?P<word>[本上下]月|[这上下]个月)(?P<number>{_NUMERAL})?(?(number)[日号])")
_DAY = re.compile(
    r"(?P<word>[今昨明])(?:天|日|[晨早晚夜](?![报会]))|(?<![目以之此天日年月周期\d])(?P<before>前)[天日](?!后)"
)
_WEEK = re.compile(
    r"(?P<week>上上|[本这上下])个?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])(?![期年])"
)
_WEEKDAY = re.compile(
    r"(?<![本这上下个每近一两三四五六七八九十\d])(?:周|星期)(?P<day>[一二三四五六日])(?![期年至到])"
)
_AGO = re.compile(
    rf"(?<![\d.{NUMERAL_CHARACTERS}数几第])(?P<count>{_NUMERAL})(?P<unit>年|个月|周|个?星期|天|日)(?:之|以)?前(?!后)"
)
_PARTS = re.compile(
    r"(?P<half>[上下]半年)|(?:第)?(?P<quarter>[一二三四1-4])季度?(?![节候军])"
    r"|前(?P<first>[三六九369])个?月"
)
_MONTH_RANGE = re.compile(
    r"(?<!\d)(?P<from>1[0-2]|[1-9])(?:月份?)?[ ]?[至到\-—–~～]{1,2}[ ]?(?P<to>1[0-2]|[1-9])月"
)
_MONTHS_OF_PART = {
    (1, 6): "H1",
    (7, 12): "H2",
    (1, 3): "Q1",
    (4, 6): "Q2",
    (7, 9): "Q3",
    (10, 12): "Q4",
}


def find_relative_dates(text: str, published: datetime.date) -> Iterator[Found]:
    """Yield start, end and date of what a narrowed text tells from the day it was published."""
    for match in _YEAR.finditer(text):
        year = published.year + YEARS[match["word"]]
        month, day = _number(match["number"]), _number(match["day"])
        if month and month <= 12 and (day is None or 1 <= day <= 31):
            yield *match.span(), (year, month, day)
        else:
            yield *match.span("word"), (year, None, None)
    for match in _MONTH.finditer(text):
        month = published.year * 12 + published.month - 1 + _MONTHS[match["word"]]
        day = _number(match["number"])
        if day is None or 1 <= day <= 31:
            yield *match.span(), (month // 12, month % 12 + 1, day)
    for match in _DAY.finditer(text):
        days = _DAYS[match["word"] or match["before"]]
        yield *match.span(), _value(published, datetime.timedelta(days))
    monday = -published.weekday()
    for match in _WEEK.finditer(text):
        days = monday + 7 * _WEEKS[match["week"]] + _WEEKDAYS[match["day"]]
        yield *match.span(), _value(published, datetime.timedelta(days))
    for match in _AGO.finditer(text):
        count = _number(match["count"])
        if count and (value := _before(published, count, match["unit"])):
            yield *match.span(), value


def weekdays(text: str, published: datetime.date) -> Iterator[DateValue]:
    """Yield the days that 周三 without more may be: the last one up to the day, and the next."""
    for match in _WEEKDAY.finditer(text):
        back = (published.weekday() - _WEEKDAYS[match["day"]]) % 7
        for days in (-back, 7 - back):
            yield _value(published, datetime.timedelta(days))


def find_parts_of_year(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and H1, H2 or Q1 to Q4 of every half and quarter: 上半年, 三季度, 1至6月."""
    for match in _PARTS.finditer(text):
        if match["half"]:
            yield *match.span(), "H1" if match["half"][0] == "上" else "H2"
        elif match["quarter"]:
            yield *match.span(), f"Q{_number(match['quarter'])}"
        elif part := {3: "Q1", 6: "H1"}.get(_number(match["first"]) or 0):
            yield *match.span(), part
    for match in _MONTH_RANGE.finditer(text):
        if part := _MONTHS_OF_PART.get((int(match["from"]), int(match["to"]))):
            yield *match.span(), part


def find_month_spans(text: str) -> Iterator[int]:
    """Yield how many months each range of months covers: 9 for 1至9月 and for 前9个月."""
    for match in _MONTH_RANGE.finditer(text):
        if (months := int(match["to"]) - int(match["from"]) + 1) > 1:
            yield months


def published_date(text: str | None) -> datetime.date | None:
    """Return the date at the start of ``text`` (yyyy-mm-dd), None where there is no valid one."""
    match = re.match(r"(\d{4})-(\d{2})-(\d{2})", text or "")
    try:
        return datetime.date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


def _before(published: datetime.date, count: int, unit: str) -> DateValue | None:
    if unit == "年":
        return (published.year - count, None, None) if count < published.year else None
    if unit == "个月":
        month = published.year * 12 + published.month - 1 - count
        return (month // 12, month % 12 + 1, None) if month >= 12 else None
    days = count * (1 if unit in "天日" else 7)
    return _value(published, datetime.timedelta(-days))


def _value(published: datetime.date, days: datetime.timedelta) -> DateValue:
    try:
        day = published + days
    except OverflowError:
        return published.year, published.month, published.day
    return day.year, day.month, day.day


def _number(text: str | None) -> int | None:
    value = number_value(text) if text else None
    return None if value is None else int(value)
