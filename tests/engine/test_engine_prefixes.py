"""Properties of how reading is divided and of which prefixes can be used."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.layout import (
    SHORTEST_SHARED,
    SHORTEST_STATE,
    SPACING,
    Layout,
    chunk_ends,
    shared_length,
    worthwhile,
)
from workbench.engine.prefixes import Prefixes

TOKENS = st.lists(st.integers(0, 2), max_size=12).map(tuple)
TOTALS = st.integers(1, 600)
MARKS = st.lists(st.integers(-5, 700), max_size=5)
CHUNKS = st.integers(1, 130)


@given(TOTALS, MARKS, CHUNKS)
def test_reading_reaches_its_end_in_chunks_and_stops_at_every_mark(
    total: int, marks: list[int], chunk: int
) -> None:
    ends = chunk_ends(total, marks, chunk)
    assert ends[-1] == total
    assert ends == sorted(set(ends))
    steps = [after - before for before, after in zip([0, *ends], ends, strict=False)]
    places = {mark for mark in marks if 0 < mark < total}
    assert places <= set(ends)
    for step, end in zip(steps, ends, strict=True):
        assert 1 <= step < chunk + max(1, chunk // 2)
        # Only between marks that are close is a step short.
        assert step >= chunk // 2 or end - step in {0, *places}


@given(st.lists(st.integers(0, 400), max_size=6).map(sorted))
def test_marks_worth_a_step_of_their_own_are_kept(marks: list[int]) -> None:
    kept = worthwhile(marks)
    assert set(kept) <= set(marks)
    assert list(kept) == sorted(set(kept))
    assert all(after - before >= SPACING for before, after in pairwise([0, *kept[:-1]]))
    if marks and marks[-1] >= SHORTEST_SHARED:
        assert kept[-1] == marks[-1]
        assert len(kept) == 1 or kept[-1] - kept[-2] >= SPACING
    else:
        assert kept == ()


def test_a_prefix_that_was_divided_elsewhere_is_used_up_to_where_both_were() -> None:
    prefixes = Prefixes(divides=True)
    prefix = prefixes.add(0, (5,) * 10, "a", ends=[4, 10])
    assert prefixes.best((5,) * 12, [4, 7, 12], "a") == (prefix, 4)
    assert prefixes.best((5,) * 12, [3, 10, 12], "a") == (prefix, 10)
    assert prefixes.best((5,) * 12, [3, 12], "a") == (None, 0)


LATER = st.lists(st.integers(1, 400), max_size=3)


@given(MARKS, st.integers(1, 300), CHUNKS, st.integers(1, 300), LATER, st.integers(1, 300), LATER)
def test_prompts_that_are_marked_alike_are_divided_alike_up_to_their_last_common_mark(
    before: list[int],
    mark: int,
    chunk: int,
    first: int,
    first_later: list[int],
    second: int,
    second_later: list[int],
) -> None:
    common = [place for place in before if place < mark] + [mark]
    one = chunk_ends(mark + first, [*common, *(mark + place for place in first_later)], chunk)
    two = chunk_ends(mark + second, [*common, *(mark + place for place in second_later)], chunk)
    assert [end for end in one if end <= mark] == [end for end in two if end <= mark]
    assert mark in one
    assert mark in two


@given(TOKENS, TOKENS)
def test_what_is_shared_is_the_longest_common_beginning(
    left: tuple[int, ...], right: tuple[int, ...]
) -> None:
    length = shared_length(left, right)
    assert left[:length] == right[:length]
    assert length == min(len(left), len(right)) or left[length] != right[length]


@given(
    st.lists(st.tuples(TOKENS.filter(bool), st.sampled_from("ab")), max_size=6),
    TOKENS.filter(bool),
    st.lists(st.integers(1, 11), max_size=4),
    st.booleans(),
)
def test_the_best_prefix_is_what_a_search_through_all_finds(
    kept: list[tuple[tuple[int, ...], str]],
    tokens: tuple[int, ...],
    marks: list[int],
    divides: bool,
) -> None:
    prefixes = Prefixes(divides=divides)
    for sequence, (prefix, adapters) in enumerate(kept):
        prefixes.add(sequence, prefix, adapters)
    ends = chunk_ends(len(tokens), marks, 3)
    found, saved = prefixes.best(tokens, ends, "a")
    usable = {0}
    for prefix, adapters in kept:
        if adapters == "a":
            lengths = ends[:-1] if divides else [end for end in ends[:-1] if end == len(prefix)]
            usable |= {
                end for end in lengths if prefix[:end] == tokens[:end] and end <= len(prefix)
            }
    assert saved == max(usable)
    assert (found is None) == (saved == 0)
    if found is not None:
        assert found.adapters == "a"
        assert found.tokens[:saved] == tokens[:saved]
        assert found is max(prefixes, key=lambda prefix: prefix.last_use)


@given(st.lists(st.tuples(TOKENS.filter(bool), st.sampled_from("ab")), max_size=6), st.booleans())
def test_who_covers_what_makes_what_needless(
    kept: list[tuple[tuple[int, ...], str]], divides: bool
) -> None:
    prefixes = Prefixes(divides=divides)
    added = [prefixes.add(number, tokens, of) for number, (tokens, of) in enumerate(kept)]
    for prefix in added:
        covering = prefixes.covering(prefix.tokens, prefix.adapters)
        assert covering is not None
        assert covering.adapters == prefix.adapters
        assert covering.tokens[: len(prefix.tokens)] == prefix.tokens
        for other in prefixes.redundant(prefix):
            assert divides
            assert other is not prefix
            assert prefix.tokens[: len(other.tokens)] == other.tokens
            assert not other.users


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["touch", "pin", "unpin", "evict"]))))
def test_only_the_unused_go_and_the_longest_unused_first(steps: list[tuple[int, str]]) -> None:
    prefixes = Prefixes(divides=True)
    order = [prefixes.add(number, (number,), None) for number in range(6)]
    for number, what in steps:
        prefix = next((one for one in order if one.sequence == number), None)
        if prefix is not None and what == "touch":
            prefixes.touch(prefix)
            order.append(order.pop(order.index(prefix)))
        elif prefix is not None and what in ("pin", "unpin"):
            prefix.users = int(what == "pin")
        elif what == "evict":
            idle = prefixes.idle()
            assert idle is next((one for one in order if not one.users), None)
            if idle is not None:
                prefixes.remove(idle)
                order.remove(idle)
        assert len(prefixes) == prefixes.tokens == len(order)


@given(MARKS)
def test_the_base_is_a_mark_that_lacks_little_of_what_is_shared(marks: list[int]) -> None:
    places = worthwhile(marks)
    shared = places[-1] if places else 0
    base = Layout(tuple(range(shared)), shared, places).base
    assert base == shared or (base in places and base >= SHORTEST_STATE)
    assert shared - base < SHORTEST_STATE
    assert 2 * (shared - base) <= base


def test_behind_an_article_an_instruction_is_left_out_of_the_base_and_an_article_is_not() -> None:
    def base(*marks: int) -> int:
        return Layout((), marks[-1], marks).base

    assert base(500, 614) == 500
    assert base(500, 760) == 760
    assert base(70, 240) == 240
    assert base(260, 500) == 500
