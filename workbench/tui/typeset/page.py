"""An article, or any paragraphs, set in lines; found again by offsets of the original."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from workbench.articles.model import Span
from workbench.articles.script import Conversion
from workbench.tui.typeset.breaking import break_text
from workbench.tui.typeset.shown_text import Kind, Paragraph, ShownText, places_between

_INDENT = 4
"""Cells before a paragraph's first line: two Chinese characters."""
_WIDE_ENOUGH = 24
"""Below this width there is no room to indent."""
_AIRY = 32
"""From this width on there is a blank line between paragraphs."""
_NOTE_INDENT = 2


class Line(NamedTuple):
    """A line: ``start`` to ``end`` of a paragraph's text after ``indent`` cells.

    ``paragraph`` is -1 for a blank line.
    """

    paragraph: int
    start: int
    end: int
    indent: int


BLANK = Line(-1, 0, 0, 0)


class Place(NamedTuple):
    """A line of a page, and the character of its paragraph."""

    line: int
    character: int


@dataclass(frozen=True)
class Page:
    """Lines of paragraphs set at a width in cells."""

    width: int
    paragraphs: Sequence[Paragraph]
    lines: Sequence[Line]
    first_lines: Sequence[int]
    """The first line of each paragraph."""
    conversion: Conversion

    def text(self, number: int) -> str:
        """Return what a line shows, without its indent."""
        line = self.lines[number]
        return "" if line.paragraph < 0 else self._paragraph(line).text[line.start : line.end]

    def kind(self, number: int) -> Kind | None:
        """Return what a line is part of; None for a blank one."""
        line = self.lines[number]
        return None if line.paragraph < 0 else self._paragraph(line).kind

    def spans(self, number: int) -> list[Span]:
        """Return the stretches of the original text that a line shows."""
        line = self.lines[number]
        if line.paragraph < 0:
            return []
        places = self._paragraph(line).places[line.start : line.end]
        return self.originals(places)

    def originals(self, places: Sequence[int]) -> list[Span]:
        """Return the stretches of the original that these places of the shown text came from."""
        found: list[Span] = []
        at = 0
        while at < len(places):
            stop = _run_end(places, at)
            span = self.conversion.original_span(places[at], places[stop - 1] + 1)
            if found and span.start <= found[-1].end:
                span = Span(found.pop().start, span.end)
            found.append(span)
            at = stop
        return found

    def within(self, number: int, start: int, end: int) -> tuple[int, int] | None:
        """Return which characters of a line's paragraph show ``start`` to ``end`` of the original.

        None where the line shows none of them.
        """
        line = self.lines[number]
        if line.paragraph < 0 or not self._paragraph(line).places:
            return None
        span = self.conversion.converted_span(start, end)
        low, high = places_between(self._paragraph(line), span.start, span.end)
        low, high = max(low, line.start), min(high, line.end)
        return (low, high) if low < high else None

    def locate(self, offset: int) -> Place | None:
        """Return where a character of the original is shown, or what is shown next after it."""
        at = self.conversion.converted_span(offset, offset + 1).start
        index = bisect_right(self._starts, at) - 1
        while 0 <= index < len(self._starts):
            number = self._placed[index]
            paragraph = self.paragraphs[number]
            character, _end = places_between(paragraph, at, at)
            lines = self.lines_of(number)
            if character <= self.lines[lines[-1]].end:
                inside = bisect_right([self.lines[one].start for one in lines], character) - 1
                return Place(lines[max(0, inside)], character)
            index += 1
        if not self._placed:
            return None
        return Place(self.first_lines[self._placed[0]], 0)

    def offset_at(self, number: int, character: int) -> int | None:
        """Return the offset in the original of a character of a line's paragraph."""
        line = self.lines[number]
        if line.paragraph < 0 or not (places := self._paragraph(line).places):
            return None
        place = places[min(character, len(places) - 1)]
        return self.conversion.original_span(place, place + 1).start

    def _paragraph(self, line: Line) -> Paragraph:
        return self.paragraphs[line.paragraph]

    def lines_of(self, number: int) -> range:
        """Return the numbers of the lines of a paragraph."""
        first = self.first_lines[number]
        last = first
        while last < len(self.lines) and self.lines[last].paragraph == number:
            last += 1
        return range(first, last)

    @cached_property
    def _placed(self) -> list[int]:
        """Number the paragraphs that show something of the article."""
        return [number for number, one in enumerate(self.paragraphs) if one.places]

    @cached_property
    def _starts(self) -> list[int]:
        return [self.paragraphs[number].places[0] for number in self._placed]


def typeset(shown: ShownText, width: int, before: Iterable[Paragraph] = ()) -> Page:
    """Set an article's paragraphs, those ``before`` it first, in lines of ``width`` cells."""
    paragraphs = (*before, *shown.paragraphs)
    lines: list[Line] = []
    first_lines: list[int] = []
    previous: Kind | None = None
    for number, paragraph in enumerate(paragraphs):
        if _is_apart(previous, paragraph.kind, width):
            lines.append(BLANK)
        first_lines.append(len(lines))
        first, rest = _indents(paragraph.kind, width)
        for index, (start, end) in enumerate(break_text(paragraph.text, width, first, rest)):
            lines.append(Line(number, start, end, rest if index else first))
        previous = paragraph.kind
    return Page(width, paragraphs, lines, first_lines, shown.conversion)


def _indents(kind: Kind, width: int) -> tuple[int, int]:
    if width < _WIDE_ENOUGH:
        return 0, 0
    if kind is Kind.BODY:
        return _INDENT, 0
    if kind in (Kind.NOTE, Kind.REMOVED):
        return _NOTE_INDENT, _NOTE_INDENT
    return 0, 0


def _is_apart(previous: Kind | None, kind: Kind, width: int) -> bool:
    """Say whether a blank line comes between two paragraphs."""
    if previous in (None, Kind.NOTE):
        return False
    if Kind.META in (previous, kind) and Kind.BODY not in (previous, kind):
        return previous is Kind.META and kind is not Kind.META
    if previous is Kind.REMOVED and kind in (Kind.REMOVED, Kind.NOTE):
        return False
    return width >= _AIRY or kind is Kind.HEADING or previous in (Kind.META, Kind.TITLE)


def _run_end(places: Sequence[int], start: int) -> int:
    """Return where the stretch of places that follow one another ends."""
    if isinstance(places, range):
        return len(places)
    low, high = start + 1, len(places)
    while low < high:  # places ascend, so a stretch without a gap can be told by its ends
        middle = (low + high) // 2
        if places[middle] - places[start] == middle - start:
            low = middle + 1
        else:
            high = middle
    return low
