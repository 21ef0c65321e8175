"""The results of one task across articles, without what they say: for lists of earlier ones."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ResultHead:
    """A result in a list; ``article_ids`` are those of its articles that are still here."""

    id: int
    headline: str
    model: str
    template: str
    created_at: str
    article_ids: tuple[int, ...]


def latest(connection: sqlite3.Connection, task: str, limit: int = 200) -> list[ResultHead]:
    """Return the results of a task, the newest first."""
    rows = connection.execute(
        "SELECT results.id, headline, model_name, template_name, created_at FROM results"
        " JOIN runs ON runs.id = run_id WHERE task = ? ORDER BY results.id DESC LIMIT ?",
        (task, limit),
    ).fetchall()
    found = []
    for row in rows:
        about = connection.execute(
            "SELECT article_id FROM result_articles WHERE result_id = ? ORDER BY position",
            (row[0],),
        )
        result_id, headline, model, template, created_at = row
        article_ids = tuple(one for (one,) in about)
        found.append(ResultHead(result_id, headline, model, template, created_at, article_ids))
    return found


def positions(connection: sqlite3.Connection, result_id: int) -> dict[int, int]:
    """Return the articles of a result by the place (from 1) at which it was kept for them."""
    rows = connection.execute(
        "SELECT position, article_id FROM result_articles WHERE result_id = ?", (result_id,)
    )
    return {int(position): int(article_id) for position, article_id in rows}
