"""Breaking one paragraph into lines of so many cells."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from workbench.tui.typeset.cells import cell_widths
from workbench.tui.typeset.kinsoku import CLUSTER, MARK, forbidden

_ALLOWED_MASKS = (0xFF, MARK | CLUSTER, CLUSTER)
"""What is given up, one after the other, where nothing else lets a line end: words, then marks."""


def break_text(text: str, width: int, first: int = 0, rest: int = 0) -> list[tuple[int, int]]:
    """Return the stretches of a paragraph that are its lines, each at most ``width`` cells.

    ``first`` cells are kept free before the first line and ``rest`` before the others. Spaces
    around a line belong to none; every other character lies in exactly one. A character wider
    than the room there is stands in a line alone.
    """
    return list(_lines(text, width, first, rest))


def _lines(text: str, width: int, first: int, rest: int) -> Iterator[tuple[int, int]]:
    end = len(text.rstrip())
    start = len(text) - len(text.lstrip())
    if start >= end:
        return
    widths = cell_widths(text)
    prefix = [0, *accumulate(widths)]
    room = max(1, width - first)
    if prefix[end] - prefix[start] <= room:
        yield start, end
        return
    flags = forbidden(text, widths, prefix, max(1, width - rest))
    while start < end:
        furthest = bisect_right(prefix, prefix[start] + room, start + 1, end + 1) - 1
        if furthest >= end:
            yield start, end
            return
        stop = _place(flags, start, furthest)
        yield start, _without_spaces(text, start, stop)
        start = stop
        while start < end and text[start].isspace():
            start += 1
        room = max(1, width - rest)


def _place(flags: bytearray, start: int, furthest: int) -> int:
    """Return where a line from ``start`` ends: the last place where nothing speaks against it."""
    for mask in _ALLOWED_MASKS:
        for place in range(furthest, start, -1):
            if not flags[place] & mask:
                return place
    place = furthest + 1
    while flags[place] & CLUSTER:
        place += 1
    return place


def _without_spaces(text: str, start: int, stop: int) -> int:
    while stop > start + 1 and text[stop - 1].isspace():
        stop -= 1
    return stop
