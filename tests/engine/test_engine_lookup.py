"""Prompt lookup against a search through all that was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.lookup import Lookup

QUOTING = [*range(3000), 0, 1, 2, 3]
TOKENS = st.lists(st.integers(0, 3), max_size=60)


def searched(tokens: list[int], longest: int, shortest: int, most: int) -> list[int]:
    for length in range(longest, shortest - 1, -1):
        if len(tokens) < length:
            continue
        ending = tokens[-length:]
        for start in range(len(tokens) - length - 1, -1, -1):
            if tokens[start : start + length] == ending:
                return tokens[start + length : start + length + most]
    return []


@given(TOKENS, TOKENS, st.integers(1, 3), st.integers(0, 3), st.integers(0, 4))
def test_a_draft_follows_the_latest_occurrence_of_the_longest_ending(
    prompt: list[int], answer: list[int], shortest: int, more: int, most: int
) -> None:
    longest = shortest + more
    lookup = Lookup(prompt, longest, shortest)
    assert lookup.draft(most) == searched(prompt, longest, shortest, most)
    written = list(prompt)
    for token in answer:
        lookup.push(token)
        written.append(token)
        assert lookup.draft(most) == searched(written, longest, shortest, most)


def test_nothing_is_drafted_from_nothing() -> None:
    lookup = Lookup([])
    assert lookup.draft(8) == []
    lookup.push(1)
    assert lookup.draft(8) == []


def test_a_quotation_is_drafted_in_ever_longer_pieces() -> None:
    article = list(range(1000))
    lookup = Lookup([*article, 0, 1, 2, 3])
    written, calls = 4, 0
    while written < 900:
        draft = lookup.draft(32)
        assert draft == article[written : written + len(draft)]
        lookup.told(len(draft), len(draft))
        # The model itself writes the token after those that came true.
        for token in article[written : written + len(draft) + 1]:
            lookup.push(token)
        written += len(draft) + 1
        calls += 1
    assert calls < 32


@given(st.integers(1, 2000), st.integers(1, 64))
def test_drafts_that_never_come_true_cost_little(steps: int, most: int) -> None:
    lookup = Lookup(QUOTING)
    spent = 0
    for step in range(steps):
        draft = lookup.draft(most)
        spent += len(draft)
        lookup.told(len(draft), 0)
        lookup.push(4 + step)
    assert spent <= 11 + steps / 32


def test_success_after_a_pause_brings_drafting_back() -> None:
    lookup = Lookup(QUOTING)
    while lookup.draft(16):
        lookup.told(len(lookup.draft(16)), 0)
    for step in range(64):
        lookup.push(4 + step)
    for expected in (1, 2, 4, 8):
        assert len(lookup.draft(16)) == expected
        lookup.told(expected, expected)


def test_a_partly_true_draft_sets_the_length_of_the_next() -> None:
    lookup = Lookup(QUOTING)
    lookup.told(4, 2)
    assert len(lookup.draft(16)) == 3


def test_no_draft_is_no_evidence() -> None:
    lookup = Lookup(QUOTING)
    for _step in range(20):
        lookup.told(0, 0)
    assert len(lookup.draft(16)) == 4


@pytest.mark.parametrize(("longest", "shortest"), [(1, 2), (0, 0), (3, 0)])
def test_impossible_lengths_are_refused(longest: int, shortest: int) -> None:
    with pytest.raises(ValueError):
        Lookup([], longest, shortest)
