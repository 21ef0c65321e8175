"""Which characters of a changed text came from which of the original: exact, both ways."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple

from workbench.articles.model import Span


class Edit(NamedTuple):
    """A stretch of the original that became a stretch of another length, or nothing.

    ``start`` to ``end`` are offsets into the original, ``new_start`` to ``new_end`` into the
    changed text. Between edits characters correspond one to one.
    """

    start: int
    end: int
    new_start: int
    new_end: int


def original_span(edits: Sequence[Edit], start: int, end: int) -> Span:
    """Return the smallest span of the original that ``start`` to ``end`` came from."""
    return _carried(edits, start, end, (2, 3, 0, 1))


def changed_span(edits: Sequence[Edit], start: int, end: int) -> Span:
    """Return the smallest span of the changed text that ``start`` to ``end`` became."""
    return _carried(edits, start, end, (0, 1, 2, 3))


def _carried(
    edits: Sequence[Edit], start: int, end: int, fields: tuple[int, int, int, int]
) -> Span:
    if not edits:
        return Span(start, end)
    first = _cell(edits, start, fields)[0]
    if end <= start:
        return Span(first, first)
    return Span(first, max(first, _cell(edits, end - 1, fields)[1]))


def _cell(edits: Sequence[Edit], offset: int, fields: tuple[int, int, int, int]) -> tuple[int, int]:
    """Return where the character at ``offset`` lies on the other side: an edit goes as a whole."""
    from_start, from_end, to_start, to_end = fields
    place = bisect_right(edits, offset, key=itemgetter(from_start)) - 1
    if place < 0:
        return offset, offset + 1
    edit = edits[place]
    if offset < edit[from_end]:
        return edit[to_start], edit[to_end]
    moved = edit[to_end] + offset - edit[from_end]
    return moved, moved + 1


def composed(first: Sequence[Edit], second: Sequence[Edit]) -> list[Edit]:
    """Put two changes one after the other into one; edits that touch the same characters join."""
    if not first or not second:
        return list(first or second)
    found: list[Edit] = []
    shift = [0, 0]  # What the middle text lacks of the original, and the last text has more of it.
    waiting = sorted(
        [(edit.new_start, edit.new_end, 0, edit.end - edit.start) for edit in first]
        + [(edit.start, edit.end, 1, edit.new_end - edit.new_start) for edit in second],
        # What is empty in the middle lies before what begins there.
        key=lambda item: (item[0], item[1]),
    )
    index = 0
    while index < len(waiting):
        start, end = waiting[index][:2]
        before = tuple(shift)
        while index < len(waiting) and (
            waiting[index][0] < end or waiting[index][:2] == (start, end)
        ):
            low, high, side, other = waiting[index]
            shift[side] += other - (high - low)
            end = max(end, high)
            index += 1
        found.append(Edit(start + before[0], end + shift[0], start + before[1], end + shift[1]))
    return found


def moved(edits: Iterable[Edit], by: int, new_by: int) -> list[Edit]:
    """Return edits of a part as edits of the whole it is taken from."""
    return [Edit(a + by, b + by, c + new_by, d + new_by) for a, b, c, d in edits]
