"""Tables with an article in each row: CSV, TSV and their kin."""

from collections.abc import Iterator, Sequence
from itertools import islice

from workbench.articles.document import Document, ReadOptions
from workbench.articles.formats import columns, limits
from workbench.articles.formats.rows import Faults, row_document
from workbench.articles.formats.source import Source
from workbench.articles.formats.stream import TextStream
from workbench.articles.formats.table_rows import BrokenRow, Row, Shape, rows, shape_of
from workbench.errors import ArticleError
from workbench.i18n import _

_SAMPLED = 200


def documents(source: Source, options: ReadOptions, kind: str) -> Iterator[Document | ArticleError]:
    """Yield the article of each row, then what was wrong with rows that could not be read."""
    stream = TextStream(source, options)
    shape = shape_of(_whole_lines(stream, source), kind)
    names, sampled = _sample(stream, shape)
    column = names.index(columns.choose(_values(names, sampled), options.column))
    faults = Faults()
    for row in islice(rows(stream, shape), 1 if shape.has_header else 0, None):
        if isinstance(row, BrokenRow):
            faults.add(row.line, row.problem)
            continue
        cells = row.cells
        if len(cells) != len(names):
            faults.add(row.line, _("{count} rows have more or fewer cells: lines {numbers}"))
            continue
        document = row_document(
            source,
            options,
            kind=kind,
            part=f"row {row.number}",
            text=cells[column],
            encoding=stream.encoding_of(cells[column]),
            fields={
                name: cell
                for index, (name, cell) in enumerate(zip(names, cells, strict=True))
                if index != column and shape.has_header
            },
        )
        if document is None:
            faults.add(
                row.line, _("{count} rows have nothing to read in this column: lines {numbers}")
            )
        else:
            yield document
    yield from faults.errors(_("Look at these rows; the others were read."))


def _whole_lines(stream: TextStream, source: Source) -> str:
    head = stream.head()
    if source.size <= limits.SAMPLE:
        return head
    return head[: head.rfind("\n") + 1] or head


def _sample(stream: TextStream, shape: Shape) -> tuple[list[str], list[list[str]]]:
    """Return the names of the columns and the first rows that have a cell for each."""
    found = rows(stream, shape)
    header: list[str] = []
    if shape.has_header:
        first = next(found, None)
        header = list(first.cells) if isinstance(first, Row) else []
    good = [
        [cell[: columns.LOOKED_AT] for cell in row.cells]
        for row in islice(found, _SAMPLED)
        if isinstance(row, Row)
    ]
    width = len(header) or shape.width
    names = [
        name.strip().lstrip("\ufeff") or str(number)
        for number, name in enumerate(header or [""] * width, start=1)
    ]
    return _distinct(names), [cells for cells in good if len(cells) == width]


def _distinct(names: Sequence[str]) -> list[str]:
    """Give the later of equal names their number, so that each means one column."""
    seen: set[str] = set()
    found = []
    for number, name in enumerate(names, start=1):
        one = name if name not in seen else f"{name} ({number})"
        while one in seen:
            one += "'"
        seen.add(one)
        found.append(one)
    return found


def _values(names: Sequence[str], sampled: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    return {name: [cells[index] for cells in sampled] for index, name in enumerate(names)}
