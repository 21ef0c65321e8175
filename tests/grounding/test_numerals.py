from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.grounding.numerals import (
    NUMERAL_CHARACTERS,
    chinese_value,
    narrow,
    number_value,
)

NAMES = "零一二三四五六七八九"


def below_ten_thousand(number: int) -> str:
    """Write four places out, then fold the zeros as one reads them aloud."""
    places = zip(f"{number:04d}", "千百十 ", strict=True)
    spoken = "".join("零" if digit == "0" else NAMES[int(digit)] + unit for digit, unit in places)
    spoken = spoken.replace(" ", "").rstrip("零")
    while "零零" in spoken:
        spoken = spoken.replace("零零", "零")
    return spoken


def written(number: int) -> str:
    """Write a number the long way: groups of four places, 零 where a group begins with a gap."""
    groups = [(number // 10**12 % 10**4, "万亿"), (number // 10**8 % 10**4, "亿")]
    groups += [(number // 10**4 % 10**4, "万"), (number % 10**4, "")]
    spoken, gap = "", False
    for value, unit in groups:
        if value:
            group = below_ten_thousand(value)
            if spoken and gap and not group.startswith("零"):
                group = "零" + group
            spoken += group + unit
        gap = value == 0
    return spoken.strip("零") if number else "零"


@given(st.integers(0, 10**12) | st.integers(0, 10**5) | st.sampled_from([10**n for n in range(13)]))
def test_what_is_written_in_numerals_is_read_as_the_same_number(number: int) -> None:
    assert chinese_value(written(number)) == number


@given(st.integers(0, 10**12))
def test_two_may_be_written_either_way(number: int) -> None:
    assert chinese_value(written(number).replace("二", "两")) == number


@given(st.integers(1000, 2999))
def test_digits_one_by_one_are_read_as_a_year_is(year: int) -> None:
    assert chinese_value("".join(NAMES[int(digit)] for digit in str(year))) == year


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("零", 0),
        ("十", 10),
        ("十五", 15),
        ("二十", 20),
        ("一百零五", 105),
        ("一百五", 150),
        ("一百一十", 110),
        ("百十五", 115),
        ("三千二", 3200),
        ("三千零二", 3002),
        ("两万三", 23_000),
        ("两万零三", 20_003),
        ("一亿二", 120_000_000),
        ("一亿零五", 100_000_005),
        ("三千万", 30_000_000),
        ("二〇二四", 2024),
        ("二○二四", 2024),
        ("一万亿", 10**12),
        ("万亿", 10**12),
        ("三万五千亿", 35 * 10**11),
        ("叁仟贰佰", 3200),
    ],
)
def test_usual_numerals_have_their_value(numeral: str, value: int) -> None:
    assert chinese_value(numeral) == value


@pytest.mark.parametrize(
    "text", ["", "十四五", "三四十", "亿亿", "二十三十", "十百", "一些", "三个"]
)
def test_what_is_no_exact_number_has_no_value(text: str) -> None:
    assert chinese_value(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.3亿", "130000000"),
        ("1.3万亿", "1300000000000"),
        ("3 亿", "300000000"),
        ("1亿3000万", "130000000"),
        ("5,000,000", "5000000"),
        ("三点五亿", "350000000"),
        ("5千万", "50000000"),
    ],
)
def test_mixtures_of_digits_and_units_have_their_value(text: str, value: str) -> None:
    assert number_value(text) == Decimal(value)


@pytest.mark.parametrize("text", ["1亿3亿", "1万2万", "", "3万5"])
def test_groups_that_do_not_fall_are_no_number(text: str) -> None:
    assert number_value(text) is None


@given(st.text(NUMERAL_CHARACTERS + "点0123456789.,", max_size=60))
def test_any_string_of_numerals_is_read_or_refused(text: str) -> None:
    for value in (chinese_value(text), number_value(text.lstrip(",."))):
        assert value is None or value >= 0


@given(st.text(max_size=60))
def test_narrowing_keeps_every_offset(text: str) -> None:
    assert len(narrow(text)) == len(text)


def test_full_width_figures_are_narrowed_and_punctuation_is_not() -> None:
    assert narrow("１，２００人，５．５％，ＧＰＴ－４") == "1,200人，5.5%，GPT-4"
