from collections import Counter

import pytest
from evaluation_support import case_of
from hypothesis import given
from hypothesis import strategies as st

from workbench.evaluation.metrics.answers import (
    exact_match,
    f1,
    f1_cmrc,
    f1_of_characters,
    f1_of_longest_run,
    longest_common_run,
    overall,
    tokens,
)
from workbench.evaluation.metrics.case import Case, Output
from workbench.evaluation.metrics.normal import characters, matched
from workbench.evaluation.metrics.refusals import (
    is_refusal,
    refused_answerable,
    refused_unanswerable,
)

TEXTS = st.text(alphabet="甲乙丙丁ab12，。 .", max_size=12)


def answered(text: str, *right: str, answerable: bool = True) -> Case:
    return case_of(text, question="谁？", references=right, answerable=answerable)


def value(found: object) -> float:
    assert isinstance(found, tuple)
    part, whole = found
    return float(part / whole)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("460万元。", "460万元"),
        ("「踢爆」", "踢爆"),
        ("威廉瓊斯", "威廉·琼斯"),
        ("ＮＥＸＯＮ公司", "Nexon 公司"),
        ("歐洲", "欧洲"),
    ],
)
def test_script_width_case_and_punctuation_do_not_count(answer: str, right: str) -> None:
    assert value(exact_match(answered(answer, right))) == 1
    assert value(f1(answered(answer, right))) == 1
    assert value(f1_cmrc(answered(answer, right))) == 1


def test_the_point_of_a_number_counts() -> None:
    assert characters("3.5 倍。") == "3.5倍"
    assert value(exact_match(answered("35倍", "3.5倍"))) == 0


def test_the_best_of_several_right_answers_counts() -> None:
    assert value(exact_match(answered("128", "128个摊位", "128"))) == 1
    assert value(f1(answered("128个", "128个摊位", "天气"))) == pytest.approx(2 * 4 / 10)


def test_the_measures_differ_where_the_order_does() -> None:
    """Worked by hand: the bag has all four characters, the longest run two of them."""
    assert f1_of_characters("乙甲丁丙", "甲丁乙丙") == 1
    assert f1_of_longest_run("乙甲丁丙", "甲丁乙丙") == pytest.approx(0.5)


def test_words_and_numbers_are_one_token_for_the_longest_run() -> None:
    assert tokens("在GPT-4和3.5里，花了20 万") == [
        "在",
        "gpt",
        "4",
        "和",
        "3.5",
        "里",
        "花",
        "了",
        "20",
        "万",
    ]


@given(first=TEXTS, second=TEXTS)
def test_f1_is_that_of_the_definition(first: str, second: str) -> None:
    ours, theirs = list(characters(first)), list(characters(second))
    same = sum(min(ours.count(char), theirs.count(char)) for char in set(ours))
    expected = 0.0
    if same:
        precision, recall = same / len(ours), same / len(theirs)
        expected = 2 * precision * recall / (precision + recall)
    assert f1_of_characters(first, second) == pytest.approx(expected)


@given(
    first=st.lists(st.sampled_from("abc"), max_size=9),
    second=st.lists(st.sampled_from("abc"), max_size=9),
)
def test_the_longest_run_is_that_of_all_runs(first: list[str], second: list[str]) -> None:
    runs = {
        tuple(first[start:end])
        for start in range(len(first))
        for end in range(start + 1, len(first) + 1)
    }
    others = {
        tuple(second[start:end])
        for start in range(len(second))
        for end in range(start + 1, len(second) + 1)
    }
    assert longest_common_run(first, second) == max(map(len, runs & others), default=0)


@given(first=TEXTS, second=TEXTS)
def test_scores_are_even_and_1_only_where_nothing_differs(first: str, second: str) -> None:
    for score in (f1_of_characters, f1_of_longest_run):
        assert 0 <= score(first, second) <= 1
        assert score(first, second) == pytest.approx(score(second, first))
    exact = characters(first) == characters(second)
    bag = Counter(characters(first)) == Counter(characters(second))
    assert (f1_of_characters(first, second) == 1) == (bag and bool(characters(first)))
    if exact and characters(first):
        assert f1_of_longest_run(first, second) == 1


REFUSALS = (
    "文中未提及",
    "文中未提及。",
    "文章没有提到镇长姓什么。",
    "根据文章内容，无法确定镇长的姓名。",
    "文章中並未提及這個問題的答案。",
    "抱歉，文中没有相关信息，无法回答这个问题。",
    "该信息在文中未提供。",
    "不知道",
    "The text does not mention it.",
)
ANSWERS = (
    "460万元",
    "未来五年内完成",
    "他没有说话就走了",
    "无锡市",
    "司机不知疲倦地把每条路都跑熟了",
    "没有涨价，仍是每天8元",
    "无法无天的海盗",
    "",
)


@pytest.mark.parametrize("text", REFUSALS)
def test_refusals_are_told_by_their_wording(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize("text", ANSWERS)
def test_answers_are_not_taken_for_refusals(text: str) -> None:
    assert not is_refusal(text)


def test_what_says_of_itself_that_it_refuses_is_believed() -> None:
    said = case_of(
        Output("文中未提及", refused=False), question="谁？", references=("甲",), answerable=True
    )
    assert value(refused_answerable(said)) == 0


def test_refusals_count_where_they_are_right_and_where_they_are_wrong() -> None:
    wrong = answered("文中未提及", "460万元")
    right = answered("文中未提及", answerable=False)
    assert (value(refused_answerable(wrong)), refused_unanswerable(wrong)) == (1, None)
    assert (value(refused_unanswerable(right)), refused_answerable(right)) == (1, None)
    assert value(f1(wrong)) == 0
    assert f1(right) is None


def test_overall_rewards_neither_answering_nor_refusing_everything() -> None:
    asked = (("460万元", True), ("", False))
    for said, expected in (("460万元", [1, 0]), ("文中未提及", [0, 1])):
        cases = [answered(said, *filter(None, [right]), answerable=can) for right, can in asked]
        assert [value(overall(case)) for case in cases] == expected


def test_a_refusal_shares_no_characters_with_an_answer_that_reads_like_one() -> None:
    assert value(f1(answered("文中未提及", "文中提及"))) == 0


def test_signs_of_units_stay_where_facts_are_looked_up() -> None:
    assert matched("增长 35%，约 $2.5 億") == "增长35%约$2.5亿"
