"""The library as a person goes through it: rows of articles, folders, collections, statuses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from workbench.i18n import N_
from workbench.store.filters import Filters
from workbench.store.library import Library
from workbench.store.search import search

NEW, READ, SUMMARISED, FLAGGED = "new", "read", "summarised", "flagged"
STATUSES = {
    NEW: N_("new"),
    READ: N_("read by the model"),
    SUMMARISED: N_("summarised"),
    FLAGGED: N_("flagged"),
}
"""``flagged``: the latest summary has a fact that its article does not bear out."""
ORDERS = {
    "added": "articles.id DESC",
    "date": "articles.date IS NULL, articles.date DESC, articles.id DESC",
    "title": "articles.title IS NULL, articles.title, articles.id",
    "source": "articles.source IS NULL, articles.source, articles.id DESC",
    "length": "articles.characters DESC, articles.id",
}
MOST_FOUND = 2000
"""So many articles that match words are gone through; more words narrow them down."""

_LATEST = (
    "(SELECT max(about.result_id) FROM result_articles AS about"
    " JOIN results ON results.id = about.result_id JOIN runs ON runs.id = results.run_id"
    " WHERE about.article_id = articles.id AND runs.task = 'summarize')"
)
_FLAG = (
    '(SELECT instr(result, \'"status": "unsupported"\') + instr(result, \'"status": "differs"\')'
    f" FROM results WHERE results.id = {_LATEST})"
)
_ANY = "EXISTS (SELECT 1 FROM result_articles AS about WHERE about.article_id = articles.id)"
_STATUS = (
    f"CASE WHEN NOT {_ANY} THEN '{NEW}' WHEN {_LATEST} IS NULL THEN '{READ}'"
    f" WHEN {_FLAG} > 0 THEN '{FLAGGED}' ELSE '{SUMMARISED}' END"
)
_PATH = (
    "(SELECT path FROM occurrences JOIN files ON files.id = file_id"
    " WHERE article_id = articles.id ORDER BY occurrences.id LIMIT 1)"
)
_COLUMNS = (
    f"articles.id, title, date, source, script, characters, {_STATUS}, {_PATH},"
    " CASE WHEN title IS NULL THEN substr(text, 1, 80) END"
)


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
    ``folder`` keeps those whose file lies in it.
    """

    filters: Filters = Filters()
    status: str = ""
    folder: str = ""
    order: str = "added"
    found: tuple[int, ...] | None = None

    def condition(self) -> tuple[str, tuple[object, ...]]:
        """Return the SQL condition on ``articles`` and its parameters."""
        condition, parameters = self.filters.condition()
        if self.status:
            condition += f" AND {_STATUS} = ?"
            parameters = (*parameters, self.status)
        if self.folder:
            condition += (
                " AND articles.id IN (SELECT article_id FROM occurrences JOIN files"
                " ON files.id = file_id WHERE path >= ? AND path < ?)"
            )
            parameters = (*parameters, self.folder + "/", self.folder + "0")  # 0 follows /
        return condition, parameters


def looked_up(library: Library, shelf: Shelf, words: str) -> Shelf:
    """Return the shelf narrowed to articles that hold the words, in either script.

    UsageError where the words say nothing to find.
    """
    if not words.strip():
        return replace(shelf, found=None)
    with library.understanding() as connection:
        found = search(connection, words, shelf.filters, limit=MOST_FOUND, snippets=0)
        ids = tuple(hit.article_id for hit in found.hits)
        if shelf.status or shelf.folder:
            condition, parameters = shelf.condition()
            passing = {
                number
                for (number,) in connection.execute(
                    f"SELECT id FROM articles WHERE {condition}", parameters
                )
            }
            ids = tuple(one for one in ids if one in passing)
    return replace(shelf, found=ids)


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
    ids = ids_of(library, shelf, limit, offset)
    with library.understanding() as connection:
        marks = ", ".join("?" * len(ids))
        found = {
            row[0]: _row(row)
            for row in connection.execute(
                f"SELECT {_COLUMNS} FROM articles WHERE id IN ({marks})", ids
            )
        }
    return [found[one] for one in ids if one in found]


def ids_of(library: Library, shelf: Shelf, limit: int, offset: int = 0) -> list[int]:
    """Return the ids of a stretch of a shelf, in its order."""
    if shelf.found is not None:
        return list(shelf.found[offset : offset + limit])
    condition, parameters = shelf.condition()
    order = ORDERS[shelf.order]
    with library.reading() as connection:
        chosen = connection.execute(
            f"SELECT id FROM articles WHERE {condition} ORDER BY {order} LIMIT ? OFFSET ?",
            (*parameters, limit, offset),
        )
        return [number for (number,) in chosen]


def _row(row: Sequence[object]) -> ArticleRow:
    number, title, date, source, script, characters, status, path, opening = row
    shown = str(title or "").strip() or " ".join(str(opening or "").split())
    return ArticleRow(
        int(str(number)),
        " ".join(shown.split()) or PurePath(str(path or "?")).name,
        str(date or ""),
        str(source or ""),
        str(script),
        int(str(characters)),
        str(status),
    )


def folders(library: Library) -> list[tuple[str, int]]:
    """Return every folder that files of articles lie in, with how many articles it holds."""
    held: dict[str, set[int]] = {}
    with library.reading() as connection:
        for path, article_id in connection.execute(
            "SELECT path, article_id FROM occurrences JOIN files ON files.id = file_id"
        ):
            held.setdefault(str(PurePath(path).parent), set()).add(article_id)
    return sorted((folder, len(articles)) for folder, articles in held.items())


def sources(library: Library) -> list[tuple[str, int]]:
    """Return every source with how many articles it has, the greatest first."""
    with library.reading() as connection:
        found = connection.execute(
            "SELECT source, count(*) FROM articles WHERE source IS NOT NULL"
            " GROUP BY source ORDER BY 2 DESC, 1"
        )
        return [(str(source), int(number)) for source, number in found]
