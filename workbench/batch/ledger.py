"""What a batch did and has to do, in one SQLite file beside its reports.

A piece of work is a row; its key is made of all that its result depends on. The result and the
state that says so are written in one transaction, so that a batch that was killed goes on with what
is not done, and nothing is done twice.
"""

import json
import os
import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from workbench.batch import ledger_rows as rows
from workbench.batch.assignments import Assignment
from workbench.batch.clerk import Clerk
from workbench.batch.ledger_rows import Known, Place, Read, explained
from workbench.batch.schema import bring_up_to_date
from workbench.errors import WorkbenchError
from workbench.i18n import _
from workbench.store.connection import connect
from workbench.store.schema import now

FILE = "ledger.db"
LOCK = ".batch.lock"
BUSY_SECONDS = 60.0
"""How long to wait for another program that keeps the ledger locked."""
_LOCK_SECONDS = 2.0


class Ledger:
    """The ledger of one folder, held by one process for the length of a ``with``.

    Raises WorkbenchError where it cannot be held, and from any method where the disk took no more.
    """

    def __init__(self, folder: Path, *, busy_seconds: float = BUSY_SECONDS):
        self.folder = folder
        self.path = folder / FILE
        self._busy_seconds = busy_seconds
        self._lock = FileLock(folder / LOCK)
        self._clerk: Clerk | None = None
        self._arms: dict[str, int] = {}

    def __enter__(self) -> Self:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=_LOCK_SECONDS, poll_interval=0.05)
        except Timeout:
            raise WorkbenchError(
                _("another batch is writing there"),
                path=self.folder,
                fix=_("Wait for it, or choose another folder with -o."),
            ) from None
        except OSError as error:
            raise WorkbenchError(
                _("cannot be written: {reason}").format(reason=error.strerror or error),
                path=self.folder,
                fix=_("Choose another folder with -o."),
            ) from None
        try:
            self._clerk = Clerk(self._connected(), self._explained)
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._clerk is not None:
                self._clerk.close()
        finally:
            self._lock.release()

    @property
    def failure(self) -> WorkbenchError | None:
        """Why nothing can be written any more; None while all is well."""
        return self._writing.failure

    def begin(self, job: Mapping[str, Any]) -> int:
        """Enter a run and return its number; what a killed one was at waits again."""

        def order(connection: sqlite3.Connection) -> int:
            connection.execute("UPDATE pieces SET state = 'waiting' WHERE state = 'running'")
            connection.execute(
                "UPDATE runs SET state = 'killed' WHERE state = 'running' AND ended_at IS NULL"
            )
            entered = connection.execute(
                "INSERT INTO runs (started_at, state, process, job) VALUES (?, 'running', ?, ?)",
                (now(), os.getpid(), json.dumps(dict(job))),
            )
            return int(entered.lastrowid or 0)

        run = self._writing.ask(order)
        self._writing.settle()  # so that whoever asks from elsewhere sees it
        return run

    def known(self, location: bytes, signature: str) -> list[Known] | None:
        """Return what was read of a file, None where it changed or was not read to its end."""

        def order(connection: sqlite3.Connection) -> list[Known] | None:
            row = connection.execute(
                "SELECT articles FROM files WHERE location = ? AND signature = ?",
                (location, signature),
            ).fetchone()
            if row is None:
                return None
            return [
                Known(number, fingerprint, json.loads(facts))
                for number in json.loads(row[0])
                for fingerprint, facts in connection.execute(
                    "SELECT fingerprint, facts FROM articles WHERE id = ?", (number,)
                )
            ]

        return self._writing.ask(order)

    def remember(self, location: bytes, signature: str, articles: Sequence[int]) -> None:
        """Keep which articles a file holds, for as long as its signature is this one."""
        self._writing.tell(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?)",
                (location, signature, json.dumps(list(articles))),
            )
        )

    def link_done(
        self,
        place: Place,
        articles: Sequence[int],
        keys: Sequence[tuple[Assignment, str]],
        *,
        again: bool,
    ) -> bool:
        """Report what is done already; False, and nothing is linked, where something is not.

        ``again``: what failed is to be done again.
        """
        arms = self.arms(assignment for assignment, _key in keys)

        def order(connection: sqlite3.Connection) -> bool:
            found = []
            for arm, (_assignment, key) in zip(arms, keys, strict=True):
                row = connection.execute(
                    "SELECT id, state, run FROM pieces WHERE key = ?", (key,)
                ).fetchone()
                if row is None or not rows.over(row, place.run, again=again):
                    return False
                found.append((arm, row[0]))
            for arm, piece in found:
                rows.link(connection, place, arm, piece, json.dumps(list(articles)))
            return True

        return self._writing.ask(order)

    def enter(self, articles: Sequence[Read]) -> list[int]:
        """Keep articles as they were read; return their ids."""
        return self._writing.ask(
            lambda connection: [rows.enter(connection, one) for one in articles]
        )

    def plan(
        self,
        place: Place,
        articles: Sequence[int],
        keys: Sequence[tuple[Assignment, str]],
        *,
        again: bool,
    ) -> list[tuple[Assignment, int]]:
        """Link pieces of work to a place; return those that this run has to do, with their ids."""
        arms = self.arms(assignment for assignment, _key in keys)

        def order(connection: sqlite3.Connection) -> list[tuple[Assignment, int]]:
            todo = []
            for arm, (assignment, key) in zip(arms, keys, strict=True):
                piece, needed = rows.plan(connection, key, arm, place.run, again=again)
                rows.link(connection, place, arm, piece, json.dumps(list(articles)))
                if needed:
                    todo.append((assignment, piece))
            return todo

        return self._writing.ask(order)

    def unreadable(
        self,
        place: Place,
        facts: Mapping[str, Any],
        keys: Sequence[tuple[Assignment, str]],
        error: str,
    ) -> None:
        """Keep that an article cannot be read, as the failure of all that is asked about it."""
        arms = self.arms(assignment for assignment, _key in keys)

        def order(connection: sqlite3.Connection) -> None:
            for arm, (_assignment, key) in zip(arms, keys, strict=True):
                piece, _needed = rows.plan(connection, key, arm, place.run, again=True)
                connection.execute(
                    "UPDATE pieces SET state = 'failed', run = ?, tries = tries + 1, error = ?,"
                    " finished_at = ? WHERE id = ?",
                    (place.run, rows.storable(error), now(), piece),
                )
                rows.link(connection, place, arm, piece, json.dumps([dict(facts)]))

        self._writing.tell(order)

    def started(self, piece: int) -> None:
        """Say that a piece is being done."""
        self._writing.tell(
            lambda connection: connection.execute(
                "UPDATE pieces SET state = 'running' WHERE id = ? AND state <> 'done'", (piece,)
            )
        )

    def stopped(self, piece: int) -> None:
        """Say that a piece was begun and waits again."""
        self._writing.tell(
            lambda connection: connection.execute(
                "UPDATE pieces SET state = 'waiting' WHERE id = ? AND state = 'running'", (piece,)
            )
        )

    def finished(self, piece: int, result: Mapping[str, Any], seconds: float) -> None:
        """Keep a result, and with it that the piece is done."""
        packed = zlib.compress(json.dumps(result).encode())
        self._writing.tell(
            lambda connection: connection.execute(
                "UPDATE pieces SET state = 'done', result = ?, seconds = ?, finished_at = ?,"
                " tries = tries + 1, error = '' WHERE id = ? AND state <> 'done'",
                (packed, seconds, now(), piece),
            )
        )

    def failed(self, piece: int, error: str, seconds: float) -> None:
        """Keep why a piece could not be done."""
        self._writing.tell(
            lambda connection: connection.execute(
                "UPDATE pieces SET state = 'failed', error = ?, seconds = ?, finished_at = ?,"
                " tries = tries + 1 WHERE id = ? AND state <> 'done'",
                (rows.storable(error), seconds, now(), piece),
            )
        )

    def note(self, run: int, progress: Mapping[str, Any]) -> None:
        """Keep how far a run is, for whoever asks from elsewhere."""
        self._writing.tell(
            lambda connection: connection.execute(
                "UPDATE runs SET progress = ? WHERE id = ?", (json.dumps(dict(progress)), run)
            )
        )

    def end(self, run: int, state: str, problems: Sequence[str]) -> None:
        """Keep how a run ended, on disk when this returns; what earlier ones reported goes."""

        def order(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM links WHERE run <> ?", (run,))
            connection.execute(
                "UPDATE runs SET state = ?, ended_at = ?, problems = ? WHERE id = ?",
                (state, now(), json.dumps(list(problems)), run),
            )

        self._writing.ask(order)
        self._writing.settle()

    def arms(self, wanted: Iterable[Assignment]) -> list[int]:
        """Return the number of each assignment, entering it where it is new."""
        wanted = list(wanted)
        for one in wanted:
            if one.key not in self._arms:
                self._arms[one.key] = self._writing.ask(rows.Entering(one))
        return [self._arms[one.key] for one in wanted]

    @property
    def _writing(self) -> Clerk:
        if self._clerk is None:
            raise RuntimeError("the ledger is used outside of its with")
        return self._clerk

    def _connected(self) -> sqlite3.Connection:
        try:
            self.path.touch()
            connection = connect(self.path, busy_seconds=self._busy_seconds)
        except OSError as error:
            raise WorkbenchError(
                _("cannot be written: {reason}").format(reason=error.strerror or error),
                path=self.path,
                fix=_("Choose another folder with -o."),
            ) from None
        except sqlite3.Error as error:
            raise self._explained(error) from None
        try:
            connection.execute("PRAGMA secure_delete = OFF")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            bring_up_to_date(connection, self.path)
        except sqlite3.Error as error:
            connection.close()
            raise self._explained(error) from None
        except BaseException:
            connection.close()
            raise
        return connection

    def _explained(self, error: sqlite3.Error) -> WorkbenchError:
        return explained(error, self.path)
