"""Figures get back the qualifier the source has, and no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.tasks.qualifiers import with_qualifiers


@pytest.mark.parametrize(
    ("point", "cited", "expected"),
    [
        ("公司完成10亿美元融资。", "公司完成新一轮超10亿美元融资。", "公司完成超10亿美元融资。"),
        ("90%的人选择电动船。", "调查说90%以上的人选择电动船。", "90%以上的人选择电动船。"),
        ("90%的人选择电动船。", "我感觉,90%以上的人选择电动船。", "90%以上的人选择电动船。"),
        ("渡轮耗资约2.4亿元。", "渡轮耗资约2.4亿元。", "渡轮耗资约2.4亿元。"),
        ("渡轮耗资2.4亿元。", "渡轮耗资2.4亿元，超过预算。", "渡轮耗资2.4亿元。"),
        ("票价10元。", "票价10元，远处近10元。", "票价10元。"),
        ("共有120个泊位。", "共有近1120个泊位。", "共有120个泊位。"),
        ("用户有3万人。", "用户不到3万人。", "用户有不到3万人。"),
        ("用户达3万人。", "用户不到3万人。", "用户达3万人。"),
        ("GPT-4得到好评。", "超过GPT-4的模型得到好评。", "GPT-4得到好评。"),
    ],
)
def test_a_dropped_qualifier_comes_back_only_where_the_source_always_has_it(
    point: str, cited: str, expected: str
) -> None:
    assert with_qualifiers(point, cited) == expected


@given(st.text(alphabet="超近约10亿元%以上人，。", max_size=60))
def test_a_text_held_against_itself_does_not_change(text: str) -> None:
    assert with_qualifiers(text, text) == text
