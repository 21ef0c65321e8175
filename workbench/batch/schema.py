"""The tables of a ledger, brought up to date by migrations that are only ever added to."""

import sqlite3
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.i18n import _
from workbench.store import schema

APPLICATION_ID = 0x57425A4C
"""Bytes 68 to 71 of the file, "WBZL": how a ledger is told from other SQLite databases."""
_RECORD = """
CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    applied_at TEXT NOT NULL
)
"""


def bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    """Apply the migrations a ledger lacks, in one transaction; sqlite3.Error where that fails.

    Raises WorkbenchError where it is no ledger, or one of a newer program.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        applied = check(connection, path)
        connection.execute(_RECORD)
        for migration in schema.shipped("workbench.batch"):
            if migration.number in applied:
                continue
            for statement in schema.statements(migration.sql):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO migrations VALUES (?, ?, ?, ?)",
                (migration.number, migration.name, migration.sha256, schema.now()),
            )
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def check(connection: sqlite3.Connection, path: Path) -> set[int]:
    """Return the numbers of the migrations that were applied; WorkbenchError as above."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if not tables:
        return set()
    if application != APPLICATION_ID:
        raise WorkbenchError(
            _("is a database of another program, not the ledger of a batch"),
            path=path,
            fix=_("Move it away, or choose another folder with -o."),
        )
    applied = dict(connection.execute("SELECT number, sha256 FROM migrations"))
    known = {one.number: one.sha256 for one in schema.shipped("workbench.batch")}
    for number, sha256 in applied.items():
        if known.get(number) != sha256:
            raise WorkbenchError(
                _("was written by another version of the program"),
                path=path,
                fix=_("Use that version, or choose another folder with -o."),
            )
    return set(applied)
