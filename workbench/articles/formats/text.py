"""A file that is one article: plain text, Markdown, or a web page."""

from collections.abc import Iterator

from workbench.articles.document import Document, ReadOptions
from workbench.articles.formats import kinds, limits, lines
from workbench.articles.formats.source import Source, too_large
from workbench.articles.formats.text_errors import controls, empty, says_nothing
from workbench.articles.model import Encoding
from workbench.errors import ArticleError


def documents(source: Source, options: ReadOptions) -> Iterator[Document | ArticleError]:
    """Yield the article of a text file, or one for each line where the file is a dump of lines."""
    if options.lines:
        yield from lines.documents(source, options)
        return
    if source.size > limits.TEXT:
        if options.lines is None and lines.looks_like_dump(source, options):
            yield from lines.documents(source, options)
            return
        raise too_large(source.size)
    data = source.read()
    text, encoding = decoded(data, options)
    if options.lines is None and lines.is_dump(text):
        yield from lines.documents(source, options)
    elif kinds.is_page(source.name, text):
        yield page_document(source, data, text, encoding, options)
    else:
        name = kinds.MARKDOWN if kinds.is_markdown(source.name) else kinds.TEXT
        yield Document(source.path, data, name, text, encoding, source.part)


def decoded(data: bytes, options: ReadOptions, declared: str | None = None) -> tuple[str, Encoding]:
    """Decode bytes that ought to be text; ArticleError where they are none or say nothing."""
    from workbench.articles.encoding import decode

    if not data.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise empty()
    declared = declared or kinds.declared_charset(data)
    text, encoding = decode(data, declared=declared, given=options.encoding)
    if kinds.holds_controls(text):
        raise controls()
    if not any(char.isalnum() for char in text):
        raise says_nothing()
    return text, encoding


def page_document(
    source: Source, data: bytes, html: str, encoding: Encoding, options: ReadOptions
) -> Document:
    """Return the article of a web page."""
    from workbench.articles.formats.html import extract
    from workbench.articles.metadata import Metadata, iso_date

    page = extract(html, raw=options.raw)
    return Document(
        source.path,
        data,
        kinds.HTML,
        page.text,
        encoding,
        source.part,
        Metadata(page.title, iso_date(page.date), page.byline, page.source),
        "page",
        page.left_out,
    )
