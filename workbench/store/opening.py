"""Opening the library: made where there is none, brought up to date where it is old."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from workbench.errors import LibraryError
from workbench.i18n import _
from workbench.store import copies, indexes, schema
from workbench.store.connection import connect, connect_to_read, prepare


def open_to_write(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """Connect to the library at ``path``, made or updated where it must be.

    Before a library that holds articles is updated, it is copied beside itself. Raises
    LibraryError, sqlite3.Error or OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Articles are private: nobody else may read them.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = connect(path, busy_seconds=busy_seconds)
    try:
        if schema.pending(connection, path):
            with _alone(path, busy_seconds):
                _bring_up_to_date(connection, path)
        _use_log(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def open_to_read(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """Connect to a library that exists; one on a disk that cannot be written too.

    Raises LibraryError or sqlite3.Error.
    """
    connection = connect_to_read(path)
    try:
        pending = schema.pending(connection, path)
    except BaseException:
        connection.close()
        raise
    if not pending:
        return connection
    connection.close()
    return open_to_write(path, busy_seconds)


def open_in_memory() -> sqlite3.Connection:
    """Return an empty library that is nowhere."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    prepare(connection)
    for migration in schema.shipped():
        schema.apply(connection, migration)
    return connection


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    todo = schema.pending(connection, path)
    if not todo:
        return
    holds_articles = _holds_articles(connection)
    if holds_articles:
        before = path.with_name(f"{path.stem}.before-{todo[0].name}.db")
        copies.copy_to(connection, before)
        before.chmod(0o600)
    _use_log(connection)
    for migration in todo:
        schema.apply(connection, migration)
    if holds_articles:
        indexes.rebuild(connection)


def _use_log(connection: sqlite3.Connection) -> None:
    """Write ahead to a log, so that readers and a writer do not wait for each other."""
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    if mode != "wal":
        connection.execute("PRAGMA journal_mode = WAL")


def _holds_articles(connection: sqlite3.Connection) -> bool:
    if schema.is_empty(connection):
        return False
    table = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'articles'").fetchone()
    return bool(table and connection.execute("SELECT 1 FROM articles LIMIT 1").fetchone())


@contextlib.contextmanager
def _alone(path: Path, busy_seconds: float) -> Iterator[None]:
    """Keep two processes from making or updating one library at the same time."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(path.with_suffix(".lock"), timeout=busy_seconds):
            yield
    except Timeout:
        raise LibraryError(
            _("is being updated by another process"),
            path=path,
            fix=_("Wait until it is done, and repeat."),
        ) from None
