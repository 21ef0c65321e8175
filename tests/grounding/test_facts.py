from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.grounding.checks import Source
from workbench.grounding.facts import extract_facts

YEAR_RANGE = [(2020, None, None), (2021, None, None)]
FIGURES = st.sampled_from(
    [
        "2024年",
        "5月28日",
        "至",
        "六月三日",
        "、",
        "和",
        "-",
        "28日",
        "60%",
        "百分之三十五",
        "三分之二",
        "六成",
        "个百分点",
        "500万",
        "美元",
        "元",
        "3亿",
        "人民币",
        "一亿三千万",
        "三千二百",
        "79个",
        "第",
        "三",
        "十",
        "百",
        "千",
        "万",
        "数",
        "几",
        "多",
        "余",
        "点",
        ".",
        ",",
        "，",
        "。",
        "GPT-4",
        "LLaMA",
        "2",
        "5G",
        "A",
        "《",
        "》",
        "“",
        "”",
        "表示",
        "王",
        "晓明",
        "·",
        "下午",
        "3点",
        "１２",
        "％",
        "2023-08-11",
        "/",
        "km",
        "《新闻》",
        "\n",
    ]
)
TEXTS = st.lists(FIGURES, max_size=14).map("".join) | st.text(max_size=80)


def values(text: str, kind: str) -> list[object]:
    return [fact.value for fact in extract_facts(text) if fact.kind == kind]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2024年5月28日发布", [(2024, 5, 28)]),
        ("二〇二四年五月二十八日发布", [(2024, 5, 28)]),
        ("２０２４年５月２８日发布", [(2024, 5, 28)]),
        ("5月28日发布", [(None, 5, 28)]),
        ("十二月三十一日夜里", [(None, 12, 31)]),
        ("2024年5月", [(2024, 5, None)]),
        ("发布于2023-08-11", [(2023, 8, 11)]),
        ("发布于2023/8/11", [(2023, 8, 11)]),
        ("2020-2021年", YEAR_RANGE),
        ("2020年至2021年", YEAR_RANGE),
        ("2020—2021学年", YEAR_RANGE),
        ("5月28日至6月3日", [(None, 5, 28), (None, 6, 3)]),
        ("2024年5月28日至30日", [(2024, 5, 28), (2024, 5, 30)]),
        ("5月28至30日", [(None, 5, 28), (None, 5, 30)]),
        ("5月28日、29日和30日", [(None, 5, 28), (None, 5, 29), (None, 5, 30)]),
        ("今年1至5月", [(None, 1, None), (None, 5, None)]),
        ("会议10日召开", [(None, None, 10)]),
        ("工期3个月", []),
        ("限5年内", []),
        ("13月40日", []),
    ],
)
def test_dates_are_read_in_every_notation(text: str, found: list[object]) -> None:
    assert values(text, "date") == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("占60%", [60]),
        ("占６０％", [60]),
        ("占百分之三十五", [35]),
        ("占百分之三点五", [Fraction(7, 2)]),
        ("近六成受访者", [60]),
        ("约5成用户", [50]),
        ("六成半", [65]),
        ("六至七成", [60, 70]),
        ("10-20%", [10, 20]),
        ("提高0.5个百分点", [(Decimal("0.5"), "points")]),
        ("提高三个百分点", [(Decimal(3), "points")]),
        ("约三分之一", [Fraction(100, 3)]),
        ("3‰", [Decimal("0.3")]),
        ("已经完成", []),
        ("三成为宜，第三成员", []),
    ],
)
def test_shares_are_read_in_every_notation(text: str, found: list[object]) -> None:
    assert values(text, "percent") == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("500万美元", [(5_000_000, "USD")]),
        ("五百万美元", [(5_000_000, "USD")]),
        ("5,000,000美元", [(5_000_000, "USD")]),
        ("US$500万", [(5_000_000, "USD")]),
        ("3000万元人民币", [(30_000_000, "CNY")]),
        ("人民币3000万元", [(30_000_000, "CNY")]),
        ("新台币500亿元", [(50_000_000_000, "TWD")]),
        ("2.5亿港元", [(250_000_000, "HKD")]),
        ("1亿3000万元", [(130_000_000, "元")]),
        ("500多万元", [(5_000_000, "元")]),
        ("3至5亿美元", [(300_000_000, "USD"), (500_000_000, "USD")]),
        ("8000至1万元", [(8000, "元"), (10_000, "元")]),
        ("票价30日元", [(30, "JPY")]),
        ("3亿、5亿和8亿欧元", [(300_000_000, "EUR"), (500_000_000, "EUR"), (800_000_000, "EUR")]),
        ("数十亿元", []),
        ("几百元", []),
        ("二元结构", []),
    ],
)
def test_amounts_are_read_with_their_currency(text: str, found: list[object]) -> None:
    assert values(text, "amount") == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1.3亿人", [130_000_000]),
        ("三千二百户", [3200]),
        ("增至三千二百。", [3200]),
        ("79个", [79]),
        ("七十九个", [79]),
        ("1800亿", [180_000_000_000]),
        ("1亿3000万人", [130_000_000]),
        ("三点五亿人", [350_000_000]),
        ("3至5万人", [30_000, 50_000]),
        ("500余万人", [5_000_000]),
        ("五十万千瓦", [500_000]),
        ("5千米", [5]),
        ("100km", [100]),
        ("下午3点", [15]),
        ("一个，两家，一些，第一，第二次", []),
        ("七八个，三四十人，数百家，几千人，百余", []),
        ("十分重要，四处奔走，千家万户", []),
        ("第三，继续推进", []),
        ("“十四五”规划", []),
    ],
)
def test_numbers_are_those_that_state_a_figure(text: str, found: list[object]) -> None:
    assert values(text, "number") == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("GPT-4和LLaMA 2", ["gpt4", "llama2"]),
        ("进入AI 2.0时代", ["ai20"]),
        ("ＧＰＴ－４发布", ["gpt4"]),
        ("5G基站", ["5g"]),
        ("Apple 300家门店", ["apple"]),
        ("出版《河流的记忆》", ["河流的记忆"]),
        ("出版《AI的未来》", ["ai的未来"]),
        ("被称作“沙漠书屋”的地方", ["沙漠书屋"]),
        ("专家认为，公司表示，他指出，多位业内人士透露", []),
    ],
)
def test_names_are_those_that_show_themselves(text: str, found: list[object]) -> None:
    assert values(text, "name") == found


