"""What is said of articles in a line each, and of the library as a whole."""

import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import LibraryError
from workbench.i18n import _
from workbench.store.connection import storable
from workbench.store.filters import Filters

_HASH = re.compile(r"[0-9a-f]{6,64}")
_OPENING = 60
_COLUMNS = (
    "id",
    "content_sha256",
    "title",
    "date",
    "source",
    "script",
    "wording",
    "characters",
    "added_at",
    "opening",
    "path",
    "part",
)


@dataclass(frozen=True, slots=True)
class Listed:
    """An article in a list; ``opening`` is how its text begins, ``path`` its first file."""

    id: int
    content_sha256: str
    title: str | None
    date: str | None
    source: str | None
    script: str
    wording: str | None
    characters: int
    added_at: str
    opening: str
    path: str | None
    part: str | None
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A file an article was found in; ``sha256`` is of the file's bytes, or of the part's."""

    path: str
    part: str | None
    sha256: str
    size: int
    format: str
    added_at: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """How much is in the library; ``bytes`` with its log, 0 where there is none."""

    articles: int
    characters: int
    files: int
    collections: int
    tags: int
    results: int
    bytes: int


def find(connection: sqlite3.Connection, name: str) -> int:
    """Return the id named by ``12``, ``#12`` or six or more digits that begin the text's SHA-256.

    Raises LibraryError where that names none, or more than one.
    """
    wanted = name.strip().removeprefix("#").lower()
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
        row = connection.execute("SELECT id FROM articles WHERE id = ?", (int(wanted),)).fetchone()
        if row is not None:
            return int(row[0])
    if not _HASH.fullmatch(wanted):
        raise unknown(name)
    rows = connection.execute(
        "SELECT id FROM articles WHERE content_sha256 BETWEEN ? AND ? LIMIT 2",
        (wanted, wanted + "g"),
    ).fetchall()
    if not rows:
        raise unknown(name)
    if len(rows) > 1:
        raise LibraryError(
            _("{name} begins the hash of several articles").format(name=name),
            fix=_("Give more of it, or the number."),
        )
    return int(rows[0][0])


def unknown(name: str) -> LibraryError:
    """Return the error of an article that is not there."""
    return LibraryError(
        _("there is no article {name} in the library").format(name=name),
        fix=_("See: workbench library list"),
    )


def has(connection: sqlite3.Connection, article_id: int) -> bool:
    """Say whether there is an article of this id."""
    row = connection.execute("SELECT 1 FROM articles WHERE id = ?", (article_id,)).fetchone()
    return row is not None


def require(connection: sqlite3.Connection, article_id: int) -> None:
    """Raise LibraryError where there is no such article."""
    if not has(connection, article_id):
        raise unknown(str(article_id))


def listed(
    connection: sqlite3.Connection, filters: Filters, limit: int | None = None, offset: int = 0
) -> list[Listed]:
    """Return the articles that pass, in the order they came; of a collection, in its order."""
    condition, parameters = filters.condition()
    order = "articles.id"
    if filters.collection:
        order = (
            "(SELECT position FROM collection_articles JOIN collections"
            " ON collections.id = collection_id WHERE article_id = articles.id"
            " AND name = CAST(? AS TEXT))"
        )
        parameters = (*parameters, storable(filters.collection))
    ids = connection.execute(
        f"SELECT id FROM articles WHERE {condition} ORDER BY {order} LIMIT ? OFFSET ?",
        (*parameters, -1 if limit is None else limit, offset),
    ).fetchall()
    return [listed_one(connection, article_id) for (article_id,) in ids]


def listed_one(connection: sqlite3.Connection, article_id: int) -> Listed:
    """Return one article as a list shows it; LibraryError where there is none of that id."""
    row = connection.execute(
        "SELECT id, content_sha256, title, date, source, script, wording, characters, added_at,"
        f" substr(text, 1, {_OPENING * 4}),"
        " (SELECT path FROM occurrences JOIN files ON files.id = file_id"
        "  WHERE article_id = articles.id ORDER BY occurrences.id LIMIT 1),"
        " (SELECT part FROM occurrences WHERE article_id = articles.id"
        "  ORDER BY occurrences.id LIMIT 1) FROM articles WHERE id = ?",
        (article_id,),
    ).fetchone()
    if row is None:
        raise unknown(str(article_id))
    known: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
    opening = " ".join(str(known.pop("opening")).split())[:_OPENING]
    part = known.pop("part") or None
    tags = connection.execute("SELECT tag FROM tags WHERE article_id = ? ORDER BY 1", (article_id,))
    return Listed(**known, opening=opening, part=part, tags=tuple(tag for (tag,) in tags))


def count(connection: sqlite3.Connection, filters: Filters) -> int:
    """Return how many articles pass."""
    condition, parameters = filters.condition()
    row = connection.execute(f"SELECT count(*) FROM articles WHERE {condition}", parameters)
    return int(row.fetchone()[0])


def places(connection: sqlite3.Connection, article_id: int) -> list[Place]:
    """Return the files an article was found in, the first one first."""
    rows = connection.execute(
        "SELECT path, part, occurrences.sha256, occurrences.size, format, added_at"
        " FROM occurrences JOIN files ON files.id = file_id WHERE article_id = ?"
        " ORDER BY occurrences.id",
        (article_id,),
    )
    return [Place(path, part or None, *rest) for path, part, *rest in rows]


def statistics(connection: sqlite3.Connection, path: Path | None) -> Statistics:
    """Count what is in the library."""
    numbers = connection.execute(
        "SELECT (SELECT count(*) FROM articles),"
        " (SELECT coalesce(sum(characters), 0) FROM articles),"
        " (SELECT count(DISTINCT path) FROM files), (SELECT count(*) FROM collections),"
        " (SELECT count(DISTINCT tag) FROM tags), (SELECT count(*) FROM results)"
    ).fetchone()
    size = 0
    if path is not None:
        for file in (path, path.with_name(path.name + "-wal")):
            if file.exists():
                size += file.stat().st_size
    found, characters, paths, collections, tags, results = numbers
    return Statistics(found, characters, paths, collections, tags, results, size)
