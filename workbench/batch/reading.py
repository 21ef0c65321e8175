"""What a ledger says, read from any process while a batch runs or after it."""

import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from workbench.batch.ledger import FILE, LOCK
from workbench.batch.ledger_rows import explained
from workbench.batch.reports.rows import Row
from workbench.batch.schema import check
from workbench.errors import UsageError
from workbench.i18n import _
from workbench.store.connection import connect_to_read

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Failure:
    """A piece that failed, and why."""

    name: str
    template: str
    model: str
    error: str


@dataclass(frozen=True, slots=True)
class Status:
    """How a batch stands.

    ``state`` of its last run is ``running``, ``done``, ``stopped``, ``failed`` or ``killed``;
    ``progress`` is what it said last, see watching.Progress.
    """

    folder: str
    state: str
    started_at: str
    ended_at: str | None
    done: int
    failed: int
    waiting: int
    problems: tuple[str, ...]
    failures: tuple[Failure, ...]
    progress: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        return {**asdict(self), "progress": dict(self.progress)}


def status(folder: Path, failures: int = _SHOWN) -> Status:
    """Return how the batch in a folder stands, and some failures; UsageError where none is."""
    with _opened(folder) as connection:
        run = _last_run(connection, folder)
        number, state, started_at, ended_at, progress, problems = run
        counts = dict(
            connection.execute(
                "SELECT state, count(*) FROM (SELECT DISTINCT piece, pieces.state FROM links JOIN"
                " pieces ON pieces.id = links.piece WHERE links.run = ?) GROUP BY state",
                (number,),
            )
        )
        found = tuple(_failures(connection, number, failures))
    if state == "running" and not _held(folder):
        state = "killed"
    return Status(
        str(folder),
        state,
        started_at,
        ended_at,
        counts.get("done", 0),
        counts.get("failed", 0),
        counts.get("waiting", 0) + counts.get("running", 0),
        tuple(json.loads(problems)),
        found,
        json.loads(progress),
    )


def rows(folder: Path) -> Iterator[Row]:
    """Yield what the last run reports, in order: what is done and what failed."""
    with _opened(folder) as connection:
        number = _last_run(connection, folder)[0]
        found = connection.execute(
            "SELECT links.articles, arms.work, arms.arm, pieces.state, pieces.error,"
            " pieces.seconds, pieces.result FROM links JOIN pieces ON pieces.id = links.piece"
            " JOIN arms ON arms.id = links.arm WHERE links.run = ?"
            " AND pieces.state IN ('done', 'failed') ORDER BY links.place, links.arm",
            (number,),
        )
        for articles, work, _arm, state, error, seconds, result in found:
            about = [_article(connection, one) for one in json.loads(articles)]
            yield Row(
                about[0],
                json.loads(work),
                json.loads(zlib.decompress(result)) if state == "done" else None,
                error,
                seconds,
                tuple(about[1:]),
            )


def _failures(connection: sqlite3.Connection, run: int, most: int) -> Iterator[Failure]:
    found = connection.execute(
        "SELECT links.articles, arms.work, pieces.error FROM links JOIN pieces ON"
        " pieces.id = links.piece JOIN arms ON arms.id = links.arm WHERE links.run = ?"
        " AND pieces.state = 'failed' ORDER BY links.place, links.arm LIMIT ?",
        (run, most),
    ).fetchall()
    for articles, work, error in found:
        about = [_article(connection, one, text=False) for one in json.loads(articles)]
        names = [
            f"{one['path']} · {one['part']}" if one.get("part") else str(one["path"])
            for one in about
        ]
        asked = json.loads(work)
        yield Failure(" | ".join(names), asked["template"], asked["model"], error)


def _article(
    connection: sqlite3.Connection, one: int | Mapping[str, Any], *, text: bool = True
) -> dict[str, Any]:
    if not isinstance(one, int):
        return dict(one)
    facts, packed = connection.execute(
        "SELECT facts, text FROM articles WHERE id = ?", (one,)
    ).fetchone()
    found: dict[str, Any] = json.loads(facts)
    if text:
        found["text"] = zlib.decompress(packed).decode("utf-8", "surrogatepass")
    return found


def _last_run(connection: sqlite3.Connection, folder: Path) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(
        "SELECT id, state, started_at, ended_at, progress, problems FROM runs"
        " ORDER BY id DESC LIMIT 1"
    ).fetchone()
    if row is None:
        raise _nothing(folder)
    return row


@contextmanager
def _opened(folder: Path) -> Iterator[sqlite3.Connection]:
    path = folder / FILE
    if not path.is_file():
        raise _nothing(folder)
    try:
        with closing(connect_to_read(path)) as connection:
            check(connection, path)
            connection.execute("BEGIN")
            yield connection
    except sqlite3.Error as error:
        raise explained(error, path) from None


def _held(folder: Path) -> bool:
    """Say whether a process holds the ledger."""
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False


def _nothing(folder: Path) -> UsageError:
    return UsageError(
        _("holds no batch"), path=folder, fix=_("Name the folder that -o of a batch named.")
    )
