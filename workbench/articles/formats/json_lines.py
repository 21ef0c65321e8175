"""JSON Lines: a value on each line, with an article in each."""

import json
from collections.abc import Iterator
from typing import Any

from workbench.articles.document import Document, ReadOptions
from workbench.articles.formats import columns, kinds, limits
from workbench.articles.formats.json_values import Text, fields_of, texts
from workbench.articles.formats.rows import Faults, row_document
from workbench.articles.formats.source import Source
from workbench.articles.formats.stream import TextStream
from workbench.errors import ArticleError
from workbench.i18n import _

_SAMPLED = 200
_BROKEN = object()


def documents(source: Source, options: ReadOptions) -> Iterator[Document | ArticleError]:
    """Yield the article of each line, then which lines are broken or have none."""
    stream = TextStream(source, options)
    column = columns.choose(_sample(stream, options), options.column)
    faults = Faults()
    for number, value in _values(stream):
        if value is _BROKEN:
            faults.add(number, _("{count} lines are not JSON: {numbers}"))
            continue
        found = 0
        for text in texts(value):
            if ".".join(text.path) != column:
                continue
            part = f"line {number}"
            if document := _document(source, options, stream, text, part, found):
                found += 1
                yield document
        if not found:
            faults.add(
                number,
                _("{count} lines have no text in {column}: {numbers}"),
                column,
            )
    yield from faults.errors(_("Look at these lines; the others were read."))


def _document(
    source: Source, options: ReadOptions, stream: TextStream, text: Text, part: str, found: int
) -> Document | None:
    return row_document(
        source,
        options,
        kind=kinds.JSONL,
        part=f"{part}.{found + 1}" if found else part,
        text=text.value,
        encoding=stream.encoding_of(text.value),
        fields=fields_of(text),
    )


def _sample(stream: TextStream, options: ReadOptions) -> dict[str, list[str]]:
    """Return the first texts of each path; ArticleError where no line is JSON."""
    values: dict[str, list[str]] = {}
    good = 0
    for read, (_number, value) in enumerate(_values(stream), start=1):
        if value is not _BROKEN:
            good += 1
            for text in texts(value):
                kept = values.setdefault(".".join(text.path) or "-", [])
                kept.append(text.value[: columns.LOOKED_AT])
        if good >= _SAMPLED or read >= 50 * _SAMPLED:
            break
    if not values:
        raise ArticleError(
            _("holds no line that is JSON with text in it"),
            fix=_("Save it with one JSON object a line, or as text."),
        )
    return values


def _values(stream: TextStream) -> Iterator[tuple[int, Any]]:
    for number, line in stream.lines(limits.TEXT):
        if line is not None and not line.strip():
            continue
        yield number, _BROKEN if line is None else _parsed(line)


def _parsed(line: str) -> Any:
    try:
        return json.loads(line.strip(" \t\r\n\x1e\ufeff"))
    except (ValueError, RecursionError):
        return _BROKEN
