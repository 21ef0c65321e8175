"""What is noted about the articles of the library: tags, collections, results, feedback."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workbench.store import listing, marks, results
from workbench.store.connection import explaining_values
from workbench.store.database import Database
from workbench.store.results import Run, StoredResult


class Notes(Database):
    """The part of the library that people and models write in; see Library."""

    def tag(self, article_id: int, names: Iterable[str]) -> int:
        """Put tags on an article; return how many are new on it."""
        with self.about(article_id) as connection:
            return marks.tag(connection, article_id, names)

    def untag(self, article_id: int, names: Iterable[str]) -> int:
        """Take tags off an article; return how many were on it."""
        with self.about(article_id) as connection:
            return marks.untag(connection, article_id, names)

    def tags(self) -> dict[str, int]:
        """Return every tag with the number of its articles."""
        with self.reading() as connection:
            return marks.all_tags(connection)

    def collect(self, name: str, article_ids: Sequence[int]) -> int:
        """Add articles to the end of a collection, made where it is new; return how many."""
        with self.writing() as connection:
            for article_id in article_ids:
                listing.require(connection, article_id)
            return marks.collect(connection, name, article_ids)

    def uncollect(self, name: str, article_ids: Sequence[int]) -> int:
        """Take articles out of a collection; return how many were in it."""
        with self.writing() as connection:
            return marks.uncollect(connection, name, article_ids)

    def collections(self) -> dict[str, int]:
        """Return every collection with the number of its articles."""
        with self.reading() as connection:
            return marks.all_collections(connection)

    def collected(self, name: str) -> list[int]:
        """Return the ids of a collection, in its order."""
        with self.reading() as connection:
            return marks.collected(connection, name)

    def rename_collection(self, name: str, new: str) -> None:
        """Give a collection another name."""
        with self.writing() as connection:
            marks.rename_collection(connection, name, new)

    def delete_collection(self, name: str) -> None:
        """Delete a collection; its articles stay."""
        with self.writing() as connection:
            marks.delete_collection(connection, name)

    def start_run(self, run: Run) -> int:
        """Enter a use of a model with a template; return its id."""
        with self.writing() as connection:
            return results.start_run(connection, run)

    def record(self, run_id: int, article_ids: Sequence[int], result: dict[str, Any]) -> int:
        """Enter a result, as JSON-ready values, about these articles; return its id."""
        with self.writing() as connection:
            return results.record(connection, run_id, article_ids, result)

    def results_of(self, article_id: int) -> list[StoredResult]:
        """Return the results about an article, the oldest first."""
        with self.understanding() as connection:
            return results.results_of(connection, article_id)

    def result(self, result_id: int) -> StoredResult:
        """Return one result."""
        with self.understanding() as connection:
            return results.find_result(connection, result_id)

    def rate(self, result_id: int, rating: int, note: str = "") -> None:
        """Add what a person thinks of a result, from 1 to 5; earlier feedback stays."""
        with self.writing() as connection:
            results.rate(connection, result_id, rating, note)

    @contextmanager
    def understanding(self) -> Iterator[sqlite3.Connection]:
        """Give the connection to read from; what no program wrote comes out as LibraryError."""
        path = self.path or Path(":memory:")
        with self.reading() as connection, explaining_values(path):
            yield connection

    @contextmanager
    def about(self, article_id: int) -> Iterator[sqlite3.Connection]:
        """Give the connection within a transaction about an article that has to be there."""
        with self.writing() as connection:
            listing.require(connection, article_id)
            yield connection
