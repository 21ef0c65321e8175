"""Opening the library's database, and saying in one line why that or anything in it failed."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.errors import LibraryError
from workbench.i18n import _

BUSY_SECONDS = 20.0
"""How long to wait for another process that is writing; its transactions are of some hundred
articles, a second or two."""

_REFUSED = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR)


def connect(
    path: Path, *, mode: str = "rw", busy_seconds: float = BUSY_SECONDS
) -> sqlite3.Connection:
    """Connect to a file that exists; ``mode`` is ``rw``, ``ro``, or ``immutable``: nobody writes.

    Transactions are begun and ended by name. Text comes back as it was stored, lone surrogates too.
    Raises sqlite3.Error.
    """
    connection = _connect(path, mode, busy_seconds)
    try:
        prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_to_damaged(path: Path, busy_seconds: float = BUSY_SECONDS) -> sqlite3.Connection:
    """Connect to a file SQLite may call damaged, to read what can be read of it.

    A file that was cut short is taken for as long as it is, and of the description of the tables
    what can be understood.
    """
    connection = _connect(path, "rw", busy_seconds)
    connection.text_factory = _text
    connection.execute("PRAGMA writable_schema = ON")
    return connection


def _connect(path: Path, mode: str, busy_seconds: float) -> sqlite3.Connection:
    query = "mode=ro&immutable=1" if mode == "immutable" else f"mode={mode}"
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{query}",
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,
        check_same_thread=False,
    )


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Connect to a file that may lie where nothing can be written, such as a read-only disk.

    Raises sqlite3.Error.
    """
    modes = ["rw", "ro"]
    log = path.with_name(path.name + "-wal")
    if not log.exists() or not log.stat().st_size:
        # SQLite writes beside a database even to read it, unless told that nobody changes it.
        modes.append("immutable")
    for mode in modes[:-1]:
        try:
            return _that_works(path, mode)
        except sqlite3.OperationalError as error:
            if _kind(error) not in _REFUSED:
                raise
    return _that_works(path, modes[-1])


def _that_works(path: Path, mode: str) -> sqlite3.Connection:
    connection = connect(path, mode=mode)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def prepare(connection: sqlite3.Connection) -> None:
    """Set what holds for each connection of its own."""
    connection.text_factory = _text
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -32000")
    connection.execute("PRAGMA temp_store = MEMORY")
    # What is removed is overwritten where that costs nothing more.
    connection.execute("PRAGMA secure_delete = FAST")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def storable(text: str) -> str | bytes:
    """Return a text as SQLite can bind it: use it as ``CAST(? AS TEXT)``.

    Names of files, and texts from JSON, may hold lone surrogates, which sqlite3 refuses.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


@contextmanager
def explaining(path: Path) -> Iterator[None]:
    """Raise LibraryError for what SQLite or the file system refuse; ``path`` is the database."""
    try:
        with explaining_sqlite(path):
            yield
    except OSError as error:
        raise unusable(path, error.strerror or str(error)) from error


@contextmanager
def explaining_sqlite(path: Path) -> Iterator[None]:
    """Raise LibraryError for what SQLite refuses; ``path`` is the database."""
    try:
        yield
    except sqlite3.Error as error:
        if not hasattr(error, "sqlite_errorcode"):
            raise
        raise explained(error, path) from error
    except UnicodeDecodeError as error:
        raise damaged(path) from error


@contextmanager
def explaining_values(path: Path) -> Iterator[None]:
    """Raise LibraryError where what is read comes out as values that no program wrote."""
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise damaged(path) from error


def is_damage(error: sqlite3.Error | UnicodeDecodeError) -> bool:
    """Say whether an error means that the database's bytes are not what they should be."""
    if isinstance(error, UnicodeDecodeError):
        return True
    return _kind(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def explained(error: sqlite3.Error, path: Path) -> LibraryError:
    """Turn what SQLite says into one line with what to do."""
    kind = _kind(error)
    if kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return _busy(path)
    if kind == sqlite3.SQLITE_FULL:
        return LibraryError(
            _("the disk is full; nothing of the last step was written"),
            path=path,
            fix=_("Free some space and repeat: what was done before is kept."),
        )
    if kind == sqlite3.SQLITE_CORRUPT:
        return damaged(path)
    if kind == sqlite3.SQLITE_NOTADB:
        return LibraryError(
            _("is not a library, or its beginning is damaged"),
            path=path,
            fix=_("Move it away to begin anew, or: workbench library restore BACKUP"),
        )
    if kind in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return unusable(path, _("it may not be written"))
    if kind == sqlite3.SQLITE_CANTOPEN:
        return unusable(path, _("it cannot be opened"))
    if kind == sqlite3.SQLITE_IOERR:
        return LibraryError(
            _("cannot be read or written: {reason}").format(reason=_reason(error)),
            path=path,
            fix=_("Check the disk, its free space and limits on the size of files, and repeat."),
        )
    return LibraryError(
        _("failed: {reason}").format(reason=_reason(error)),
        path=path,
        fix=_("Check it: workbench library check"),
    )


def damaged(path: Path) -> LibraryError:
    """Return the error of a database whose pages are damaged."""
    return LibraryError(
        _("is damaged"), path=path, fix=_("Save what can be read: workbench library check --repair")
    )


def unusable(path: Path, reason: str) -> LibraryError:
    """Return the error of a file or folder that cannot be used."""
    return LibraryError(
        _("cannot be used as the library: {reason}").format(reason=reason),
        path=path,
        fix=_("Check the rights of the file and its folder, or name another in WORKBENCH_HOME."),
    )


def _kind(error: sqlite3.Error) -> int:
    # The low byte is the primary code, what is above it details it.
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _reason(error: sqlite3.Error) -> str:
    return f"{error} ({getattr(error, 'sqlite_errorname', type(error).__name__)})"


def _busy(path: Path) -> LibraryError:
    others = users_of(path)
    if others:
        what = _("is in use by another process: {processes}").format(processes=", ".join(others))
    else:
        what = _("is in use by another process")
    return LibraryError(what, path=path, fix=_("Wait until it is done, or end it, and repeat."))


def users_of(path: Path) -> list[str]:
    """Name the other processes that have the database open, as ``python (4711)``; some may hide."""
    import psutil

    names = {os.path.realpath(path) + end for end in ("", "-wal", "-shm")}
    found = []
    for process in psutil.process_iter(["pid", "name"]):
        if process.pid == os.getpid():
            continue
        try:
            if any(one.path in names for one in process.open_files()):
                found.append(f"{process.info['name']} ({process.pid})")
        except (psutil.Error, OSError):
            continue
    return found
