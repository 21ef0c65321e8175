import os
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.grounding.bounds import Verdict, bounds, compare
from workbench.grounding.differences import AGREE, CHANGES, DIFFER, Finding, Text, find_differences
from workbench.grounding.facts import extract_facts
from workbench.grounding.numerals import narrow


def found(
    one: list[str], other: list[str], dates: tuple[str | None, str | None] = (None, None)
) -> list[Finding]:
    return find_differences([Text(one, dates[0]), Text(other, dates[1])])


def told(findings: list[Finding], verdict: str) -> list[tuple[str, ...]]:
    return [one.values for one in findings if one.verdict == verdict]


BRIDGE = ["白沙河大桥全长1468米，双向六车道。", "大桥总造价7.2亿元，由省路桥二公司承建。"]


def test_two_values_of_one_thing_in_other_words_differ() -> None:
    other = ["这座六车道的白沙河大桥长1648米。", "省路桥二公司承建，大桥投资7.2亿元。"]
    findings = found(BRIDGE, other)
    assert told(findings, DIFFER) == [("1468米", "1648米")]
    assert ("7.2亿元", "7.2亿元") in told(findings, AGREE)


def test_a_valuation_is_held_against_another_of_the_same_company_only() -> None:
    one = ["王慧文创办的“光年之外”A轮融资后估值已达到10亿美元。", "行业里的公司都在招人。"]
    other = [
        "完成融资之后，光年之外的估值为12亿美元。",
        "另一家公司“月之暗面”的估值已达到约25亿美元。",
    ]
    findings = found(one, other)
    assert told(findings, DIFFER) == [("10亿美元", "12亿美元")]
    assert "光年之外" in next(one for one in findings if one.verdict == DIFFER).subject


COMPANIES = [
    "StarRiver的工程师来自各地。",
    "学校开了新课，教师先学。",
    "银行也在试用，客户还不多。",
    "芯片仍要进口，价钱涨了。",
    "参会的人问得最多的是用处。",
    "主办方说，会议明年还要办。",
]


def test_a_name_in_the_clause_behind_a_figure_does_not_hide_a_difference() -> None:
    one = ["据统计，国内发布的大模型已超过120个，其中StarRiver的参数最多。"]
    other = ["据统计，截至目前国内发布的大模型已超过230家。", "会场很热闹。", *COMPANIES]
    assert told(found(one, other), DIFFER) == [("120个", "230家")]


def test_a_figure_of_something_called_otherwise_is_told_by_all_names_around_it() -> None:
    one = ["“光年之外”的大模型已超过120个，StarRiver的参数最多。"]
    other = ["国内发布的大模型已超过230家。", "会场很热闹。", *COMPANIES]
    assert told(found(one, other), DIFFER) == []


def test_values_of_other_years_are_a_change_and_no_contradiction() -> None:
    one = ["2022年，清溪县的老年食堂有12家。"]
    other = ["2023年，清溪县的老年食堂有47家。"]
    assert told(found(one, other), DIFFER) == []
    assert told(found(one, other), CHANGES) == [("12家", "47家")]


def test_relative_years_are_those_of_the_article() -> None:
    one = ["去年，清溪县的老年食堂有12家。"]
    other = ["清溪县的老年食堂，2023年有47家。"]
    assert told(found(one, other, ("2023-05-01", "2024-01-02")), DIFFER) == []
    assert told(found(one, other, ("2024-05-01", "2024-01-02")), DIFFER) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3号线全长18公里，设15座车站。", "5号线全长26公里，设21座车站。"),
        ("新馆的一期投资3亿元。", "新馆的二期投资5亿元。"),
        ("大会期间每天有300名志愿者上岗。", "大会共有900名志愿者。"),
        ("县里计划办60家老年食堂。", "县里办了47家老年食堂。"),
        ("GPT-4的参数有18000亿。", "GPT-3的参数有1750亿。"),
        ("成人票价80元。", "儿童票价40元。"),
        ("旧校区有学生860名。", "新校区有学生1800名。"),
    ],
)
def test_figures_of_two_things_do_not_differ(one: str, other: str) -> None:
    assert told(found([one], [other]), DIFFER) == []


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        ("藏书128册", "藏书128册", Verdict.AGREE),
        ("人口约3.6亿", "人口3.62亿", Verdict.AGREE),
        ("人口3.6亿", "人口3.62亿", Verdict.AGREE),
        ("已近80家", "已有79家", Verdict.AGREE),
        ("超过230家", "共238家", Verdict.AGREE),
        ("超过120家", "超过230家", Verdict.DIFFER),
        ("超过100家", "共150家", Verdict.UNCLEAR),
        ("共79家", "共116家", Verdict.DIFFER),
        ("投资3亿元", "投资3.4亿元", Verdict.DIFFER),
        ("不到200人", "有210人", Verdict.DIFFER),
    ],
)
def test_figures_are_compared_as_their_texts_mean_them(
    one: str, other: str, verdict: Verdict
) -> None:
    def of(text: str) -> object:
        fact = next(fact for fact in extract_facts(text) if fact.kind in ("number", "amount"))
        value = fact.value[0] if isinstance(fact.value, tuple) else fact.value
        return bounds(narrow(text), fact.start, fact.end, float(value))

    assert compare(of(one), of(other)) is verdict  # type: ignore[arg-type]
    assert compare(of(other), of(one)) is verdict  # type: ignore[arg-type]


