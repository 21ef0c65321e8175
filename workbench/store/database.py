"""The library's database as threads use it: connections, transactions, errors."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from workbench.paths import library_file
from workbench.store import opening
from workbench.store.connection import (
    BUSY_SECONDS,
    connect,
    connect_to_read,
    explaining,
    explaining_sqlite,
)


class Database:
    """An open database. Any thread may use it: each has a connection of its own.

    Reading sees what was committed when it began and waits for nobody; writing waits
    ``busy_seconds`` for another process.
    """

    def __init__(
        self,
        path: Path | None,
        connection: sqlite3.Connection,
        connect_again: Callable[[], sqlite3.Connection],
    ):
        self.path = path
        self._connect = connect_again
        self._own = threading.local()
        self._own.connection = connection
        self._opened = [connection]
        self._lock = threading.Lock()

    @classmethod
    def open(
        cls,
        path: Path | None = None,
        *,
        readonly: bool = False,
        busy_seconds: float = BUSY_SECONDS,
    ) -> Self:
        """Open the library at ``path``, by default the user's; it is made where there is none.

        ``readonly`` makes none: where there is none, an empty library is returned that is nowhere.
        """
        path = library_file() if path is None else path
        with explaining(path):
            if not readonly:
                connection = opening.open_to_write(path, busy_seconds)
                return cls(path, connection, lambda: connect(path, busy_seconds=busy_seconds))
            if _is_there(path):
                connection = opening.open_to_read(path, busy_seconds)
                return cls(path, connection, lambda: connect_to_read(path))
            return cls(None, opening.open_in_memory(), opening.open_in_memory)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()
            self._own = threading.local()

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection of this thread."""
        found: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if found is None:
            found = self._own.connection = self._connect()
            with self._lock:
                self._opened.append(found)
        return found

    def hurry(self, seconds: float) -> None:
        """Have this thread wait no longer than that for another process that writes."""
        with self.reading() as connection:
            connection.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give the connection to read from; errors come out as LibraryError."""
        with explaining_sqlite(self.path or Path(":memory:")):
            yield self.connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection within a transaction: all of it is written, or nothing.

        Within another one of this thread it is part of that.
        """
        with self.reading() as connection:
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                self._rolled_back()
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def bulk(self) -> Iterator[None]:
        """Write much at a time: a power cut may then undo the last transactions, never tear one."""
        with self.reading() as connection:
            connection.execute("PRAGMA synchronous = NORMAL")
            try:
                yield
            finally:
                connection.execute("PRAGMA synchronous = FULL")

    def _rolled_back(self) -> None:
        """Forget what was noted in a transaction that is undone."""


def _is_there(path: Path) -> bool:
    """Tell whether there is a file; unlike ``Path.exists``, raise OSError where one cannot look."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    return True
