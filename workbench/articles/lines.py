"""The lines of a text, as cleaning and metadata look at them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workbench.articles.model import Span
from workbench.articles.script import ZERO_WIDTH, fold
from workbench.articles.sentences import LINE

HEAD_LINES = 12
TAIL_LINES = 40
REACH = 12_000
"""Head and tail are looked for within so many characters of the text's ends."""
FOLDED = 800
"""So much of a line is folded: nothing longer is furniture."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank, without the whitespace around it.

    ``folded`` is at most its first FOLDED characters, as ``script.fold`` gives them.
    """

    start: int
    end: int
    folded: str

    @property
    def length(self) -> int:
        """Return the number of characters of the line."""
        return self.end - self.start


def lines(
    text: str, start: int = 0, end: int | None = None, folded: str | None = None
) -> Iterator[Line]:
    """Yield the lines of ``text[start:end]`` that are not blank; ``folded`` is the whole text's."""
    for found in LINE.finditer(text, start, len(text) if end is None else end):
        if (line := _line(text, *found.span(), folded)) is not None:
            yield line


def _line(text: str, start: int, end: int, folded: str | None) -> Line | None:
    # Whitespace only at its ends, looked for without copying a line of megabytes.
    while start < end and (text[start].isspace() or text[start] in ZERO_WIDTH):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ZERO_WIDTH):
        end -= 1
    if start == end:
        return None
    stop = min(end, start + FOLDED)
    return Line(start, end, fold(text[start:stop]) if folded is None else folded[start:stop])


def head_lines(text: str, stretches: Iterable[Span], folded: str | None = None) -> list[Line]:
    """Return the lines of the given stretches that begin within REACH characters of them."""
    found: list[Line] = []
    left = REACH
    for stretch in stretches:
        for line in lines(text, stretch.start, stretch.end, folded):
            found.append(line)
            left -= line.length + 1
            if left <= 0:
                return found
    return found


def tail_lines(text: str, stretches: Iterable[Span], folded: str | None = None) -> list[Line]:
    """Return the lines that begin within the last REACH characters of the given stretches."""
    found: list[list[Line]] = []
    left = REACH
    for stretch in reversed(list(stretches)):
        start = max(stretch.end - left, stretch.start)
        while stretch.start < start < stretch.end and text[start - 1] not in "\r\n\x0c":
            start += 1
        found.append(list(lines(text, start, stretch.end, folded)))
        left -= stretch.end - start
        if left <= 0:
            break
    return [line for part in reversed(found) for line in part]


def edges(text: str) -> tuple[list[Line], list[Line]]:
    """Return the first HEAD_LINES and the last TAIL_LINES lines that are not blank."""
    whole = [Span(0, len(text))]
    return head_lines(text, whole)[:HEAD_LINES], tail_lines(text, whole)[-TAIL_LINES:]
