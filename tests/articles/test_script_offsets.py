from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from workbench.articles.script.offsets import Edit, changed_span, composed, original_span


@st.composite
def changes(draw: st.DrawFn, size: int) -> tuple[list[Edit], int]:
    """Draw edits of a text of ``size`` characters, and the size of what becomes of it."""
    edits: list[Edit] = []
    position = grown = 0
    while position < size and draw(st.booleans()):
        start = draw(st.integers(position, size - 1))
        end = draw(st.integers(start + 1, min(size, start + 3)))
        length = draw(st.integers(0, 4).filter(lambda n, d=end - start: n != d))
        edits.append(Edit(start, end, start + grown, start + grown + length))
        grown += length - (end - start)
        position = end
    return edits, size + grown


@given(st.data(), st.integers(1, 14))
def test_two_changes_put_together_map_as_one_after_the_other(
    data: st.DataObject, size: int
) -> None:
    first, middle = data.draw(changes(size))
    second, last = data.draw(changes(middle)) if middle else ([], 0)
    both = composed(first, second)
    assert all(a.end <= b.start and a.new_end <= b.new_start for a, b in pairwise(both))
    if not last:
        return
    start = data.draw(st.integers(0, last - 1))
    end = data.draw(st.integers(start + 1, last))
    between = original_span(second, start, end)
    steps = original_span(first, between.start, between.end)
    found = original_span(both, start, end)
    # Joined edits may cover more, never less.
    assert found.start <= steps.start
    assert found.end >= steps.end
    back = changed_span(both, found.start, found.end)
    assert back.start <= start
    assert back.end >= end


def test_separate_edits_stay_separate() -> None:
    dropped = [Edit(2, 3, 2, 2)]
    grown = [Edit(2, 4, 2, 6)]
    assert composed(dropped, grown) == [Edit(2, 3, 2, 2), Edit(3, 5, 2, 6)]
    assert composed([Edit(3, 4, 3, 3)], grown) == [Edit(2, 5, 2, 6)]


def test_deletions_at_the_edge_of_a_span_are_left_out() -> None:
    edits = [Edit(0, 1, 0, 0), Edit(3, 4, 2, 2)]
    assert original_span(edits, 0, 2) == original_span([], 1, 3)
    assert original_span(edits, 0, 3) == original_span([], 1, 5)
    assert changed_span(edits, 3, 4) == changed_span([], 2, 2)
