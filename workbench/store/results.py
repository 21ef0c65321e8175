"""What models wrote about articles: runs, their results, and what a person thinks of them."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import LibraryError, UsageError
from workbench.i18n import _
from workbench.store.schema import now
from workbench.store.standing import standing_of


@dataclass(frozen=True, slots=True)
class Run:
    """One use of a model with a template: ``model``, ``template`` as in a result's JSON."""

    task: str
    model: Mapping[str, Any]
    template: Mapping[str, Any]
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person thinks of a result; ``rating`` from 1 to 5."""

    rating: int
    note: str
    created_at: str


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A result of the library; ``result`` is the JSON that docs/results.md describes."""

    id: int
    task: str
    model: str
    template: str
    headline: str
    created_at: str
    article_ids: tuple[int, ...]
    feedback: tuple[Feedback, ...]
    result: Mapping[str, Any]


def start_run(connection: sqlite3.Connection, run: Run) -> int:
    """Enter a run and return its id."""
    cursor = connection.execute(
        "INSERT INTO runs (started_at, task, model_name, model_sha256, model, template_name,"
        " template_sha256, template, settings) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            now(),
            run.task,
            run.model["name"],
            run.model.get("sha256"),
            _json(run.model),
            run.template["name"],
            run.template["sha256"],
            _json(run.template),
            _json(run.settings),
        ),
    )
    return int(cursor.lastrowid or 0)


def record(
    connection: sqlite3.Connection,
    run_id: int,
    article_ids: Sequence[int],
    result: Mapping[str, Any],
) -> int:
    """Enter a result about articles, in the order it names them; return its id."""
    standing = standing_of(result)
    cursor = connection.execute(
        "INSERT INTO results (run_id, headline, result, created_at) VALUES (?, ?, ?, ?)",
        (run_id, _clean(str(result.get("headline") or "")), _json(result), now()),
    )
    result_id = int(cursor.lastrowid or 0)
    if standing > 1:
        # What is wrong in an earlier summary no longer counts.
        connection.executemany(
            "UPDATE result_articles SET standing = 2 WHERE article_id = ? AND standing > 2",
            [(article_id,) for article_id in article_ids],
        )
    connection.executemany(
        "INSERT INTO result_articles (result_id, position, article_id, standing)"
        " VALUES (?, ?, ?, ?)",
        [
            (result_id, number, article_id, standing)
            for number, article_id in enumerate(article_ids, start=1)
        ],
    )
    return result_id


def rate(connection: sqlite3.Connection, result_id: int, rating: int, note: str = "") -> None:
    """Add what a person thinks of a result; earlier feedback stays."""
    if not 1 <= rating <= 5:
        raise UsageError(_("a rating is a number from 1 to 5, not {rating}").format(rating=rating))
    if not connection.execute("SELECT 1 FROM results WHERE id = ?", (result_id,)).fetchone():
        raise LibraryError(_("there is no result {id} in the library").format(id=result_id))
    connection.execute(
        "INSERT INTO feedback (result_id, rating, note, created_at) VALUES (?, ?, ?, ?)",
        (result_id, rating, _clean(note), now()),
    )


def results_of(connection: sqlite3.Connection, article_id: int) -> list[StoredResult]:
    """Return the results about an article, the oldest first."""
    rows = connection.execute(
        "SELECT results.id, task, model_name, template_name, headline, created_at, result"
        " FROM result_articles JOIN results ON results.id = result_id"
        " JOIN runs ON runs.id = run_id WHERE article_id = ? ORDER BY results.id",
        (article_id,),
    ).fetchall()
    return [_stored(connection, row) for row in rows]


def find_result(connection: sqlite3.Connection, result_id: int) -> StoredResult:
    """Return one result; LibraryError where there is none of that id."""
    row = connection.execute(
        "SELECT results.id, task, model_name, template_name, headline, created_at, result"
        " FROM results JOIN runs ON runs.id = run_id WHERE results.id = ?",
        (result_id,),
    ).fetchone()
    if row is None:
        raise LibraryError(_("there is no result {id} in the library").format(id=result_id))
    return _stored(connection, row)


def remove_results_about(connection: sqlite3.Connection, article_id: int) -> int:
    """Delete the results that are about this article alone; return how many."""
    alone = [
        (result_id,)
        for (result_id,) in connection.execute(
            "SELECT result_id FROM result_articles AS about WHERE article_id = ?"
            " AND NOT EXISTS (SELECT 1 FROM result_articles AS other WHERE"
            " other.result_id = about.result_id AND other.article_id <> about.article_id)",
            (article_id,),
        )
    ]
    connection.executemany("DELETE FROM results WHERE id = ?", alone)
    return len(alone)


def _stored(connection: sqlite3.Connection, row: tuple[Any, ...]) -> StoredResult:
    about = connection.execute(
        "SELECT article_id FROM result_articles WHERE result_id = ? ORDER BY position", (row[0],)
    )
    feedback = connection.execute(
        "SELECT rating, note, created_at FROM feedback WHERE result_id = ? ORDER BY id", (row[0],)
    )
    result_id, task, model, template, headline, created_at, result = row
    return StoredResult(
        result_id,
        task,
        model,
        template,
        headline,
        created_at,
        article_ids=tuple(article_id for (article_id,) in about),
        feedback=tuple(Feedback(*one) for one in feedback),
        result=json.loads(result),
    )


def _json(value: Mapping[str, Any]) -> str:
    return _clean(json.dumps(value, ensure_ascii=False))


def _clean(text: str) -> str:
    """Return a text that SQLite takes: lone surrogates, from names of files, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
