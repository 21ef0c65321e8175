import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import EngineError
from workbench.tasks.plan import Part, split_into_parts, split_into_stretches, stretches_for

SIZES = st.lists(st.integers(1, 400), min_size=1, max_size=60)


def numbers(parts: list[Part]) -> list[int]:
    return [number for part in parts for number in range(part.first, part.last + 1)]


@given(SIZES, st.integers(0, 3000))
def test_parts_hold_every_passage_once_and_fit_the_room(sizes: list[int], spare: int) -> None:
    room = max(sizes) + spare
    parts = split_into_parts(sizes, room)
    assert numbers(parts) == list(range(1, len(sizes) + 1))
    assert all(sum(sizes[part.first - 1 : part.last]) <= room for part in parts)


@given(SIZES, st.integers(0, 3000))
def test_an_article_that_fits_is_not_split(sizes: list[int], spare: int) -> None:
    assert split_into_parts(sizes, sum(sizes) + spare) == [Part(1, len(sizes))]


@given(SIZES, st.integers(0, 400))
def test_a_passage_that_does_not_fit_is_refused_with_numbers(sizes: list[int], room: int) -> None:
    largest = max(sizes)
    if room >= largest:
        room = largest - 1
    with pytest.raises(EngineError) as caught:
        split_into_parts(sizes, room, path="文章.txt")
    line = str(caught.value)
    assert line.startswith("文章.txt: ")
    for number in (room, largest, largest - room):
        assert str(number) in line
    assert "\n" not in line


@pytest.mark.parametrize("room", [0, -1, -5000])
def test_an_instruction_that_fills_the_context_leaves_no_negative_room(room: int) -> None:
    with pytest.raises(EngineError, match="leaves 0 tokens") as caught:
        split_into_parts([80, 120], room)
    assert str(120 - room) in str(caught.value)


@given(SIZES, st.data())
def test_stretches_hold_every_passage_of_a_part_once(sizes: list[int], data: st.DataObject) -> None:
    first = data.draw(st.integers(1, len(sizes)))
    last = data.draw(st.integers(first, len(sizes)))
    count = data.draw(st.integers(-1, 80))
    stretches = split_into_stretches(sizes, first, last, count)
    assert numbers(stretches) == list(range(first, last + 1))
    assert len(stretches) == max(1, min(count, last - first + 1))


@given(SIZES, st.integers(1, 20), st.data())
def test_a_part_gets_points_but_never_more_than_asked(
    sizes: list[int], points: int, data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, len(sizes)))
    last = data.draw(st.integers(first, len(sizes)))
    assert 1 <= stretches_for(sizes, Part(first, last), points) <= points


def test_stretches_of_an_even_article_are_even() -> None:
    assert split_into_stretches([100] * 12, 1, 12, 4) == [
        Part(1, 3),
        Part(4, 6),
        Part(7, 9),
        Part(10, 12),
    ]
