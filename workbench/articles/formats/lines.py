"""Text dumps with an article on each line, as crawlers write them."""

import re
from collections.abc import Iterator

from workbench.articles.document import Document, ReadOptions
from workbench.articles.formats import kinds, limits
from workbench.articles.formats.rows import Faults, row_document
from workbench.articles.formats.source import Source
from workbench.articles.formats.stream import TextStream
from workbench.errors import ArticleError
from workbench.i18n import _

_LEAST = 8
"""So many lines at least, or the file is not taken for a dump unasked."""
_LOOKED_AT = 400
_HEADED = 0.9
_LONG = 120
_TYPICAL = 250
_STAMP = re.compile(
    r"[\s\[(（【「]*(?:"
    r"(?:(?:19|20)\d\d\s?[-/.年]\s?)?\d{1,2}\s?[-/.月]\s?\d{1,2}日?"
    r")[\s\])）】」T]*(?P<clock>\d{1,2}\s?[:：]\s?\d\d(?:\s?[:：]\s?\d\d)?)?"
    r"[\s\])）】」]*(?P<label>[,，|]?\s*正文\s*[:：]|[|\t])?"
)
_STOPS = re.compile(r"[。！？!?]")


def is_dump(text: str) -> bool:
    """Tell a dump of articles from an article whose paragraphs are lines.

    Nearly every line must begin with the date of a page (with a clock or a label behind it, not the
    words of a sentence), be as long as an article, and hold sentences. A chronicle's lines begin
    with dates too, but run straight on.
    """
    lines = [line for line in text[: 4 * limits.SAMPLE].split("\n", _LOOKED_AT) if line.strip()]
    if len(lines) < _LEAST:
        return False
    lines = lines[:_LOOKED_AT]
    headed = sum(map(_is_article, lines))
    typical = sorted(map(len, lines))[len(lines) // 2]
    return headed >= _HEADED * len(lines) and typical >= _TYPICAL


def _is_article(line: str) -> bool:
    found = _STAMP.match(line)
    return (
        found is not None
        and (found["clock"] is not None or found["label"] is not None)
        and len(line) >= _LONG
        and len(_STOPS.findall(line[:20_000])) >= 2
    )


def looks_like_dump(source: Source, options: ReadOptions) -> bool:
    """Tell a dump too large to be one article by its first bytes."""
    try:
        head = TextStream(source, options).head()
    except ArticleError:
        return False
    return is_dump(head[: head.rfind("\n") + 1])


def documents(source: Source, options: ReadOptions) -> Iterator[Document | ArticleError]:
    """Yield the article on each line that says anything; blank lines are none."""
    stream = TextStream(source, options)
    faults, read = Faults(), 0
    for number, line in stream.lines():
        if line is None:
            faults.add(number, _("{count} lines are longer than any article: {numbers}"))
            continue
        if not (text := line.strip()):
            continue
        document = row_document(
            source,
            options,
            kind=kinds.LINES,
            part=f"line {number}",
            text=text,
            encoding=stream.encoding_of(text),
            fields={},
        )
        if document is None:
            faults.add(number, _("{count} lines hold nothing to read: {numbers}"))
            continue
        read += 1
        yield document
    yield from faults.errors(_("Look at these lines; the others were read."))
