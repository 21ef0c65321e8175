from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.grounding.checks import Source, check_facts
from workbench.grounding.rounding import rounds


@pytest.mark.parametrize(
    ("source", "point", "wrong"),
    [
        ("查处案件13920件。", "查处案件近1.4万件。", False),
        ("查处案件13920件。", "查处案件1.4万件。", True),
        ("查处案件13920件。", "查处案件超过1.4万件。", True),
        ("受灾人口523.1万人次。", "受灾人口500余万人次。", False),
        ("受灾人口623.1万人次。", "受灾人口500余万人次。", True),
        ("面积减少37.26万亩。", "面积减少约37万亩。", False),
        ("面积减少39.26万亩。", "面积减少约37万亩。", True),
        ("雨强80毫米左右。", "雨强81毫米左右。", True),
        ("竣工率95.4%。", "竣工率逾95%。", False),
        ("竣工率94.6%。", "竣工率逾95%。", True),
        ("耗资2.96亿元。", "耗资近3亿元。", False),
        ("耗资2.96亿美元。", "耗资近3亿欧元。", True),
        ("历时13年。", "历时十余年。", False),
        ("历时13年。", "历时近十年。", True),
    ],
)
def test_a_round_figure_must_say_that_it_is_round_and_on_which_side(
    source: str, point: str, wrong: bool
) -> None:
    held = Source(source)
    assert any(check.wrong for check in check_facts(point, held, held)) is wrong


@given(st.integers(2, 9), st.integers(1, 99_999_999))
def test_over_and_under_exclude_each_other(digit: int, exact: int) -> None:
    value = Decimal(digit) * 10_000_000
    over, under = f"超过{value:f}人", f"近{value:f}人"
    said = [
        rounds(text, start, len(text) - 1, value, Decimal(exact))
        for text, start in ((over, 2), (under, 1))
    ]
    assert sum(said) <= 1
    if said[0]:
        assert exact > value
    if said[1]:
        assert exact < value
