"""A JSON file with articles in it, whatever it is nested in, read a record at a time."""

from collections.abc import Iterator

from workbench.articles.document import Document, ReadOptions
from workbench.articles.formats import columns, json_lines, kinds
from workbench.articles.formats.json_records import RECORD, BrokenJson, Record, records
from workbench.articles.formats.json_values import fields_of, texts
from workbench.articles.formats.rows import Faults, row_document
from workbench.articles.formats.source import Source
from workbench.articles.formats.stream import TextStream, Utf8Stream
from workbench.errors import ArticleError
from workbench.i18n import _

_SAMPLED = 200
_TEXTS = 5_000


def documents(source: Source, options: ReadOptions) -> Iterator[Document | ArticleError]:
    """Yield the article of each record, then what was wrong.

    Records are the items of the outermost lists; where a file has none, it is one record.
    """
    stream = TextStream(source, options)
    if _is_lines(stream):
        yield from json_lines.documents(source, options)
        return
    column = columns.choose(_sample(stream), options.column)
    faults, number, read = Faults(), 0, 0
    try:
        for record in _records(stream):
            number += 1
            found = 0
            for text in texts(record.value, record.path):
                if ".".join(text.path) != column:
                    continue
                document = row_document(
                    source,
                    options,
                    kind=kinds.JSON,
                    part=f"item {read + 1}",
                    text=text.value,
                    encoding=stream.encoding_of(text.value),
                    fields=fields_of(text),
                )
                if document is not None:
                    found += 1
                    read += 1
                    yield document
            if not found and _is_of(column, record):
                faults.add(
                    number,
                    _("{count} records have no text in {column}: {numbers}"),
                    column,
                )
    except BrokenJson as error:
        yield _broken(error, read)
    yield from faults.errors(_("Look at these records; the others were read."))


def _is_of(column: str, record: Record) -> bool:
    """Tell whether a record is of the list that the column is in."""
    return not record.remainder and column.split(".")[: len(record.path)] == list(record.path)


def _records(stream: TextStream) -> Iterator[Record]:
    return records(Utf8Stream(stream, RECORD))


def _sample(stream: TextStream) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    seen = 0
    problem = None
    try:
        for number, record in enumerate(_records(stream), start=1):
            for text in texts(record.value, record.path):
                kept = values.setdefault(".".join(text.path) or "-", [])
                kept.append(text.value[: columns.LOOKED_AT])
                seen += 1
            if number >= _SAMPLED or seen >= _TEXTS:
                break
    except BrokenJson as error:
        problem = error
    if not values:
        if problem is not None:
            raise _broken(problem, 0)
        raise ArticleError(_("is JSON without text in it"), fix=_("Give a file with articles."))
    return values


def _is_lines(stream: TextStream) -> bool:
    """Tell JSON Lines by another name: two lines or more that are objects each."""
    lines = [line for line in stream.head().split("\n", 3)[:3] if line.strip()]
    return len(lines) >= 2 and all(
        line.lstrip().startswith("{") and line.rstrip().endswith("}") for line in lines[:2]
    )


def _broken(error: BrokenJson, read: int) -> ArticleError:
    return ArticleError(
        _("is broken JSON: {problem}; {count} articles before it were read").format(
            problem=error, count=read
        )
        if read
        else _("is broken JSON: {problem}").format(problem=error),
        fix=_("Save it once more, or one JSON object a line."),
    )
