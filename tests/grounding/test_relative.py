import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.grounding.checks import Source, check_facts
from workbench.grounding.relative import find_parts_of_year, find_relative_dates, published_date

# A Wednesday.
PUBLISHED = datetime.date(2024, 3, 13)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("去年增长", [(2023, None, None)]),
        ("去年12月5日", [(2023, 12, 5)]),
        ("今年1月", [(2024, 1, None)]),
        ("前年", [(2022, None, None)]),
        ("上月底", [(2024, 2, None)]),
        ("本月8日", [(2024, 3, 8)]),
        ("下个月", [(2024, 4, None)]),
        ("昨日", [(2024, 3, 12)]),
        ("今晚", [(2024, 3, 13)]),
        ("前天", [(2024, 3, 11)]),
        ("本周三", [(2024, 3, 13)]),
        ("上周五", [(2024, 3, 8)]),
        ("下周一", [(2024, 3, 18)]),
        ("上个星期天", [(2024, 3, 10)]),
        ("三天前", [(2024, 3, 10)]),
        ("两周前", [(2024, 2, 28)]),
        ("五个月前", [(2023, 10, None)]),
        ("十年前", [(2014, None, None)]),
        ("目前，几天前，以前，每年，周年，数年前，日前", []),
    ],
)
def test_words_for_days_are_resolved_from_the_day_of_publication(
    text: str, found: list[tuple[int, int | None, int | None]]
) -> None:
    assert [value for _s, _e, value in find_relative_dates(text, PUBLISHED)] == found


@given(st.dates(datetime.date(1900, 3, 1), datetime.date(2100, 1, 1)), st.integers(3, 60))
def test_days_ago_are_counted_over_months_and_years(day: datetime.date, count: int) -> None:
    [(_start, _end, value)] = find_relative_dates(f"{count}天前", day)
    before = day - datetime.timedelta(count)
    assert value == (before.year, before.month, before.day)


@given(st.text(alphabet="今去昨前上本下个年月周日天三五十1号底星期之初", max_size=30), st.dates())
def test_whatever_stands_in_a_text_is_a_date_or_nothing(text: str, day: datetime.date) -> None:
    for start, end, (_year, month, number) in find_relative_dates(text, day):
        assert 0 <= start < end <= len(text)
        assert month is None or 1 <= month <= 12
        assert number is None or 1 <= number <= 31


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("上半年", "H1"), ("下半年", "H2"), ("第三季度", "Q3"), ("四季度", "Q4"), ("1季度", "Q1"),
        ("1至6月", "H1"), ("1-3月", "Q1"), ("前六个月", "H1"), ("7月至9月", "Q3"),
    ],
)  # fmt: skip
def test_halves_and_quarters_are_read(text: str, part: str) -> None:
    assert [found for _s, _e, found in find_parts_of_year(text)] == [part]


@pytest.mark.parametrize("text", [None, "", "昨天", "2024", "2024-13-01", "2024-02-30"])
def test_what_is_no_date_was_not_published(text: str | None) -> None:
    assert published_date(text) is None


@pytest.mark.parametrize(
    ("source", "point", "wrong"),
    [
        ("去年7月，新馆开放。", "2023年7月，新馆开放。", False),
        ("2023年7月，新馆开放。", "去年7月，新馆开放。", False),
        ("新馆于上周五开放。", "新馆于3月8日开放。", False),
        ("新馆于3月8日开放。", "新馆于上周五开放。", False),
        ("新馆于3月8日开放。", "新馆于上周六开放。", True),
        ("新馆于3月10日开放。", "新馆三天前开放。", False),
        ("新馆周一开放。", "新馆3月11日开放。", False),
        ("产量同比增加。", "产量比去年增加。", False),
        ("新馆于2022年开放。", "新馆于去年开放。", True),
        ("上半年开放。", "下半年开放。", True),
        ("上半年开放。", "1至6月开放。", False),
    ],
)
def test_dates_told_from_publication_are_held_against_plain_ones(
    source: str, point: str, wrong: bool
) -> None:
    held = Source(source, date="2024-03-13")
    assert any(check.wrong for check in check_facts(point, held, held)) is wrong


def test_without_a_date_only_the_same_words_mean_the_same() -> None:
    held = Source("三天前新馆开放。")
    assert not any(check.wrong for check in check_facts("新馆三天前开放。", held, held))
