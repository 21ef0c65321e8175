"""How articles, pieces of work and links are entered in a ledger, within a transaction."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.batch.assignments import Assignment
from workbench.errors import WorkbenchError
from workbench.i18n import _


@dataclass(frozen=True, slots=True)
class Read:
    """An article as it goes into the ledger; ``text`` is packed."""

    location: bytes
    part: str
    fingerprint: str
    facts: Mapping[str, Any]
    text: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """An article that the ledger knows from an earlier reading of its file."""

    id: int
    fingerprint: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a run: what is reported comes in this order."""

    run: int
    number: int


def explained(error: sqlite3.Error, path: Path) -> WorkbenchError:
    """Return what to tell of an error of SQLite: what is done is kept in all of these cases."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return WorkbenchError(
            _("another program keeps it locked"),
            path=path,
            fix=_("End that program; the same command then goes on with what is not done."),
        )
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return WorkbenchError(
            _("the disk takes no more ({reason})").format(reason=error),
            path=path,
            fix=_("Free some space; the same command then goes on with what is not done."),
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return WorkbenchError(
            _("cannot be written: {reason}").format(reason=error),
            path=path,
            fix=_("Choose another folder with -o, or correct the rights of this one."),
        )
    return WorkbenchError(
        _("cannot be used: {reason}").format(reason=error),
        path=path,
        fix=_("Move it away: the batch then begins anew."),
    )


class Entering:
    """Enters an assignment; a class, so that a loop cannot change what it is about."""

    def __init__(self, assignment: Assignment):
        self.assignment = assignment

    def __call__(self, connection: sqlite3.Connection) -> int:
        """Return its number."""
        one = self.assignment
        connection.execute(
            "INSERT INTO arms (key, arm, work) VALUES (?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET work = excluded.work",
            (one.key, json.dumps(one.arm.to_json()), json.dumps(one.described())),
        )
        (number,) = connection.execute("SELECT id FROM arms WHERE key = ?", (one.key,)).fetchone()
        return int(number)


def enter(connection: sqlite3.Connection, one: Read) -> int:
    """Keep an article as it was read; return its id."""
    (number,) = connection.execute(
        "INSERT INTO articles (location, part, fingerprint, facts, text) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (location, part, fingerprint) DO UPDATE SET facts = excluded.facts"
        " RETURNING id",
        (one.location, storable(one.part), one.fingerprint, json.dumps(dict(one.facts)), one.text),
    ).fetchone()
    return int(number)


def plan(
    connection: sqlite3.Connection, key: str, arm: int, run: int, *, again: bool
) -> tuple[int, bool]:
    """Return the piece of a key, and whether this run has to do it."""
    row = connection.execute("SELECT id, state, run FROM pieces WHERE key = ?", (key,)).fetchone()
    if row is None:
        entered = connection.execute(
            "INSERT INTO pieces (key, arm, state, run) VALUES (?, ?, 'waiting', ?)",
            (key, arm, run),
        )
        return int(entered.lastrowid or 0), True
    if over(row, run, again=again) or row[2] == run:
        return row[0], False
    connection.execute("UPDATE pieces SET state = 'waiting', run = ? WHERE id = ?", (run, row[0]))
    return row[0], True


def over(row: tuple[int, str, int], run: int, *, again: bool) -> bool:
    """Say whether a piece (id, state, run) is not to be done, or done again, in this run."""
    _piece, state, planned = row
    return state == "done" or (state == "failed" and (not again or planned == run))


def link(connection: sqlite3.Connection, place: Place, arm: int, piece: int, articles: str) -> None:
    """Report a piece at a place; ``articles`` are ids, as JSON."""
    connection.execute(
        "INSERT OR REPLACE INTO links VALUES (?, ?, ?, ?, ?)",
        (place.run, place.number, arm, piece, articles),
    )


def storable(text: str) -> str:
    """Return a text without lone surrogates, which SQLite does not take."""
    return text.encode("utf-8", "replace").decode()
