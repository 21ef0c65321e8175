import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.evaluation.metrics.case import Ratio
from workbench.evaluation.statistics import difference, estimate

RATIOS = st.lists(
    st.tuples(st.floats(0, 1), st.floats(0.1, 10)).map(
        lambda pair: Ratio(pair[0] * pair[1], pair[1])
    ),
    min_size=1,
    max_size=20,
)


@given(found=RATIOS)
def test_a_mean_lies_in_its_interval_and_among_what_was_found(found: list[Ratio]) -> None:
    result = estimate(found)
    assert result is not None
    values = [ratio.part / ratio.whole for ratio in found]
    assert min(values) - 1e-9 <= result.low <= result.mean <= result.high <= max(values) + 1e-9
    assert result.mean == pytest.approx(
        sum(ratio.part for ratio in found) / sum(ratio.whole for ratio in found)
    )
    assert result.count == len(found)
    assert estimate(found) == result, "the same every time"


def test_nothing_found_has_no_mean() -> None:
    assert estimate([]) is None
    assert estimate([Ratio(0, 0)]) is None


def test_items_count_by_their_size() -> None:
    result = estimate([Ratio(10, 10), Ratio(0, 1)])
    assert result is not None
    assert result.mean == pytest.approx(10 / 11)


def test_the_interval_is_that_of_the_binomial_for_many_items() -> None:
    """200 items, half right: the normal interval is 0.5 give or take 1.96 times 0.0354."""
    result = estimate([Ratio(1), Ratio(0)] * 100)
    assert result is not None
    assert result.low == pytest.approx(0.431, abs=0.015)
    assert result.high == pytest.approx(0.569, abs=0.015)


def test_more_items_make_a_narrower_interval() -> None:
    few, many = estimate([Ratio(1), Ratio(0)] * 10), estimate([Ratio(1), Ratio(0)] * 200)
    assert few is not None
    assert many is not None
    assert many.high - many.low < few.high - few.low


def test_a_difference_is_taken_on_the_items_both_have() -> None:
    ours = {"a": Ratio(1), "b": Ratio(1), "c": Ratio(0), "x": Ratio(1)}
    theirs = {"a": Ratio(0), "b": Ratio(1), "c": Ratio(0), "y": Ratio(0)}
    result = difference(ours, theirs)
    assert result is not None
    assert (result.count, result.wins, result.losses) == (3, 1, 0)
    assert result.mean == pytest.approx(1 / 3)


def test_what_is_hard_for_both_cancels_out() -> None:
    """Each item is a tenth better, though the items differ by far more: that is certain."""
    ours = {str(number): Ratio(number / 20 + 0.1) for number in range(18)}
    theirs = {str(number): Ratio(number / 20) for number in range(18)}
    result = difference(ours, theirs)
    assert result is not None
    assert result.low == pytest.approx(0.1)
    assert result.high == pytest.approx(0.1)
    assert result.certain


def test_chance_is_not_certain() -> None:
    ours = {str(number): Ratio(number % 2) for number in range(20)}
    theirs = {str(number): Ratio((number + 1) % 2) for number in range(20)}
    result = difference(ours, theirs)
    assert result is not None
    assert not result.certain
    assert (result.wins, result.losses) == (10, 10)


def test_nothing_in_common_is_no_difference() -> None:
    assert difference({"a": Ratio(1)}, {"b": Ratio(1)}) is None


@given(found=RATIOS)
def test_nothing_differs_from_itself(found: list[Ratio]) -> None:
    mine = {str(number): ratio for number, ratio in enumerate(found)}
    result = difference(mine, mine)
    assert result is not None
    assert (result.mean, result.low, result.high, result.certain) == (0, 0, 0, False)