def test_kilometres_and_metres_are_one_length() -> None:
    findings = found(["环湖步道全长12公里。"], ["环湖步道的长度是1.2万米。"])
    assert told(findings, AGREE) == [("12公里", "1.2万米")]


def test_other_names_in_one_role_differ_and_the_same_agree() -> None:
    one = ["临湖市图书馆馆长周敏介绍，新馆周一闭馆检修。"]
    same = ["图书馆馆长周敏说，周一不开馆。"]
    other = ["图书馆馆长陈立说，周一不开馆。"]
    assert ("周敏", "周敏") in told(found(one, same), AGREE)
    assert ("周敏", "陈立") in told(found(one, other), DIFFER)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("读者进馆无需预约，刷身份证即可。", "读者进馆需要预约，刷身份证即可。"),
        ("县里反对把食堂包给餐饮公司。", "县里支持把食堂包给餐饮公司。"),
        ("六十五岁以上的老人乘坐城乡公交车免费。", "六十五岁以上的老人乘坐城乡公交车收费。"),
    ],
)
def test_opposite_stances_differ(one: str, other: str) -> None:
    findings = found([one], [other])
    assert [one.kind for one in findings if one.verdict == DIFFER] == ["stance"]
    assert told(found([one], [one]), DIFFER) == []


def test_notices_of_one_form_about_two_companies_do_not_differ() -> None:
    def notice(name: str, income: str, profit: str) -> list[str]:
        return [
            f"{name}发布公告称，公司组织了现场参观活动。",
            f"{name}一季报显示，公司主营收入{income}亿元，同比上升16.01%。",
            f"归母净利润{profit}亿元。",
        ]

    findings = found(notice("汉泽精机", "6.9", "1.16"), notice("宏山智慧", "3.76", "0.69"))
    assert told(findings, DIFFER) == []


def test_a_fact_of_three_articles_is_one_finding() -> None:
    texts = [
        Text(["白沙河大桥全长1468米。"]),
        Text(["白沙河大桥的长度是1468米。"]),
        Text(["白沙河大桥长1648米。"]),
    ]
    findings = [one for one in find_differences(texts) if one.kind == "number"]
    assert len(findings) == 1
    assert findings[0].verdict == DIFFER
    assert findings[0].values == ("1468米", "1468米", "1648米")


SENTENCES = st.lists(
    st.text("大桥全长投资年月日人元约不0123456789，。“”", min_size=1, max_size=24), max_size=6
)


@given(SENTENCES, SENTENCES)
def test_mentions_are_spans_of_their_sentences(one: list[str], other: list[str]) -> None:
    for finding in found(one, other):
        for mention, value in zip(finding.mentions, finding.values, strict=True):
            sentence = (one, other)[mention.article][mention.sentence]
            assert sentence[mention.start : mention.end] == value


@given(SENTENCES)
@example(["不不不人不元"])
def test_a_text_never_differs_from_itself(sentences: list[str]) -> None:
    distinct = list(dict.fromkeys(sentences))
    for finding in found(distinct, distinct):
        assert finding.verdict != DIFFER or len({m.sentence for m in finding.mentions}) > 1


def test_findings_are_the_same_in_every_process() -> None:
    code = (
        "from workbench.grounding.differences import Text, find_differences\n"
        f"one, other = Text({BRIDGE!r}), Text(['这座六车道的白沙河大桥长1648米。'])\n"
        "print(find_differences([one, other]))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(outputs) == 1
