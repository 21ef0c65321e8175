import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.retrieval.fusion import fuse


def test_what_two_rankings_place_well_comes_before_what_one_places_first() -> None:
    assert fuse([[1, 2, 3], [4, 2, 5]])[0] == 2


def test_one_ranking_stays_as_it_is() -> None:
    assert fuse([[3, 1, 2]]) == [3, 1, 2]


def test_of_equally_good_ones_the_smaller_index_comes_first() -> None:
    assert fuse([[2], [1]]) == [1, 2]


@pytest.mark.parametrize("rankings", [[], [[]], [[], []]])
def test_nothing_fused_is_nothing(rankings: list[list[int]]) -> None:
    assert fuse(rankings) == []


@given(st.lists(st.lists(st.integers(0, 9), unique=True), max_size=4))
def test_every_index_is_kept_once(rankings: list[list[int]]) -> None:
    found = fuse(rankings)
    assert sorted(found) == sorted({index for ranking in rankings for index in ranking})
