"""ROUGE against rouge-score, the implementation Google Research published, and by definition."""

from itertools import combinations

import pytest
from evaluation_support import case_of
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from workbench.evaluation.metrics.normal import characters
from workbench.evaluation.metrics.rouge import (
    longest_common_subsequence,
    rouge_1,
    rouge_2,
    rouge_l,
    rouge_longest,
    rouge_n,
)


class ByCharacter:
    def tokenize(self, text: str) -> list[str]:
        return list(text)


SCORER = RougeScorer(["rouge1", "rouge2", "rougeL"], tokenizer=ByCharacter())
TEXTS = st.text(alphabet="甲乙丙丁戊12ab", max_size=25)


@given(ours=TEXTS, theirs=TEXTS)
def test_every_figure_is_that_of_the_independent_implementation(ours: str, theirs: str) -> None:
    expected = SCORER.score(theirs, ours)
    assert rouge_n(ours, theirs, 1) == pytest.approx(expected["rouge1"].fmeasure)
    assert rouge_n(ours, theirs, 2) == pytest.approx(expected["rouge2"].fmeasure)
    assert rouge_longest(ours, theirs) == pytest.approx(expected["rougeL"].fmeasure)


@given(ours=st.text(alphabet="甲乙丙", max_size=9), theirs=st.text(alphabet="甲乙丙", max_size=9))
def test_the_longest_common_subsequence_is_that_of_all_subsequences(ours: str, theirs: str) -> None:
    def subsequences(text: str) -> set[str]:
        return {
            "".join(chosen) for size in range(len(text) + 1) for chosen in combinations(text, size)
        }

    expected = max(map(len, subsequences(ours) & subsequences(theirs)))
    assert longest_common_subsequence(ours, theirs) == expected


def test_long_texts_are_measured_alike() -> None:
    ours = "青石镇的早市搬进了河边的新棚，一百二十八个摊位全部有了顶。" * 40
    theirs = "早市搬家，摊位有了顶，老街的人说路远。" * 30
    expected = SCORER.score(theirs, ours)["rougeL"].fmeasure
    assert rouge_longest(ours, theirs) == pytest.approx(expected)


def test_summaries_are_compared_in_one_script_and_without_punctuation() -> None:
    case = case_of("早市搬進了新棚\n攤位費沒有漲", references=("早市搬进了新棚，摊位费没有涨。",))
    for metric in (rouge_1, rouge_2, rouge_l):
        assert metric(case) == (1.0, 1.0)


def test_the_best_of_several_references_counts() -> None:
    case = case_of("早市搬家", references=("图书车", "早市搬家"))
    assert rouge_l(case) == (1.0, 1.0)


def test_a_summary_without_a_reference_has_no_rouge() -> None:
    assert rouge_1(case_of("早市搬家")) is None
    assert rouge_1(case_of("早市", question="谁？", references=("早市",), answerable=True)) is None


@pytest.mark.parametrize("text", ["", "，。"])
def test_an_empty_summary_scores_nothing(text: str) -> None:
    assert rouge_l(case_of(text, references=("早市搬家",))) == (0.0, 1.0)


def test_spaces_and_punctuation_are_no_characters() -> None:
    ours, theirs = "460 万元", "460万元。"
    assert rouge_n(characters(ours), characters(theirs), 2) == 1
