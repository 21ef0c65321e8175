"""Finding dates in Simplified Chinese text, whole and in part, ranges and lists among them."""

import re
from collections.abc import Iterator

from workbench.grounding.numerals import DIGITS, number_value

DateValue = tuple[int | None, int | None, int | None]
Found = tuple[int, int, DateValue]

_WORDS = "".join(DIGITS)
_YEAR = rf"(?:1\d{{3}}|20\d{{2}}|[一二][{_WORDS}]{{3}})"
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_DAY = r"(?:3[01]|[12]\d|0?[1-9]|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_TO = r"[ ]?(?:至|到|[-—–~～]{1,2}|、|和|及|与)[ ]?"
_BEGINS = rf"(?<![\d.{_WORDS}十])"

_ISO = re.compile(
    r"(?<![\d./-])(?P<year>(?:19|20)\d{2})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})"
    r"(?![\d./-]*\d)"
)
_FULL = re.compile(
    rf"{_BEGINS}(?:(?P<year>{_YEAR})[ ]?年[ ]?)?(?P<month>{_MONTH})[ ]?月份?(?![球饼亮])"
    rf"(?:[ ]?(?P<day>{_DAY})(?:[ ]?[日号]|(?={_TO}{_DAY}[日号])))?"
)
# “10·24” names an event by its day.
_EVENT = re.compile(r"(?<![\d.·])(?P<month>1[0-2]|0?[1-9])·(?P<day>[0-3]?\d)(?![\d·])")
_NEXT_DAY = re.compile(rf"{_TO}(?P<day>{_DAY})(?:[日号]|(?={_TO}{_DAY}[日号]))")
_MONTH_BEFORE = re.compile(rf"{_BEGINS}(?P<month>{_MONTH})(?={_TO}{_MONTH}[ ]?月)")
_YEAR_ALONE = re.compile(
    rf"(?<![\d.{_WORDS}])(?P<year>{_YEAR})(?:[ ]?年(?![限期级])"
    rf"|(?={_TO}(?:{_YEAR}|\d\d)(?:年|学年|财年|赛季))|(?=学年|财年|赛季))"
)
_DAY_ALONE = re.compile(
    rf"(?<![\d.{_WORDS}十年月第:：])(?P<day>{_DAY})(?:日(?!元(?![宵旦])|[圆币])|(?={_TO}{_DAY}日))"
)


def find_dates(text: str) -> Iterator[Found]:
    """Yield start, end and (year, month, day) of every date, None for a part not said.

    ``text`` has been narrowed. The same stretch may be yielded more than once, the fuller date
    first. In 5月28日至30日 the second day has the month and year of the first.
    """
    for match in _ISO.finditer(text):
        if value := _value(match["year"], match["month"], match["day"]):
            yield *match.span(), value
    for match in _EVENT.finditer(text):
        if value := _value(None, match["month"], match["day"]):
            yield *match.span(), value
    for match in _FULL.finditer(text):
        if (value := _value(match["year"], match["month"], match["day"])) is None:
            continue
        yield *match.span(), value
        end = match.end()
        while match["day"] and (more := _NEXT_DAY.match(text, end)):
            if further := _value(match["year"], match["month"], more["day"]):
                yield *more.span("day"), further
            end = more.end()
    for match in _MONTH_BEFORE.finditer(text):
        if value := _value(None, match["month"], None):
            yield *match.span(), value
    for match in _YEAR_ALONE.finditer(text):
        if value := _value(match["year"], None, None):
            yield *match.span(), value
    for match in _DAY_ALONE.finditer(text):
        value = _value(None, None, match["day"])
        # 一日 and 三日 are mostly a stretch of time.
        if value and match["day"] not in DIGITS:
            yield *match.span(), value


def _value(year: str | None, month: str | None, day: str | None) -> DateValue | None:
    values = [None if part is None else number_value(part) for part in (year, month, day)]
    for part, value, most in zip((year, month, day), values, (2999, 12, 31), strict=True):
        if part is not None and (value is None or not 1 <= value <= most):
            return None
    first, second, third = (None if value is None else int(value) for value in values)
    return first, second, third
