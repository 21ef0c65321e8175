"""Saving what can be read of a damaged library, row by row, into a new one."""

import contextlib
import hashlib
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from workbench.articles.passages import split
from workbench.errors import LibraryError
from workbench.i18n import _
from workbench.store import articles, indexes, schema
from workbench.store.connection import (
    connect,
    connect_to_damaged,
    is_damage,
    storable,
    users_of,
)
from workbench.store.copies import aside, keep_aside

TABLES = {
    "articles": "id",
    "files": "id",
    "occurrences": "id",
    "passages": "article_id",
    "removals": "article_id",
    "left_out": "article_id",
    "findings": "article_id",
    "tags": "article_id",
    "collections": "id",
    "collection_articles": "collection_id",
    "runs": "id",
    "results": "id",
    "result_articles": "result_id",
    "feedback": "id",
    "jobs": "id",
    "conversations": "id",
    "conversation_articles": "conversation_id",
    "conversation_turns": "id",
    "watched_folders": "id",
    "queue_held": "one",
}
"""What is copied, by which column; all other tables are made from these."""
_SMALLEST_ROW = 24
_LEAST_KEYS = 100_000
MEANINGLESS = (ValueError, TypeError, KeyError, AttributeError)
"""What values come to that no program wrote: numbers for texts, names that are none."""
_Damage = (sqlite3.DatabaseError, UnicodeDecodeError)


@dataclass
class Salvaged:
    """What came of it: ``kept`` is the damaged library, ``lost`` counts by table.

    ``lost`` holds the places in a table that could not be read; a place is a row, or the rows of
    one article.
    """

    kept: Path
    saved: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    lost_articles: list[int] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    """Files that hold articles which were lost."""


def salvage(path: Path, busy_seconds: float) -> Salvaged:
    """Copy what can be read of the library at ``path`` into a new one that takes its place.

    Articles count as read only where their text has its hash; passages that were lost are split
    anew, and indexes are made anew. Raises LibraryError where another process uses the library, or
    not even its tables can be found; sqlite3.Error or OSError where the new one cannot be written.
    """
    if others := users_of(path):
        raise LibraryError(
            _("is in use by another process: {processes}").format(processes=", ".join(others)),
            path=path,
            fix=_("End it, and repeat."),
        )
    found = Salvaged(aside(path, "damaged"))
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".salvage-") as folder:
        new = Path(folder) / path.name
        new.touch(0o600)
        with (
            contextlib.closing(connect_to_damaged(path, busy_seconds=busy_seconds)) as source,
            contextlib.closing(connect(new)) as target,
        ):
            for migration in schema.shipped():
                schema.apply(target, migration)
            target.execute("PRAGMA foreign_keys = OFF")
            target.execute("BEGIN")
            for table, key in TABLES.items():
                _copy(source, target, table, key, found)
            _drop_changed_texts(target, found)
            _drop_meaningless(target, found)
            drop_orphans(target)
            _split_again(target)
            target.execute("COMMIT")
            indexes.rebuild(target)
        new.chmod(0o600)
        keep_aside(path, found.kept)
        new.replace(path)
    return found


def _copy(
    source: sqlite3.Connection, target: sqlite3.Connection, table: str, key: str, found: Salvaged
) -> None:
    kinds = {row[1]: row[2] for row in target.execute(f"PRAGMA table_info({table})")}
    names = [row[1] for row in source.execute(f"PRAGMA table_info({table})") if row[1] in kinds]
    if not names and table != "articles":
        found.lost[table] = 1
        return
    if not names:
        raise LibraryError(
            _("is damaged where its tables are described, so nothing in it can be found"),
            fix=_("Restore a backup: workbench library restore FILE"),
        )
    listed = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(f"CAST(? AS {kinds[name]})" for name in names)
    insert = f"INSERT OR IGNORE INTO {table} ({listed}) VALUES ({values})"
    rows = _Rows(source, f"SELECT {listed} FROM {table}", table, key)
    saved = refused = 0
    for row in rows:
        if target.execute(insert, _bindable(row)).rowcount:
            saved += 1
        else:
            refused += 1
    found.saved[table] = saved
    if rows.lost or refused:
        found.lost[table] = len(rows.lost) + refused
    if table == "articles":
        found.lost_articles += rows.lost


