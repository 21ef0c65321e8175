import pytest
from evaluation_support import ARTICLE, case_of
from hypothesis import given
from hypothesis import strategies as st

from workbench.evaluation.datasets.expected import fact_of
from workbench.evaluation.metrics.facts import (
    fact_precision,
    fact_recall,
    forbidden_facts,
    missing,
    states,
)


def said(text: str, fact: str) -> bool:
    return states(case_of(text), fact_of(fact))


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("镇里花了460万元。", "460万元"),
        ("鎮裡花了 460 萬元。", "460万元"),
        ("花了四百六十万元", "460万元"),
        ("花了4,600,000元", "460万元"),
        ("3月1日搬家", "三月一日"),
        ("一共一百二十八个摊位", "128个摊位|一百二十八个摊位"),
        ("搬进了河边的新棚", "/搬进.{0,6}新棚/"),
        ("搬進了河邊的新棚", "/搬进.{0,6}新棚/"),
        ("第2.5亿", "2.5亿"),
        ("ＧＰＴ－4发布", "gpt-4"),
    ],
)
def test_facts_are_found_in_any_notation(text: str, fact: str) -> None:
    assert said(text, fact)


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("花了1460万元", "460万元"),
        ("一共128个", "28个"),
        ("在2.5倍", "5倍"),
        ("共1.28", "1.2"),
        ("花了46万元", "460万元"),
        ("搬出新棚", "/搬进.{0,6}新棚/"),
        ("", "460万元"),
    ],
)
def test_parts_of_other_numbers_are_not_taken_for_facts(text: str, fact: str) -> None:
    assert not said(text, fact)


@given(value=st.integers(1, 99_999), other=st.integers(1, 99_999))
def test_a_whole_number_is_found_as_itself_only(value: int, other: int) -> None:
    assert said(f"一共{value}个摊位", f"{value}个摊位")
    if value != other:
        assert not said(f"一共{value}个摊位", f"{other}个摊位")


def test_recall_counts_the_expected_facts_that_are_stated() -> None:
    case = case_of("早市搬进新棚，花了460万元。", expected=("460万元", "128个摊位", "/早市/"))
    assert fact_recall(case) == (2, 3)
    assert [fact.text for fact in missing(case)] == ["128个摊位"]


def test_facts_of_the_reference_are_expected_where_none_are_listed() -> None:
    reference = "镇里出资四百六十万元，3月1日搬迁，128个摊位。"
    assert fact_recall(case_of("3月1日搬家，花了460万元。", references=(reference,))) == (2, 3)


def test_without_facts_there_is_nothing_to_recall() -> None:
    assert fact_recall(case_of("早市搬家。", references=("早市搬家。",))) is None
    assert fact_recall(case_of("早市搬家。")) is None


def test_precision_counts_the_stated_facts_that_the_article_holds() -> None:
    case = case_of("3月1日搬家，花了450万元，128个摊位。")
    assert fact_precision(case) == (2, 3)
    (fact,) = case.unsupported
    assert fact.text == "450万元"


def test_places_of_unsupported_facts_are_those_of_the_output_as_written() -> None:
    text = "鎮裡花了450萬元，3月1日搬家。"
    (span,) = case_of(text).unsupported_spans
    assert text[span.start : span.end] == "450萬元"


def test_facts_of_the_question_may_be_repeated() -> None:
    question = "花了999万元的是什么？"
    case = case_of(
        "不是999万元，是460万元", question=question, references=("460万元",), answerable=True
    )
    assert fact_precision(case) == (2, 2)


def test_an_output_without_facts_has_no_precision() -> None:
    assert fact_precision(case_of("早市搬家了。")) is None


def test_forbidden_facts_are_counted() -> None:
    case = case_of("摊位费涨到每天10元。", forbidden=("涨到", "9元"))
    assert forbidden_facts(case) == (1, 2)
    assert forbidden_facts(case_of("摊位费没有涨。")) is None


@given(text=st.text(alphabet="0123456789万亿元年月日%.,一二三百千早市 ", max_size=30))
def test_counts_are_consistent_whatever_is_written(text: str) -> None:
    case = case_of(text, text=ARTICLE)
    found = fact_precision(case)
    if found is not None:
        assert 0 <= found.part <= found.whole
    for span in case.unsupported_spans:
        assert 0 <= span.start <= span.end <= len(text)
