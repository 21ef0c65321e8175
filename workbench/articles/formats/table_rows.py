"""Rows of delimited text: which delimiter, whether there is a header, where a row is broken."""

import csv
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbench.articles.formats import columns, kinds, limits
from workbench.articles.formats.stream import TextStream
from workbench.errors import ArticleError
from workbench.i18n import _

_DELIMITERS = (",", "\t", ";", "|")
_LOOKED_AT = 100
_LONGEST_NAME = 40
_PROSE = re.compile(r"[。！？]|\d{4}-\d\d|^-?\d+(?:\.\d+)?$")
_QUOTED = re.compile(r'(?:^|\t)"[^"\t]*(?:""[^"\t]*)*"(?=\t|\r?$)', re.MULTILINE)
_ROW_LINES = 20_000
"""Lines one row may have, in quotes."""
_ROW_LINES_LEAST = 50
_PATIENCE = 5 * _ROW_LINES
"""Lines that are read in vain, of rows that turn out broken, before rows may have fewer lines."""
_RENEWED = 10
"""Lines by which each row renews that patience: broken quotes then cost no more than so often."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a table is written: ``quoting`` is whether cells may be in quotes."""

    delimiter: str
    quoting: bool
    has_header: bool
    width: int


@dataclass(frozen=True, slots=True)
class Row:
    """A row's cells, its number from 1 (a header counts as none) and the line it begins on."""

    number: int
    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A line that is no row; ``problem`` is a text with {count} and {numbers}."""

    line: int
    problem: str


def shape_of(head: str, kind: str) -> Shape:
    """Tell how a table is written by its first lines; ArticleError where it is none.

    The delimiter is the one that divides most rows into the same number of cells, of those the one
    with most cells.
    """
    candidates = ("\t",) if kind == kinds.TSV else _DELIMITERS
    best: tuple[float, Shape] | None = None
    for delimiter in candidates:
        for quoting in (True, False):
            found = _cells(head, delimiter, quoting)
            if not found:
                continue
            width, same = Counter(map(len, found)).most_common(1)[0]
            share = same / len(found)
            # Quotes are meant as such unless reading them as signs divides the rows better; in
            # tables divided by tabs, only where a whole cell stands in them.
            meant = kind != kinds.TSV or _QUOTED.search(head) is not None
            score = share * (1 if width > 1 else 0.5) + min(width, 9) / 1000
            score += 0.02 if quoting == meant else 0
            if best is None or score > best[0]:
                best = (score, Shape(delimiter, quoting, _has_header(found, width), width))
    if best is None:
        raise ArticleError(
            _("holds no table that can be read"), fix=_("Save it as CSV in UTF-8 once more.")
        )
    return best[1]


def _cells(head: str, delimiter: str, quoting: bool) -> list[tuple[str, ...]]:
    lines = head.splitlines(keepends=True)
    found: list[tuple[str, ...]] = []
    for row in _parsed(
        ((number, line) for number, line in enumerate(lines, 1)), delimiter, quoting
    ):
        if isinstance(row, Row):
            found.append(row.cells)
        else:
            found.append(())
        if len(found) == _LOOKED_AT:
            break
    return found if any(found) else []


def _has_header(found: Sequence[Sequence[str]], width: int) -> bool:
    """Tell names of columns from a first row: names that are known, or short words alone."""
    first, rest = found[0], [cells for cells in found[1:] if len(cells) == width]
    if len(first) != width or not rest:
        return False
    known = {name for names in columns.FIELDS.values() for name in names} | set(columns.TEXT_NAMES)
    if any(columns.canonical(cell) in known for cell in first):
        return True
    if any(not cell.strip() or len(cell) > _LONGEST_NAME or _PROSE.search(cell) for cell in first):
        return False
    if len(set(first)) < width:
        return False
    # Words alone may be a row too: names do not come again, and are shorter than what they name.
    again = any(cells[index] == first[index] for cells in rest for index in range(width))
    longest = max(range(width), key=lambda index: sum(len(cells[index]) for cells in rest))
    average = sum(len(cells[longest]) for cells in rest) / len(rest)
    return not again and average >= 4 * len(first[longest])


def rows(stream: TextStream, shape: Shape) -> Iterator[Row | BrokenRow]:
    """Yield every row of a table, blank lines aside; a broken one costs its first line only."""
    headers = int(shape.has_header)
    yield from _parsed(stream.lines(), shape.delimiter, shape.quoting, headers, shape.width)


def _parsed(
    lines: Iterator[tuple[int, str | None]],
    delimiter: str,
    quoting: bool,
    headers: int = 0,
    width: int = 0,
) -> Iterator[Row | BrokenRow]:
    csv.field_size_limit(limits.TEXT)
    number = -headers
    # Lines read for a row that turned out broken are read again, as rows of their own.
    again: deque[tuple[int, str | None]] = deque()
    feed = _Feed(lines, again)
    patience = _PATIENCE
    while True:
        patience = min(patience + _RENEWED, _PATIENCE)
        feed.begin(max(_ROW_LINES_LEAST, min(_ROW_LINES, patience)))
        try:
            cells = next(_reader(feed, delimiter, quoting))
        except StopIteration:
            return
        except _LineTooLong:
            yield BrokenRow(feed.first, _("{count} lines are longer than any article: {numbers}"))
            feed.give_back(1)
            continue
        except csv.Error:
            number += 1
            # A quote inside a cell that is in none: all is on this line.
            if width and (cells := feed.as_it_stands(delimiter)) and len(cells) == width:
                yield Row(number, feed.first, tuple(cells))
            else:
                yield BrokenRow(feed.first, _("{count} rows have broken quotes: lines {numbers}"))
                patience = max(patience - feed.give_back(1), 0)
            continue
        if cells:
            number += 1
            yield Row(number, feed.first, tuple(cells))


def _reader(feed: Iterator[str], delimiter: str, quoting: bool) -> Iterator[list[str]]:
    if quoting:
        return csv.reader(feed, delimiter=delimiter, strict=True)
    return csv.reader(feed, delimiter=delimiter, quoting=csv.QUOTE_NONE)


class _LineTooLong(Exception):
    pass


class _Feed:
    """Lines for one row, kept until the row is known to be whole."""

    def __init__(
        self, lines: Iterator[tuple[int, str | None]], again: deque[tuple[int, str | None]]
    ) -> None:
        self._lines = lines
        self._again = again
        self._taken: list[tuple[int, str | None]] = []
        self._size = 0
        self._most = _ROW_LINES

    @property
    def first(self) -> int:
        return self._taken[0][0] if self._taken else 0

    def begin(self, most: int) -> None:
        self._taken, self._size, self._most = [], 0, most

    def give_back(self, after: int) -> int:
        back = self._taken[after:]
        self._again.extendleft(reversed(back))
        return len(back)

    def as_it_stands(self, delimiter: str) -> list[str]:
        """Return the cells of the only line taken, its quotes taken for signs."""
        if len(self._taken) != 1 or self._taken[0][1] is None:
            return []
        return self._taken[0][1].rstrip("\r\n").split(delimiter)

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        taken = self._again.popleft() if self._again else next(self._lines)
        self._taken.append(taken)
        text = taken[1]
        if text is None:
            raise _LineTooLong
        self._size += len(text)
        if self._size > limits.TEXT or len(self._taken) > self._most:
            raise csv.Error
        # A NUL is no sign of any text, and the reader of 3.10 refuses it.
        return text.replace("\0", "\ufffd")
