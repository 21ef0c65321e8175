"""Files into articles: everything in a file is read, or it is said why not."""

import hashlib
from collections.abc import Iterator
from pathlib import Path, PurePath

from workbench.articles.document import Document, ReadOptions
from workbench.articles.formats import limits
from workbench.articles.formats.source import SEPARATOR, Source, bytes_source, file_source
from workbench.articles.model import Article, Script
from workbench.errors import ArticleError, ArticleNotice
from workbench.i18n import _

_ROWS = frozenset({"csv", "tsv", "json", "jsonl", "lines"})
_WORDED = frozenset({Script.TRADITIONAL, Script.MIXED})

LARGEST = limits.TEXT
"""A text of more bytes is refused: no article is that long."""


def read_articles(path: Path, options: ReadOptions) -> Iterator[Article | ArticleError]:
    """Yield every article of a file, and an ArticleError for each thing in it that is none.

    Nothing is raised for what the file holds. An ArticleNotice says what was left out on purpose.
    """
    for one in documents(path, options):
        if isinstance(one, ArticleError):
            yield one
            continue
        try:
            yield understand(one, options)
        except ArticleError as error:
            yield _placed(error, one.path, one.part)


def read_article(path: Path, *, encoding: str | None = None, raw: bool = False) -> Article:
    """Read the one article of a file.

    ``encoding`` overrides what the file says and looks like; ``raw`` keeps everything, site
    furniture and all the visible text of a page included. Raises ArticleError: one line that says
    what is wrong with the file and what to do, also where it holds several articles.
    """
    found: Article | None = None
    for one in read_articles(path, ReadOptions(encoding=encoding, raw=raw)):
        if isinstance(one, ArticleNotice):
            continue
        if isinstance(one, ArticleError):
            raise one
        if found is not None:
            raise ArticleError(
                _("holds several articles where one is needed"),
                path=path,
                fix=_("Give a file with one article."),
            )
        found = one
    if found is None:
        raise ArticleError(_("holds no article"), path=path, fix=_("Give another file."))
    return found


def documents(path: Path, options: ReadOptions) -> Iterator[Document | ArticleError]:
    """Yield what is taken out of a file, article by article, not yet cleaned and divided."""
    try:
        source = file_source(path)
    except ArticleError as error:
        yield _placed(error, path, None)
        return
    yield from _documents(source, options)


def documents_of_bytes(
    name: str, data: bytes, options: ReadOptions
) -> Iterator[Document | ArticleError]:
    """Yield what is taken out of bytes, such as standard input; ``name`` is what to call them."""
    yield from _documents(bytes_source(Path(name), name, data), options)


def _documents(source: Source, options: ReadOptions) -> Iterator[Document | ArticleError]:
    from workbench.articles.formats.guarded import guarded

    yield from guarded(source, options)


def understand(document: Document, options: ReadOptions) -> Article:
    """Clean a document's text, divide it into passages, find its script and metadata."""
    # A program that only names this module need not compile every pattern of the package.
    from workbench.articles import script
    from workbench.articles.cleaning import find_removals, kept_text, merged
    from workbench.articles.formats import kinds
    from workbench.articles.formats.markdown import find_markup
    from workbench.articles.metadata import find_metadata, joined
    from workbench.articles.passages import split

    text = document.text
    markdown = document.format == kinds.MARKDOWN
    found = find_removals(text)
    removals = () if options.raw else merged(find_markup(text), found) if markdown else found
    passages = split(text, removals)
    if not passages:
        removals, passages = (), split(text)
    kept = kept_text(text, removals)
    found_script = script.detect(kept)
    metadata = joined(
        document.stated,
        document.stated_in,
        find_metadata(text, found, markdown=markdown),
        _named(document),
    )
    return Article(
        path=document.path,
        sha256=hashlib.sha256(document.data).hexdigest(),
        size=len(document.data),
        format=document.format,
        encoding=document.encoding,
        script=found_script,
        wording=script.detect_wording(kept) if found_script in _WORDED else None,
        text=text,
        passages=passages,
        removals=removals,
        left_out=document.left_out,
        title=metadata.title,
        date=metadata.date,
        byline=metadata.byline,
        source=metadata.source,
        part=document.part,
        findings=metadata.findings,
        names=options.names,
    )


def _named(document: Document) -> PurePath:
    """Return the name that may be the article's title: not that of a dump it is a row of."""
    if document.part is None:
        return document.path
    return PurePath("" if document.format in _ROWS else document.part.split(SEPARATOR)[-1])


def _placed(error: ArticleError, path: Path, part: str | None) -> ArticleError:
    """Say in which file and part of it an error is, where it does not yet say so."""
    if error.path is None:
        error.path = path
    if error.part is None:
        error.part = part
    return error
