"""What is made of a file or document before it goes to the library: the work of other processes."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import cache, partial
from multiprocessing.reduction import ForkingPickler
from operator import attrgetter
from pathlib import Path

from workbench.articles.document import Document, ReadOptions
from workbench.articles.model import (
    Article,
    Encoding,
    Finding,
    LeftOut,
    Passage,
    Removal,
    Span,
)
from workbench.errors import ArticleError
from workbench.i18n import _
from workbench.store import near_duplicates, search_index
from workbench.store.search_index import Indexed

Task = Path | Document


@dataclass(frozen=True, slots=True)
class Known:
    """A file all articles of which were in the library already; it was not read again."""

    path: Path


@dataclass(frozen=True, slots=True)
class End:
    """Comes after what was in a file."""

    path: Path


@dataclass(frozen=True, slots=True)
class Prepared:
    """An article with what the indexes need of it; ``shingles`` as bytes, which pickle fast."""

    article: Article
    indexed: Indexed
    shingles: bytes

    def index(self, connection: sqlite3.Connection, article_id: int, _article: Article) -> None:
        """Enter the article in the indexes under its id."""
        import numpy as np

        search_index.add_prepared(connection, article_id, self.indexed)
        hashes = np.frombuffer(self.shingles, np.uint32)
        near_duplicates.add_hashes(connection, article_id, hashes)


@cache
def pickle_briefly() -> None:
    """Send articles between processes by their fields: what dataclasses do by default is slow."""
    for kind in (Article, Encoding, Finding, LeftOut, Passage, Removal, Span):
        names = attrgetter(*(field.name for field in fields(kind)))
        ForkingPickler.register(kind, partial(_reduced, kind, names))


def _reduced(
    kind: type, values: Callable[[object], tuple[object, ...]], one: object
) -> tuple[type, tuple[object, ...]]:
    return kind, values(one)


Item = tuple[Task | Known | End | ArticleError, ReadOptions]
Result = Prepared | Known | End | ArticleError


def prepare(items: list[Item]) -> list[tuple[Result, ...]]:
    """Read and understand files and documents; what is neither is handed on as it is."""
    pickle_briefly()
    return [tuple(_results(item, options)) for item, options in items]


def lost(item: Item) -> Iterator[Result]:
    """Yield what is said of an item whose process ended while it worked on it."""
    task, _options = item
    if not isinstance(task, Path | Document):
        yield task
        return
    path, part = (task, None) if isinstance(task, Path) else (task.path, task.part)
    yield ArticleError(
        _("ended the process that read it"),
        path=path,
        part=part,
        fix=_("It may be damaged, or need more memory than there is: leave it out."),
    )
    if isinstance(task, Path):
        yield End(task)


def _results(task: Task | Known | End | ArticleError, options: ReadOptions) -> Iterator[Result]:
    from workbench.articles.reader import read_articles, understand

    if isinstance(task, Document):
        try:
            yield _prepared(understand(task, options))
        except ArticleError as error:
            yield error
        except Exception as error:  # noqa: BLE001 - one file must not end the import of others
            yield _defect(task.path, error)
    elif isinstance(task, Path):
        try:
            for found in read_articles(task, options):
                yield _prepared(found) if isinstance(found, Article) else found
        except ArticleError as error:
            yield error
        except Exception as error:  # noqa: BLE001
            yield _defect(task, error)
        yield End(task)
    else:
        yield task


def _prepared(article: Article) -> Prepared:
    from workbench.store.normal_form import tokens, tokens_of, units
    from workbench.store.sketches import shingles_of

    found = units(article.text)
    kept = found.outside((removal.start, removal.end) for removal in article.removals)
    return Prepared(
        article,
        Indexed(tokens(article.title or ""), tokens_of(found)),
        shingles_of(kept).tobytes(),
    )


def _defect(path: Path, error: Exception) -> ArticleError:
    return ArticleError(
        _("cannot be read: {reason}").format(reason=f"{type(error).__name__}: {error}"),
        path=path,
        fix=_("This is a defect of the program; leave the file out, and report it."),
    )
