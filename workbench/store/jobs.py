"""Work that waits, runs or has ended, as the library keeps it."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import LibraryError
from workbench.files import encodable
from workbench.i18n import _
from workbench.store.schema import now

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
ENDED = (DONE, FAILED, CANCELLED)
_COLUMNS = "id, work, article_ids, title, model, state, error, result_id, created_at, finished_at"


@dataclass(frozen=True, slots=True)
class KeptJob:
    """A job; ``work`` is its JSON, ``model`` is empty for the one in use when its turn comes."""

    id: int
    work: Mapping[str, Any]
    article_ids: tuple[int, ...]
    title: str
    model: str
    state: str
    error: str
    result_id: int | None
    created_at: str
    finished_at: str | None


def hold(connection: sqlite3.Connection, *, back: bool) -> None:
    """Keep whether what waits is held back."""
    if back:
        connection.execute("INSERT OR IGNORE INTO queue_held VALUES (1, ?)", (now(),))
    else:
        connection.execute("DELETE FROM queue_held")


def is_held(connection: sqlite3.Connection) -> bool:
    """Say whether what waits is held back."""
    return connection.execute("SELECT 1 FROM queue_held").fetchone() is not None


def add(
    connection: sqlite3.Connection,
    work: Mapping[str, Any],
    article_ids: Sequence[int],
    title: str,
    model: str,
    *,
    first: bool,
) -> int:
    """Enter a job and return its id.

    ``first`` puts it before all that wait. Else it comes after the last that waits for the same
    articles, so that the model reads them once, or at the end.
    """
    about = json.dumps(list(article_ids))
    cursor = connection.execute(
        "INSERT INTO jobs (work, article_ids, title, model, state, position, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            json.dumps(work, ensure_ascii=False),
            about,
            encodable(title),
            model,
            WAITING,
            _place(connection, about, model, first=first),
            now(),
        ),
    )
    return int(cursor.lastrowid or 0)


def _place(connection: sqlite3.Connection, about: str, model: str, *, first: bool) -> float:
    low, high = connection.execute(
        "SELECT coalesce(min(position), 0), coalesce(max(position), 0) FROM jobs WHERE state = ?",
        (WAITING,),
    ).fetchone()
    if first:
        return float(low) - 1
    (same,) = connection.execute(
        "SELECT max(position) FROM jobs WHERE state = ? AND article_ids = ? AND model = ?",
        (WAITING, about, model),
    ).fetchone()
    if same is None:
        return float(high) + 1
    (after,) = connection.execute(
        "SELECT min(position) FROM jobs WHERE state = ? AND position > ?", (WAITING, same)
    ).fetchone()
    return float(same) + 1 if after is None else (float(same) + float(after)) / 2


def waiting(connection: sqlite3.Connection) -> list[KeptJob]:
    """Return the jobs that run, then those that wait, in order."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM jobs WHERE state IN (?, ?) ORDER BY state = ?, position, id",
        (RUNNING, WAITING, WAITING),
    )
    return [_kept(row) for row in rows]


def ended(connection: sqlite3.Connection, limit: int) -> list[KeptJob]:
    """Return the jobs that ended, the latest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM jobs WHERE state IN (?, ?, ?)"
        " ORDER BY finished_at DESC, id DESC LIMIT ?",
        (*ENDED, limit),
    )
    return [_kept(row) for row in rows]


def load(connection: sqlite3.Connection, job_id: int) -> KeptJob:
    """Return a job; LibraryError where there is none of that id."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM jobs WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise LibraryError(_("there is no job {id} in the queue").format(id=job_id))
    return _kept(row)


def claim_next(connection: sqlite3.Connection) -> KeptJob | None:
    """Take the first job that waits and note that it runs; None where none waits."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM jobs WHERE state = ? ORDER BY position, id LIMIT 1", (WAITING,)
    ).fetchone()
    if row is None:
        return None
    connection.execute("UPDATE jobs SET state = ? WHERE id = ?", (RUNNING, row[0]))
    return load(connection, int(row[0]))


def put_back(connection: sqlite3.Connection) -> int:
    """Let what ran when the program ended wait again, before all else; return how many."""
    running = connection.execute("SELECT id FROM jobs WHERE state = ? ORDER BY id DESC", (RUNNING,))
    found = [int(job_id) for (job_id,) in running.fetchall()]
    for job_id in found:
        (low,) = connection.execute(
            "SELECT coalesce(min(position), 0) FROM jobs WHERE state = ?", (WAITING,)
        ).fetchone()
        connection.execute(
            "UPDATE jobs SET state = ?, position = ? WHERE id = ?", (WAITING, low - 1, job_id)
        )
    return len(found)


def end(
    connection: sqlite3.Connection,
    job_id: int,
    state: str,
    *,
    error: str = "",
    result_id: int | None = None,
) -> None:
    """Note how a job ended; one that ended before stays as it is."""
    connection.execute(
        "UPDATE jobs SET state = ?, error = ?, result_id = ?, finished_at = ?"
        " WHERE id = ? AND state IN (?, ?)",
        (state, encodable(error), result_id, now(), job_id, WAITING, RUNNING),
    )


def withdraw(connection: sqlite3.Connection, job_id: int) -> bool:
    """Take a job that waits out of the queue; False where it does not wait."""
    if load(connection, job_id).state != WAITING:
        return False
    end(connection, job_id, CANCELLED)
    return True


def move(connection: sqlite3.Connection, job_id: int, by: int) -> None:
    """Move a job that waits ``by`` places later, earlier where that is negative."""
    ids = [
        int(one)
        for (one,) in connection.execute(
            "SELECT id FROM jobs WHERE state = ? ORDER BY position, id", (WAITING,)
        )
    ]
    if job_id not in ids:
        return
    place = ids.index(job_id)
    ids.insert(max(0, min(len(ids) - 1, place + by)), ids.pop(place))
    connection.executemany(
        "UPDATE jobs SET position = ? WHERE id = ?",
        [(float(position), one) for position, one in enumerate(ids)],
    )


def wait_again(connection: sqlite3.Connection, job_id: int) -> None:
    """Let a job that failed or was cancelled wait once more, at the end."""
    (high,) = connection.execute(
        "SELECT coalesce(max(position), 0) FROM jobs WHERE state = ?", (WAITING,)
    ).fetchone()
    connection.execute(
        "UPDATE jobs SET state = ?, position = ?, error = '', result_id = NULL, finished_at = NULL"
        " WHERE id = ? AND state IN (?, ?)",
        (WAITING, high + 1, job_id, FAILED, CANCELLED),
    )


def forget_ended(connection: sqlite3.Connection) -> int:
    """Delete the jobs that ended, not their results; return how many."""
    return connection.execute("DELETE FROM jobs WHERE state IN (?, ?, ?)", ENDED).rowcount


def _kept(row: tuple[Any, ...]) -> KeptJob:
    job_id, work, article_ids, *rest = row
    return KeptJob(int(job_id), json.loads(work), tuple(json.loads(article_ids)), *rest)
