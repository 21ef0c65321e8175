"""The full-text index of the library; each function works within the caller's transaction."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

from workbench.store.normal_form import tokens


@dataclass(frozen=True, slots=True)
class Indexed:
    """What the index holds of an article; made in any process, see ``prepare``."""

    title: str
    text: str

    @property
    def digest(self) -> int:
        """Return a number that tells whether the index holds this of an article."""
        return crc32(self.text.encode(), crc32(self.title.encode()))


@dataclass(frozen=True, slots=True)
class Faults:
    """How the index differs from the articles: ids of articles, and whether itself is broken."""

    missing: tuple[int, ...] = ()
    outdated: tuple[int, ...] = ()
    orphaned: tuple[int, ...] = ()
    broken: bool = False

    def __bool__(self) -> bool:
        return bool(self.missing or self.outdated or self.orphaned or self.broken)


def prepare(title: str | None, text: str) -> Indexed:
    """Return what the index holds of an article with this title and this original text."""
    return Indexed(tokens(title or ""), tokens(text))


def add(connection: sqlite3.Connection, article_id: int, title: str | None, text: str) -> None:
    """Index an article that is not in the index."""
    add_prepared(connection, article_id, prepare(title, text))


def add_prepared(connection: sqlite3.Connection, article_id: int, indexed: Indexed) -> None:
    """Index an article that is not in the index, from what ``prepare`` made of it."""
    connection.execute(
        "INSERT INTO search_index (rowid, title, text) VALUES (?, ?, ?)",
        (article_id, indexed.title, indexed.text),
    )
    connection.execute(
        "INSERT INTO search_digests (article_id, digest) VALUES (?, ?)",
        (article_id, indexed.digest),
    )


def remove(connection: sqlite3.Connection, article_id: int, title: str | None, text: str) -> bool:
    """Take an article out of the index, with the title and text it was indexed with.

    False where the index holds something else of it: an index without texts cannot forget that, so
    it stays, found by no search and reported by ``verify`` until ``rebuild``.
    """
    indexed = prepare(title, text)
    row = connection.execute(
        "DELETE FROM search_digests WHERE article_id = ? RETURNING digest", (article_id,)
    ).fetchone()
    if row is None or row[0] != indexed.digest:
        return row is None
    connection.execute(
        "INSERT INTO search_index (search_index, rowid, title, text) VALUES ('delete', ?, ?, ?)",
        (article_id, indexed.title, indexed.text),
    )
    return True


def verify(connection: sqlite3.Connection) -> Faults:
    """Compare the index with the articles, reading all of both."""
    rows = connection.execute("SELECT article_id, digest FROM search_digests")
    digests = dict(rows.fetchall())
    held = {row[0] for row in connection.execute("SELECT id FROM search_index_docsize")}
    missing, outdated = [], []
    for article_id, title, text in _articles(connection):
        digest = digests.pop(article_id, None)
        if digest is None or article_id not in held:
            missing.append(article_id)
        elif digest != prepare(title, text).digest:
            outdated.append(article_id)
        held.discard(article_id)
    return Faults(tuple(missing), tuple(outdated), tuple(sorted(held)), _is_broken(connection))


def rebuild(connection: sqlite3.Connection) -> int:
    """Index all articles anew; return how many."""
    connection.execute("INSERT INTO search_index (search_index) VALUES ('delete-all')")
    connection.execute("DELETE FROM search_digests")
    number = 0
    for article_id, title, text in _articles(connection):
        add(connection, article_id, title, text)
        number += 1
    return number


def tidy(connection: sqlite3.Connection, pages: int = 2000) -> None:
    """Merge parts of the index, at most so many pages of it: many parts make searching slow."""
    connection.execute(
        "INSERT INTO search_index (search_index, rank) VALUES ('merge', ?)", (pages,)
    )


def _is_broken(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("INSERT INTO search_index (search_index) VALUES ('integrity-check')")
    except sqlite3.DatabaseError as error:
        # SQLite asks for this by an insertion: a library that may not be written is not looked at.
        return error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_READONLY
    return False


def _articles(connection: sqlite3.Connection) -> Iterator[tuple[int, str | None, str]]:
    return connection.execute("SELECT id, title, text FROM articles ORDER BY id")
