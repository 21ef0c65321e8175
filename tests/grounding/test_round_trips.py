"""A value written in any notation, read again: what is read is what was written."""

import datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from workbench.articles.script import to_simplified
from workbench.grounding.facts import Fact, extract_facts

DIGITS = "零一二三四五六七八九"
CURRENCIES = {"美元": "USD", "欧元": "EUR", "港元": "HKD", "日元": "JPY", "英镑": "GBP", "元": "元"}


def in_words(number: int) -> str:
    """Write a number below 10,000 as it is spoken."""
    words, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            words += ("零" if gap and words else "") + DIGITS[digit] + name
        gap = not digit
    return (words or "零").removeprefix("一") if words.startswith("一十") else words or "零"


def only(text: str, kind: str) -> Fact:
    [fact] = [fact for fact in extract_facts(text) if fact.kind == kind]
    return fact


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)))
def test_a_date_is_read_back_from_every_notation(day: datetime.date) -> None:
    year = "".join(DIGITS[int(char)] for char in str(day.year))
    for written in (
        f"{day.year}年{day.month}月{day.day}日",
        f"{year}年{in_words(day.month)}月{in_words(day.day)}日",
        f"{day:%Y-%m-%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month:02}月{day.day:02}日",
    ):
        fact = only(f"于{written}开放", "date")
        assert fact.value == (day.year, day.month, day.day)
        assert fact.text == written


@given(st.integers(3, 9999), st.sampled_from(["", "万", "亿"]))
def test_a_number_is_read_back_from_every_notation(count: int, unit: str) -> None:
    factor = {"": 1, "万": 10_000, "亿": 100_000_000}[unit]
    value = Decimal(count) * factor
    written = [f"{count}{unit}", f"{count * factor:,}", f"{count * factor}"]
    if unit or count > 10:
        written.append(in_words(count) + unit)
    for number in written:
        assert only(f"共有{number}人参加。", "number").value == value


@given(
    st.integers(11, 9999), st.sampled_from(["", "万", "亿"]), st.sampled_from(sorted(CURRENCIES))
)
def test_an_amount_is_read_back_with_its_currency(count: int, unit: str, currency: str) -> None:
    factor = {"": 1, "万": 10_000, "亿": 100_000_000}[unit]
    value = (Decimal(count) * factor, CURRENCIES[currency])
    for written in (f"{count}{unit}", in_words(count) + unit, f"{count * factor:,}"):
        assert only(f"耗资{written}{currency}，", "amount").value == value


@given(st.integers(11, 9999), st.sampled_from(["萬", "億"]))
def test_traditional_amounts_are_those_of_the_simplified_text(count: int, unit: str) -> None:
    factor = {"萬": 10_000, "億": 100_000_000}[unit]
    text = to_simplified(f"耗資{in_words(count)}{unit}美元。")
    assert only(text, "amount").value == (Decimal(count) * factor, "USD")


def test_one_amount_in_digits_words_code_and_traditional_script() -> None:
    for written in (
        "500万美元",
        "5,000,000 USD",
        "五百万美元",
        "US$500万",
        to_simplified("五百萬美元"),
    ):
        assert only(f"获得{written}投资", "amount").value == (Decimal(5_000_000), "USD"), written


@given(st.integers(1, 99), st.integers(1, 9))
def test_a_share_is_read_back_from_every_notation(whole: int, tenth: int) -> None:
    spoken = f"百分之{in_words(whole)}点{DIGITS[tenth]}"
    for written in (f"{whole}.{tenth}%", f"{whole}.{tenth}％", spoken):
        assert only(f"占{written}。", "percent").value == Decimal(f"{whole}.{tenth}")
    assert only(f"占{DIGITS[tenth]}成以上", "percent").value == tenth * 10
