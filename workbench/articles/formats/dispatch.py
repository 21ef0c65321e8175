"""Which reader a file goes to, by what it holds and is named."""

from collections.abc import Iterator

from workbench.articles.document import Document, ReadOptions
from workbench.articles.formats import kinds
from workbench.articles.formats.source import Source
from workbench.articles.formats.text_errors import empty
from workbench.errors import ArticleError
from workbench.i18n import _


def documents_in(source: Source, options: ReadOptions) -> Iterator[Document | ArticleError]:
    """Yield the material of every article in a source, and an error for what cannot be read."""
    # Each reader is imported where it is needed: most runs meet one or two formats.
    head = source.head(kinds.HEAD)
    if not head:
        raise empty()
    container = kinds.container(head)
    if container == kinds.PDF:
        from workbench.articles.formats import pdf

        yield pdf.document(source, options)
        return
    if container == kinds.ZIP:
        from workbench.articles.formats import archive

        yield from archive.documents(source, options)
        return
    if kind := kinds.binary_kind(head):
        raise ArticleError(
            _("is not text but looks like {kind}").format(kind=kind),
            fix=_("Give a text, a web page or a document; save its text as .txt first."),
        )
    known = kinds.structured(source.name, head, has_column=options.column is not None)
    if known == kinds.MHTML:
        from workbench.articles.formats import mhtml

        yield mhtml.document(source, options)
    elif known == kinds.JSON:
        from workbench.articles.formats import json_file

        yield from json_file.documents(source, options)
    elif known == kinds.JSONL:
        from workbench.articles.formats import json_lines

        yield from json_lines.documents(source, options)
    elif known in {kinds.CSV, kinds.TSV}:
        from workbench.articles.formats import tables

        yield from tables.documents(source, options, known)
    else:
        from workbench.articles.formats import text

        yield from text.documents(source, options)
