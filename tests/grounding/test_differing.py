"""What the article says instead, whom it names, what it says the other way round."""

import pytest

from workbench.grounding.alignment import Aligner
from workbench.grounding.checks import DIFFERS, ELSEWHERE, UNSUPPORTED, Check, Source, check_facts
from workbench.grounding.ngrams import split_sentences

ARTICLE = (
    "青岚县水务局局长周启明10日表示，新水厂将于2026年6月投产，日供水能力为8万吨。"
    "新水厂总投资3.6亿元，其中县财政出资1.2亿元。"
    "云岭集团负责施工，石桥镇和白马镇的居民最先受益。"
    "县人大代表罗文清认为，水价不应上涨。"
    "周启明说，今年一季度用水量同比增长12%，供水没有中断。"
    "云岭集团项目经理郑海波介绍，工地现有工人420名，去年招募了65名学徒。"
    "居民对停水通知表示不满，县里同意延长公示期。"
    "《青岚日报》报道，旧水厂建于1987年，供水人口为5.4万人。"
)
SENTENCES = split_sentences(ARTICLE)
WHOLE = Source(ARTICLE, date="2025-04-11")


def checked(point: str) -> tuple[Check, ...]:
    aligned = Aligner(SENTENCES).align(point)
    cited = Source("\n".join(SENTENCES[i] for i in aligned.sentences), date="2025-04-11")
    return check_facts(point, cited, WHOLE)


def wrong(point: str) -> list[tuple[str, str, str, str]]:
    return [(c.kind, c.text, c.status, c.instead) for c in checked(point) if c.wrong]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_article_itself_is_supported(sentence: str) -> None:
    assert wrong(sentence) == []


@pytest.mark.parametrize(
    "point",
    [
        "局长周启明称，新水厂2026年6月投产，每天可供水8万吨。",
        "新水厂投资三亿六千万元，县财政承担1.2亿元。",
        "施工由云岭集团负责，最先受益的是白马镇和石桥镇居民。",
        "罗文清代表主张水价不应上涨。",
        "一季度用水量比去年同期增长百分之十二，没有发生供水中断。",
        "工地有420名工人，招了65名学徒。",
        "县里应居民要求延长了公示期。",
        "旧水厂1987年建成，为5.4万人供水。",
    ],
)
def test_a_paraphrase_raises_no_alarm(point: str) -> None:
    assert wrong(point) == []


@pytest.mark.parametrize(
    ("point", "text", "instead"),
    [
        ("新水厂将于2027年6月投产。", "2027年6月", "2026年6月"),
        ("新水厂总投资4.6亿元。", "4.6亿元", "3.6亿元"),
        ("新水厂日供水能力为9万吨。", "9万", "8万"),
        ("一季度用水量同比增长15%。", "15%", "12%"),
        ("工地现有工人四百八十名。", "四百八十", "420"),
    ],
)
def test_a_figure_the_article_has_otherwise_comes_with_the_articles(
    point: str, text: str, instead: str
) -> None:
    [(_kind, found, status, words)] = wrong(point)
    assert (found, status, words) == (text, DIFFERS, instead)


def test_a_figure_of_something_else_is_told_from_one_put_for_another() -> None:
    cited = Source(SENTENCES[0])
    [borrowed] = [
        c for c in check_facts("新水厂日供水能力为5.4万吨。", cited, WHOLE) if c.kind == "number"
    ]
    assert (borrowed.status, borrowed.instead) == (DIFFERS, "8万")
    [moved] = [
        c for c in check_facts("新水厂供水人口为5.4万人。", cited, WHOLE) if c.kind == "number"
    ]
    assert (moved.status, moved.instead) == (ELSEWHERE, "")


def test_what_the_article_speaks_of_nowhere_is_only_unsupported() -> None:
    assert wrong("新水厂占地300亩。") == [("number", "300", UNSUPPORTED, "")]


@pytest.mark.parametrize(
    ("point", "text", "instead"),
    [
        ("青岚县水务局局长王德胜10日表示，新水厂将于2026年6月投产。", "王德胜", "周启明"),
        ("县人大代表周启明认为，水价不应上涨。", "周启明", "罗文清"),
        ("《清溪日报》报道，旧水厂建于1987年。", "清溪日报", "青岚日报"),
    ],
)
def test_a_name_put_for_another_comes_with_the_articles(
    point: str, text: str, instead: str
) -> None:
    found = [(c.text, c.instead) for c in checked(point) if c.status == DIFFERS]
    assert found == [(text, instead)]


def test_places_of_one_article_may_be_exchanged() -> None:
    assert wrong("云岭集团负责施工，红土镇的居民最先受益。")


@pytest.mark.parametrize(
    ("point", "text"),
    [
        ("县人大代表罗文清认为，水价应上涨。", "应上涨"),
        ("一季度用水量同比增长12%，供水中断。", "中断"),
        ("居民对停水通知表示不满，县里没有同意延长公示期。", "没有"),
        ("居民对停水通知表示不满，县里反对延长公示期。", "反对"),
        ("今年一季度用水量同比下降12%。", "下降"),
    ],
)
def test_what_is_turned_round_is_marked_with_what_the_article_says(point: str, text: str) -> None:
    found = [check for check in checked(point) if check.kind == "negation"]
    assert [(check.text, check.status) for check in found] == [(text, DIFFERS)]
    assert found[0].instead
    assert found[0].instead in ARTICLE


@pytest.mark.parametrize(
    "point",
    [
        "供水是否中断，能不能投产，还不清楚。",
        "县里不得不同意延长公示期。",
        "供水并未中断。",
        "不少居民最先受益。",
    ],
)
def test_questions_and_other_words_for_the_same_are_no_negation(point: str) -> None:
    assert [check for check in checked(point) if check.kind == "negation"] == []


def test_a_statement_put_into_another_mouth_is_marked() -> None:
    found = [
        c for c in checked("郑海波指出，新水厂将于2026年6月投产，日供水能力为8万吨。") if c.wrong
    ]
    assert [(c.kind, c.text, c.instead) for c in found] == [("attribution", "郑海波", "周启明")]


def test_checks_lie_where_they_say() -> None:
    for sentence in SENTENCES:
        for other in SENTENCES:
            point = sentence[: len(sentence) // 2] + other[len(other) // 2 :]
            for check in checked(point):
                assert point[check.start : check.end] == check.text != ""


def test_without_citations_the_sentences_most_alike_stand_for_them() -> None:
    [found] = [c for c in check_facts("新水厂总投资4.6亿元。", Source(""), WHOLE) if c.wrong]
    assert (found.status, found.instead) == (DIFFERS, "3.6亿元")