def _bindable(row: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(storable(value) if isinstance(value, str) else value for value in row)


class _Rows:
    """The rows of a table that can be read; ``lost`` are the keys that cannot."""

    def __init__(self, source: sqlite3.Connection, select: str, table: str, key: str):
        self._source, self._select, self._table, self._key = source, select, table, key
        self.lost: list[int] = []

    def __iter__(self) -> Iterator[tuple[object, ...]]:
        try:
            for _row in self._source.execute(self._select):
                pass
        except _Damage as error:
            _require_damage(error)
            yield from self._one_by_one()
        else:
            yield from self._source.execute(self._select)

    def _one_by_one(self) -> Iterator[tuple[object, ...]]:
        for number in range(1, self._last() + 1):
            try:
                yield from self._source.execute(
                    f"{self._select} WHERE {self._key} = ?", (number,)
                ).fetchall()
            except _Damage as error:
                _require_damage(error)
                self.lost.append(number)

    def _last(self) -> int:
        """Return the greatest key there may be, by what can be read of it."""
        (pages,) = self._source.execute("PRAGMA page_count").fetchone()
        (size,) = self._source.execute("PRAGMA page_size").fetchone()
        most = max(int(pages * size // _SMALLEST_ROW), _LEAST_KEYS)
        for query in (
            f"SELECT max({self._key}) FROM {self._table}",
            f"SELECT seq FROM sqlite_sequence WHERE name = '{self._table}'",
            "SELECT seq FROM sqlite_sequence WHERE name = 'articles'",
        ):
            # The table of sequences may be lost too.
            with contextlib.suppress(*_Damage):
                row = self._source.execute(query).fetchone()
                if row is not None and isinstance(row[0], int):
                    return min(row[0], most)
        return most


def _require_damage(error: sqlite3.DatabaseError | UnicodeDecodeError) -> None:
    if not is_damage(error):
        raise error


def _drop_changed_texts(target: sqlite3.Connection, found: Salvaged) -> None:
    rows = target.execute("SELECT id, text, content_sha256 FROM articles")
    found.lost_articles += [article_id for article_id, *text in rows if not is_whole(*text)]
    for article_id in found.lost_articles:
        found.again += [
            path
            for (path,) in target.execute(
                "SELECT DISTINCT path FROM files JOIN occurrences ON files.id = file_id"
                " WHERE article_id = ?",
                (article_id,),
            )
            if path not in found.again
        ]
        articles.delete(target, article_id)
    found.saved["articles"] = target.execute("SELECT count(*) FROM articles").fetchone()[0]
    # Where it is not known what was in a file, it is read again when it is added.
    if found.lost:
        target.execute("UPDATE files SET complete = 0")


def _drop_meaningless(target: sqlite3.Connection, found: Salvaged) -> None:
    """Drop what was found in an article where that came out as values that mean nothing."""
    dropped = 0
    for (article_id,) in target.execute("SELECT id FROM articles").fetchall():
        try:
            articles.load_passages(target, article_id)
        except MEANINGLESS:
            target.execute("DELETE FROM passages WHERE article_id = ?", (article_id,))
        try:
            articles.load(target, article_id)
        except MEANINGLESS:
            articles.forget_findings(target, article_id)
            dropped += 1
    if dropped:
        found.lost["findings"] = found.lost.get("findings", 0) + dropped
    target.execute("DELETE FROM results WHERE NOT json_valid(result)")


def is_whole(text: object, content_sha256: str) -> bool:
    """Say whether a text is the one that was added."""
    if not isinstance(text, str):
        return False
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() == content_sha256


def drop_orphans(connection: sqlite3.Connection) -> dict[str, int]:
    """Delete rows that belong to rows which are not there; return how many of each table."""
    dropped: dict[str, int] = {}
    again = True
    while again:
        again = False
        for table in TABLES:
            for link in connection.execute(f"PRAGMA foreign_key_list({table})").fetchall():
                _id, _number, parent, column, referred, *_rules = link
                number = connection.execute(
                    f"DELETE FROM {table} WHERE {column} NOT IN (SELECT {referred} FROM {parent})"
                ).rowcount
                if number:
                    dropped[table] = dropped.get(table, 0) + number
                    again = True
    return dropped


def _split_again(connection: sqlite3.Connection) -> None:
    missing = connection.execute(
        "SELECT id FROM articles WHERE NOT EXISTS"
        " (SELECT 1 FROM passages WHERE article_id = articles.id)"
    ).fetchall()
    for (article_id,) in missing:
        split_again(connection, article_id)


def split_again(connection: sqlite3.Connection, article_id: int) -> None:
    """Make the passages of an article anew, from its text and what is not article in it."""
    (text,) = connection.execute("SELECT text FROM articles WHERE id = ?", (article_id,)).fetchone()
    connection.execute("DELETE FROM passages WHERE article_id = ?", (article_id,))
    removals = articles.load_removals(connection, article_id)
    articles.insert_passages(connection, article_id, split(text, removals) or split(text))
