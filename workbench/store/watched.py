"""The folders whose files are taken in as they come."""

import sqlite3
from pathlib import Path

from workbench.store.connection import storable
from workbench.store.schema import now


def folders(connection: sqlite3.Connection) -> list[Path]:
    """Return the folders, in the order they were named."""
    rows = connection.execute("SELECT path FROM watched_folders ORDER BY id")
    return [Path(path) for (path,) in rows]


def add(connection: sqlite3.Connection, folder: Path) -> bool:
    """Note a folder; False where it was noted before."""
    cursor = connection.execute(
        "INSERT OR IGNORE INTO watched_folders (path, added_at) VALUES (CAST(? AS TEXT), ?)",
        (storable(str(folder)), now()),
    )
    return cursor.rowcount > 0


def remove(connection: sqlite3.Connection, folder: Path) -> bool:
    """Forget a folder; False where it was not noted."""
    cursor = connection.execute(
        "DELETE FROM watched_folders WHERE path = CAST(? AS TEXT)", (storable(str(folder)),)
    )
    return cursor.rowcount > 0
