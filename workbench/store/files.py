"""Files the library has read: told again by path, size and time, and by their bytes."""

import contextlib
import hashlib
import os
import sqlite3
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath

from workbench.articles.document import ReadOptions
from workbench.articles.model import Article
from workbench.store.connection import storable
from workbench.store.records import from_json, to_json
from workbench.store.schema import now

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file as it was when it was read; ``mtime_ns`` is None where there is no file."""

    path: str
    sha256: str
    size: int
    mtime_ns: int | None
    options: str


@cache
def options_json(options: ReadOptions) -> str:
    """Return how a file is read as JSON, what is as usual left out."""
    return to_json(options)


def options_from(text: str) -> ReadOptions:
    """Return what ``options_json`` wrote."""
    return from_json(ReadOptions, text)


def stored_path(path: Path) -> str:
    """Return a path as the library keeps it: absolute, links as they are."""
    if str(path) == STANDARD_INPUT:
        return STANDARD_INPUT
    return os.path.normpath(path.absolute())


def look_at(path: Path, options: ReadOptions) -> FileFacts:
    """Hash a file; raises OSError."""
    with path.open("rb") as stream:
        status = os.fstat(stream.fileno())
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return FileFacts(
        stored_path(path), sha256, status.st_size, status.st_mtime_ns, options_json(options)
    )


def seen_as(path: Path, options: ReadOptions) -> object:
    """Return what tells a file from what it was a moment ago; None where there is no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return stored_path(path), status.st_size, status.st_mtime_ns, options


def facts_for(article: Article, options: ReadOptions) -> FileFacts:
    """Return the facts of the file an article was read from, hashed only where it must be.

    A file that is gone, or was never one, has the article's own hash.
    """
    mtime_ns: int | None = None
    if str(article.path) != STANDARD_INPUT:
        with contextlib.suppress(OSError):
            if article.part is not None:
                return look_at(article.path, options)
            mtime_ns = article.path.stat().st_mtime_ns
    return FileFacts(
        stored_path(article.path), article.sha256, article.size, mtime_ns, options_json(options)
    )


def is_known(connection: sqlite3.Connection, path: Path, options: ReadOptions) -> bool:
    """Say whether a file was read before as it is now: by path, size and time of change."""
    try:
        status = path.stat()
    except OSError:
        return False
    found = connection.execute(
        "SELECT 1 FROM files WHERE path = CAST(? AS TEXT) AND size = ? AND mtime_ns = ?"
        " AND options = ? AND complete",
        (storable(stored_path(path)), status.st_size, status.st_mtime_ns, options_json(options)),
    ).fetchone()
    return found is not None


def find_same_bytes(
    connection: sqlite3.Connection, path: Path, options: ReadOptions
) -> tuple[int, FileFacts] | None:
    """Return the row of a file that was read before and has the same bytes, with these facts.

    It is hashed only where a file of its size is known. The kind of a file is told by its name
    too, so the ends of the names have to agree.
    """
    try:
        size = path.stat().st_size
        rows = connection.execute(
            "SELECT id, path, sha256 FROM files WHERE size = ? AND options = ? AND complete",
            (size, options_json(options)),
        ).fetchall()
        if not rows:
            return None
        facts = look_at(path, options)
    except OSError:
        return None
    for file_id, other, sha256 in rows:
        if sha256 == facts.sha256 and _ending(other) == _ending(facts.path):
            return file_id, facts
    return None


def _ending(path: str) -> str:
    return PurePath(path).suffix.lower()


def enter(connection: sqlite3.Connection, facts: FileFacts) -> int:
    """Return the row of a file, made where it is new."""
    path = storable(facts.path)
    connection.execute(
        "INSERT INTO files (path, sha256, size, mtime_ns, options, added_at)"
        " VALUES (CAST(? AS TEXT), ?, ?, ?, ?, ?)"
        " ON CONFLICT (path, sha256, options) DO UPDATE SET mtime_ns = excluded.mtime_ns",
        (path, facts.sha256, facts.size, facts.mtime_ns, facts.options, now()),
    )
    (file_id,) = connection.execute(
        "SELECT id FROM files WHERE path = CAST(? AS TEXT) AND sha256 = ? AND options = ?",
        (path, facts.sha256, facts.options),
    ).fetchone()
    return int(file_id)


def adopt(connection: sqlite3.Connection, facts: FileFacts, known: int) -> None:
    """Enter a file whose bytes were read before, with the articles found in them then."""
    file_id = enter(connection, facts)
    connection.execute(
        "INSERT OR IGNORE INTO occurrences (file_id, part, article_id, sha256, size, format,"
        " encoding) SELECT ?, part, article_id, sha256, size, format, encoding"
        " FROM occurrences WHERE file_id = ? ORDER BY id",
        (file_id, known),
    )
    complete(connection, file_id)


def complete(connection: sqlite3.Connection, file_id: int) -> None:
    """Note that everything in a file was added."""
    connection.execute("UPDATE files SET complete = 1 WHERE id = ?", (file_id,))


def add_occurrence(
    connection: sqlite3.Connection, file_id: int, article_id: int, article: Article
) -> bool:
    """Note where an article stands; False where that is known."""
    row = (
        file_id,
        storable(article.part or ""),
        article_id,
        article.sha256,
        article.size,
        article.format,
        to_json(article.encoding),
    )
    cursor = connection.execute(
        "INSERT OR IGNORE INTO occurrences (file_id, part, article_id, sha256, size, format,"
        " encoding) VALUES (?, CAST(? AS TEXT), ?, ?, ?, ?, ?)",
        row,
    )
    return cursor.rowcount > 0


def articles_in(connection: sqlite3.Connection, path: Path) -> list[int]:
    """Return the articles found in a file when it was last read, in the order they stand in it."""
    rows = connection.execute(
        "SELECT article_id FROM occurrences WHERE file_id ="
        " (SELECT id FROM files WHERE path = CAST(? AS TEXT) ORDER BY mtime_ns DESC, id DESC"
        "  LIMIT 1) ORDER BY occurrences.id",
        (storable(stored_path(path)),),
    )
    return list(dict.fromkeys(article_id for (article_id,) in rows))