def test_whoever_speaks_is_named() -> None:
    surname, given_name = "高", "远山"
    name = surname + given_name
    for text in (f"{name}表示，", f"研究员{name}认为", f"会后，{name}也指出"):
        assert values(text, "name") == [name]


@given(TEXTS)
def test_facts_are_in_order_do_not_overlap_and_lie_where_they_say(text: str) -> None:
    end = 0
    for fact in extract_facts(text):
        assert end <= fact.start < fact.end <= len(text)
        assert text[fact.start : fact.end] == fact.text
        end = fact.end


@given(TEXTS)
def test_a_text_supports_every_fact_it_states(text: str) -> None:
    source = Source(text)
    assert [fact for fact in extract_facts(text) if not source.has(fact)] == []


@pytest.mark.parametrize(
    "piece",
    [
        "1", "1,", "1.", "九", "十", "万", "点", "1万", "1、", "3至", "A", "A1", "A-", "A 1", "a.1",
        " ", "“", "《", "5月", "1日、", "分之", "百", "1%", "表示", "阿·", "王",
        "1-", "元", "2020-",
    ],
)  # fmt: skip
def test_long_hostile_texts_are_no_harder_than_others(piece: str) -> None:
    # Quadratic backtracking on a text this long would take hours, not the suite's seconds.
    text = piece * (60_000 // len(piece))
    assert all(fact.end <= len(text) for fact in extract_facts(text))
