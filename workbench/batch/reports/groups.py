"""Rows divided into groups, each of which is then read by itself: kept on disk meanwhile."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

from workbench.batch.reports.rows import Row

UNTAGGED, UNDATED, UNKNOWN = "untagged", "undated", "unknown"
"""Groups of rows that have no tag, no month, or nothing else to be divided by."""


def groups_of(row: Row, split_by: str) -> list[str]:
    """Return the groups a row belongs to: one, or one a tag of any of its articles."""
    article = row.article
    if split_by == "tag":
        tags = [str(tag) for one in row.articles for tag in one.get("tags") or ()]
        return list(dict.fromkeys(tags)) or [UNTAGGED]
    if split_by == "folder":
        return [str(Path(str(article.get("path") or "")).parent)]
    if split_by == "month":
        return [str(article["date"])[:7] if article.get("date") else UNDATED]
    if split_by == "source":
        return [str(article.get("source") or UNKNOWN)]
    made = (row.result or {}).get(split_by) or {}
    return [str(made.get("name") or row.work.get(split_by) or UNKNOWN)]


@contextmanager
def divided(rows: Iterable[Row], split_by: str, file: Path) -> Iterator["Groups"]:
    """Read rows once and yield their groups; ``file`` holds them as long as they are needed."""
    # An error of the file itself becomes OSError: that is what a full disk is elsewhere.
    try:
        with closing(sqlite3.connect(file, isolation_level=None)) as base:
            base.execute("PRAGMA journal_mode=OFF")
            base.execute("PRAGMA synchronous=OFF")
            base.execute("CREATE TABLE rows (place TEXT, row TEXT)")
            base.execute("BEGIN")
            for row in rows:
                packed = json.dumps(asdict(row), default=str)
                for group in groups_of(row, split_by):
                    # SQLite takes no lone surrogates; JSON writes them as ASCII.
                    base.execute("INSERT INTO rows VALUES (?, ?)", (json.dumps(group), packed))
            base.execute("CREATE INDEX places ON rows (place)")
            base.execute("COMMIT")
            yield Groups(base)
    except sqlite3.OperationalError as error:
        raise OSError(str(error)) from error
    finally:
        file.unlink(missing_ok=True)


class Groups:
    """The groups of a batch, in order of their names."""

    def __init__(self, base: sqlite3.Connection):
        self._base = base

    def names(self) -> list[str]:
        """Return the names of all groups."""
        found = self._base.execute("SELECT DISTINCT place FROM rows")
        return sorted(json.loads(place) for (place,) in found)

    def rows(self, group: str) -> Iterator[Row]:
        """Read the rows of one group, in the order they came."""
        found = self._base.execute(
            "SELECT row FROM rows WHERE place = ? ORDER BY rowid", (json.dumps(group),)
        )
        for (packed,) in found:
            kept = json.loads(packed)
            yield Row(**{**kept, "others": tuple(kept["others"])})
