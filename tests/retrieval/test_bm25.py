import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.retrieval.bm25 import K1, B, Bm25

TEXTS = [["早市", "市六", "六点"], ["河堤", "堤渗", "渗水", "早市"], ["书包"]]


def test_the_score_is_that_of_okapi_with_lucenes_inverse_document_frequency() -> None:
    found = Bm25(TEXTS).rank(["渗水"])
    average = (3 + 4 + 1) / 3
    weight = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    expected = weight / (1 + K1 * (1 - B + B * 4 / average))
    assert [one.index for one in found] == [1]
    assert found[0].score == pytest.approx(expected)


def test_a_rare_term_counts_more_than_a_common_one() -> None:
    index = Bm25(TEXTS)
    assert index.weight("渗水") > index.weight("早市") > 0
    assert index.weight("没有") >= index.weight("渗水")


def test_the_shorter_of_two_texts_with_the_same_term_comes_first() -> None:
    assert [one.index for one in Bm25(TEXTS).rank(["早市"])] == [0, 1]


def test_a_term_asked_twice_counts_once() -> None:
    assert Bm25(TEXTS).rank(["早市", "早市"]) == Bm25(TEXTS).rank(["早市"])


def test_nothing_is_found_among_nothing() -> None:
    assert Bm25([]).rank(["早市"]) == []
    assert Bm25([[], []]).rank(["早市"]) == []
    assert Bm25(TEXTS).rank([]) == []


@given(
    st.lists(st.lists(st.sampled_from("甲乙丙丁"), max_size=6), max_size=8),
    st.lists(st.sampled_from("甲乙丙丁戊"), max_size=4),
)
def test_only_texts_that_hold_a_term_are_ranked_and_in_falling_order(
    texts: list[list[str]], query: list[str]
) -> None:
    found = Bm25(texts).rank(query)
    assert {one.index for one in found} == {
        index for index, text in enumerate(texts) if set(text) & set(query)
    }
    scores = [one.score for one in found]
    assert all(score > 0 for score in scores)
    assert all(first >= second - 1e-8 for first, second in zip(scores, scores[1:], strict=False))
