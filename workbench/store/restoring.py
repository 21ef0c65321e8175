"""Putting a backup in the library's place."""

import contextlib
import sqlite3
from pathlib import Path

from workbench.errors import LibraryError
from workbench.i18n import _
from workbench.paths import library_file
from workbench.store import schema
from workbench.store.connection import (
    BUSY_SECONDS,
    connect,
    connect_to_read,
    explaining,
    is_damage,
)
from workbench.store.copies import aside, copy_to, keep_aside
from workbench.store.library import Library


def validate(path: Path) -> None:
    """Raise LibraryError where a file is no whole library that this program can read."""
    if not path.is_file():
        raise LibraryError(_("there is no such file"), path=path, fix=_("Check the name."))
    with explaining(path), contextlib.closing(connect_to_read(path)) as connection:
        schema.pending(connection, path)
        if schema.is_empty(connection):
            raise LibraryError(_("is empty"), path=path, fix=_("Name a backup of a library."))
        if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
            raise LibraryError(
                _("is damaged, so it was not restored"), path=path, fix=_("Use another backup.")
            )


def restore(
    backup: Path, library: Path | None = None, busy_seconds: float = BUSY_SECONDS
) -> Path | None:
    """Put a backup in the library's place; return where what was there is kept.

    The backup is validated first. Where the library can still be read, it is copied aside and then
    overwritten in one transaction, so that other processes see the old or the new, never half;
    a damaged one is moved aside with its log.
    """
    library = library_file() if library is None else library
    validate(backup)
    if library.exists() and backup.samefile(library):
        raise LibraryError(_("is the library itself"), path=backup, fix=_("Name a backup."))
    kept = aside(library, "before-restore") if library.exists() else None
    with explaining(library), contextlib.closing(connect_to_read(backup)) as source:
        if kept is None:
            copy_to(source, library)
        elif not _overwrite(source, library, kept, busy_seconds):
            keep_aside(library, kept)
            copy_to(source, library)
        library.chmod(0o600)
    # Brings an old backup up to date.
    Library.open(library, busy_seconds=busy_seconds).close()
    return kept


def _overwrite(source: sqlite3.Connection, library: Path, kept: Path, busy_seconds: float) -> bool:
    """Overwrite a library that SQLite can read, having copied it; False where it cannot."""
    try:
        with contextlib.closing(connect(library, busy_seconds=busy_seconds)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            copy_to(connection, kept)
            kept.chmod(0o600)
            connection.execute("PRAGMA synchronous = FULL")
            source.backup(connection)
    except sqlite3.Error as error:
        if is_damage(error):
            return False
        raise
    return True
