"""Whole copies of the library: backups that are single files, and putting one back."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from workbench.errors import LibraryError
from workbench.i18n import _
from workbench.store import schema
from workbench.store.connection import explaining

_PAGES_A_STEP = 4096
Progress = Callable[[int, int], None]
"""Told pages done and pages in all."""


def copy_to(connection: sqlite3.Connection, target: Path, progress: Progress | None = None) -> None:
    """Copy a database that may be in use into one file, whole or not at all.

    This is SQLite's online backup: other processes go on reading and writing. Raises sqlite3.Error
    or OSError; what was at ``target`` then stands as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(
        dir=target.parent, prefix=f".{target.name[:60]}.", suffix=".tmp"
    )
    os.close(handle)
    temporary = Path(name)
    try:
        _fill(connection, temporary, progress)
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        temporary.replace(target)
    except BaseException:
        for left in (name, f"{name}-wal", f"{name}-shm", f"{name}-journal"):
            Path(left).unlink(missing_ok=True)
        raise


def _fill(connection: sqlite3.Connection, target: Path, progress: Progress | None) -> None:
    copy = sqlite3.connect(target, isolation_level=None)
    try:
        connection.backup(
            copy,
            pages=_PAGES_A_STEP,
            progress=None
            if progress is None
            else lambda _status, left, total: progress(total - left, total),
        )
        # One file, without a log beside it, that can be carried elsewhere.
        copy.execute("PRAGMA journal_mode = DELETE")
    finally:
        copy.close()


def back_up(
    connection: sqlite3.Connection, library: Path, target: Path, progress: Progress | None = None
) -> None:
    """Copy the library to ``target``; an earlier backup there is replaced, nothing else is."""
    if target.is_dir():
        raise LibraryError(
            _("is a folder; name a file in it, for example {example}").format(
                example=target / "library-backup.db"
            ),
            path=target,
        )
    if target.exists():
        if library.exists() and target.samefile(library):
            raise LibraryError(_("is the library itself"), path=target, fix=_("Name another file."))
        if not _is_library(target):
            raise LibraryError(
                _("is there already and is no backup of a library"),
                path=target,
                fix=_("Name another file."),
            )
    with explaining(target):
        copy_to(connection, target, progress)


def _is_library(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        head = stream.read(72)
    return head.startswith(b"SQLite format 3\0") and head[68:72] == schema.APPLICATION_ID.to_bytes(
        4, "big"
    )


def aside(library: Path, why: str) -> Path:
    """Return a name beside the library that is free, with ``why`` and the time in it."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    name = f"{library.stem}.{why}-{stamp}"
    candidates = [
        library.with_name(f"{name}{end}.db") for end in ("", *map("-{}".format, range(2, 100)))
    ]
    return next(path for path in candidates if not path.exists())


def keep_aside(library: Path, kept: Path) -> None:
    """Give a database another name too, and move its log there, before it is replaced.

    The library's own name stays on it until then, so that at no moment there seems to be none.
    """
    for end in ("-wal", "-shm"):
        log = library.with_name(library.name + end)
        if log.exists():
            log.rename(kept.with_name(kept.name + end))
    try:
        kept.hardlink_to(library)
    except OSError:  # a file system without links
        shutil.copy2(library, kept)
