"""The library as a person goes through it: rows of articles, folders, collections, statuses.

Ids are found in indexes that hold no text, then the rows of one stretch are looked up, so that a
library of 60,000 articles answers at once in any order (measured in docs/desk.md).
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from workbench.desk.tree import Folder, Tree, folders, tree
from workbench.i18n import N_
from workbench.store import standing
from workbench.store.filters import Filters
from workbench.store.library import Library
from workbench.store.query import parse
from workbench.store.search import ranked
from workbench.store.standing import FLAGGED, NEW, READ, SUMMARISED

__all__ = [
    "FLAGGED",
    "MOST_FOUND",
    "NEW",
    "ORDERS",
    "READ",
    "STATUSES",
    "SUMMARISED",
    "ArticleRow",
    "Filters",
    "Folder",
    "Shelf",
    "Tree",
    "count",
    "folders",
    "ids_of",
    "looked_up",
    "rows",
    "rows_of",
    "sources",
    "tree",
]

STATUSES = {
    NEW: N_("new"),
    READ: N_("read by the model"),
    SUMMARISED: N_("summarised"),
    FLAGGED: N_("flagged"),
}
"""``flagged``: the latest summary has a fact that its article does not bear out."""
_STANDING = (
    "coalesce((SELECT max(standing) FROM result_articles WHERE article_id = articles.id), 0)"
)
ORDERS = {
    "added": "added_at DESC, id DESC",
    "date": "date DESC, id DESC",  # NULL is less than any date, so it comes last
    "title": "coalesce(title, '') = '', title, id",
    "source": "source IS NULL, source, id DESC",
    "length": "characters DESC, id",
    "status": f"{_STANDING} DESC, id DESC",
}
MOST_FOUND = 2000
"""So many articles that match words are gone through; more words narrow them down."""
_OPENING = 80


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article in the table; ``title`` is never empty, ``status`` is a key of ``STATUSES``."""

    id: int
    title: str
    date: str
    source: str
    script: str
    characters: int
    status: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """Which articles are meant, in which order: the answer to what was typed and chosen.

    ``found`` holds the ids that match words, the best first; None where no words were given.
    ``folder`` keeps those whose file lies in it, or in a folder below it.
    """

    filters: Filters = Filters()
    status: str = ""
    folder: str = ""
    order: str = "added"
    found: tuple[int, ...] | None = None

    @property
    def meant(self) -> Filters:
        """Return the filters with status and folder among them."""
        return replace(
            self.filters,
            status=self.status or self.filters.status,
            folder=self.folder or self.filters.folder,
        )

    def condition(self) -> tuple[str, tuple[object, ...]]:
        """Return the SQL condition on ``articles`` and its parameters."""
        return self.meant.condition()


def looked_up(library: Library, shelf: Shelf, words: str) -> Shelf:
    """Return the shelf narrowed to articles that hold the words, in either script.

    UsageError where the words say nothing to find.
    """
    if not words.strip():
        return replace(shelf, found=None)
    with library.understanding() as connection:
        found = ranked(connection, parse(words), shelf.meant, MOST_FOUND)
    return replace(shelf, found=tuple(number for number, _score in found.scores[:MOST_FOUND]))


def count(library: Library, shelf: Shelf) -> int:
    """Return how many articles stand on a shelf."""
    if shelf.found is not None:
        return len(shelf.found)
    condition, parameters = shelf.condition()
    with library.reading() as connection:
        row = connection.execute(f"SELECT count(*) FROM articles WHERE {condition}", parameters)
        return int(row.fetchone()[0])


def rows(library: Library, shelf: Shelf, limit: int, offset: int = 0) -> list[ArticleRow]:
    """Return a stretch of a shelf."""
    return rows_of(library, ids_of(library, shelf, limit, offset))


def rows_of(library: Library, article_ids: Sequence[int]) -> list[ArticleRow]:
    """Return the rows of articles, in this order; those that are gone are left out."""
    with library.understanding() as connection:
        found = [_row(connection, number) for number in article_ids]
    return [row for row in found if row is not None]


def ids_of(library: Library, shelf: Shelf, limit: int, offset: int = 0) -> list[int]:
    """Return the ids of a stretch of a shelf, in its order; of all from there where limit is -1."""
    if shelf.found is not None:
        return list(shelf.found[offset : None if limit < 0 else offset + limit])
    condition, parameters = shelf.condition()
    ordered = condition == "1" and shelf.order in ("added", "date")
    # A row of the table drags its text along. Unless an index has the rows in this very order,
    # all that is needed is read from the one that holds everything but the text.
    source = "articles" if ordered else "articles INDEXED BY articles_listed"
    with library.reading() as connection:
        chosen = connection.execute(
            f"SELECT id FROM {source} WHERE {condition} ORDER BY {ORDERS[shelf.order]}"
            " LIMIT ? OFFSET ?",
            (*parameters, limit, offset),
        )
        return [number for (number,) in chosen]


def sources(library: Library) -> list[tuple[str, int]]:
    """Return every source with how many articles it has, the greatest first."""
    with library.reading() as connection:
        found = connection.execute(
            "SELECT source, count(*) FROM articles WHERE source IS NOT NULL"
            " GROUP BY source ORDER BY 2 DESC, 1"
        )
        return [(str(source), int(number)) for source, number in found]


def _row(connection: sqlite3.Connection, article_id: int) -> ArticleRow | None:
    row = connection.execute(
        f"SELECT id, title, date, source, script, characters, {_STANDING},"
        " (SELECT path FROM occurrences JOIN files ON files.id = file_id"
        "  WHERE article_id = articles.id ORDER BY occurrences.id LIMIT 1),"
        f" CASE WHEN coalesce(title, '') = '' THEN substr(text, 1, {_OPENING}) END"
        " FROM articles WHERE id = ?",
        (article_id,),
    ).fetchone()
    if row is None:
        return None
    number, title, date, source, script, characters, standing_, path, opening = row
    shown = " ".join(str(title or opening or "").split())
    return ArticleRow(
        int(number),
        shown or PurePath(str(path or "?")).name,
        str(date or ""),
        str(source or ""),
        str(script),
        int(characters),
        standing.STATUSES[standing_],
    )
