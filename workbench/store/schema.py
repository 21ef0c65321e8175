"""The tables of the library, brought up to date by migrations that are only ever added to."""

import hashlib
import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

from workbench.errors import LibraryError
from workbench.i18n import _

APPLICATION_ID = 0x57425A48
"""Bytes 68 to 71 of the file, "WBZH": how a library is told from other SQLite databases."""

_NAME = re.compile(r"\d{4}_\w+")
_RECORD = """
CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    applied_at TEXT NOT NULL
)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema: the file ``NNNN_name.sql``."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of its text."""
        return hashlib.sha256(self.sql.encode("utf-8")).hexdigest()


@cache
def shipped(package: str = "workbench.store") -> tuple[Migration, ...]:
    """Return the migrations that came with a package of the program, in order."""
    found = []
    for file in (files(package) / "migrations").iterdir():
        if file.name.endswith(".sql"):
            name = file.name.removesuffix(".sql")
            found.append(Migration(int(name[:4]), name, file.read_text(encoding="utf-8")))
    return tuple(sorted(found, key=lambda one: one.number))


def pending(
    connection: sqlite3.Connection, path: Path, known: Sequence[Migration] | None = None
) -> tuple[Migration, ...]:
    """Return the migrations a database still needs.

    Raises LibraryError where it is not a library, or one of a newer program.
    """
    known = shipped() if known is None else known
    applied = _applied(connection)
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if not applied and (application or _holds_tables(connection)):
        raise LibraryError(
            _("is a database of another program, not a library"),
            path=path,
            fix=_("Move it away, or name another folder in WORKBENCH_HOME."),
        )
    ours = {one.number: one for one in known}
    for number, (name, sha256) in applied.items():
        if number not in ours:
            raise LibraryError(
                _("was written by a newer version of the program, which added {name}").format(
                    name=name
                ),
                path=path,
                fix=_("Update the program, or restore a backup of before."),
            )
        if ours[number].sha256 != sha256:
            raise LibraryError(
                _("was written by a version of the program with another {name}").format(name=name),
                path=path,
                fix=_("Use the version that wrote it, or restore a backup of before."),
            )
    return tuple(one for one in known if one.number not in applied)


def is_empty(connection: sqlite3.Connection) -> bool:
    """Say whether a database holds nothing yet, not even tables."""
    return not _holds_tables(connection)


def apply(connection: sqlite3.Connection, migration: Migration) -> bool:
    """Apply one migration in a transaction of its own; False where another process just has."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_RECORD)
        done = migration.number in _applied(connection)
        if not done:
            for statement in statements(migration.sql):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO migrations VALUES (?, ?, ?, ?)",
                (migration.number, migration.name, migration.sha256, now()),
            )
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return not done


def statements(sql: str) -> Iterator[str]:
    """Yield the statements of a script, triggers whole."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement


def now() -> str:
    """Return the time as the database keeps it: ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _applied(connection: sqlite3.Connection) -> dict[int, tuple[str, str]]:
    exists = connection.execute(
        "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'"
    ).fetchone()
    if not exists:
        return {}
    rows = connection.execute("SELECT number, name, sha256 FROM migrations").fetchall()
    for _number, name, sha256 in rows:
        if not (isinstance(name, str) and _NAME.fullmatch(name) and isinstance(sha256, str)):
            raise _damage()
    return {number: (name, sha256) for number, name, sha256 in sorted(rows)}


def _damage() -> sqlite3.DatabaseError:
    """Return the error SQLite raises for damaged pages, for damage it cannot see."""
    error = sqlite3.DatabaseError("the table of migrations is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    error.sqlite_errorname = "SQLITE_CORRUPT"
    return error


def _holds_tables(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is not None
