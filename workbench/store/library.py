"""The library: one SQLite file of articles and what became of them; the edge of this package."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.articles.document import ReadOptions
from workbench.articles.model import Article
from workbench.errors import LibraryError
from workbench.i18n import _
from workbench.store import articles, copies, files, indexes, listing, results
from workbench.store.filters import Filters
from workbench.store.listing import Listed, Place, Statistics
from workbench.store.notes import Notes

BATCH = 200
"""Articles that are added in one transaction."""
Index = Callable[[sqlite3.Connection, int, Article], None]
"""Enters an article that was just inserted in the indexes."""


@dataclass(frozen=True, slots=True)
class Added:
    """What adding an article came to: its id, and whether its text and its place were new."""

    id: int
    new_article: bool
    new_place: bool


@dataclass(frozen=True, slots=True)
class Removed:
    """What was removed: an article, and the results that were about it alone."""

    id: int
    title: str | None
    results: int


class Library(Notes):
    """An open library. Any thread may use it: each has a connection of its own.

    Every method raises LibraryError, in one line, for a database that is damaged, full, locked or
    may not be written.
    """

    _file: tuple[object, int] | None = None

    def _rolled_back(self) -> None:
        self._file = None

    def is_known(self, path: Path, options: ReadOptions | None = None) -> bool:
        """Say whether all articles of a file are here, read with these options.

        A file is told by path, size and time of change; a copy of one, by its bytes, and noted.
        """
        options = options or ReadOptions()
        with self.reading() as connection:
            if files.is_known(connection, path, options):
                return True
            same = files.find_same_bytes(connection, path, options)
        if same is None:
            return False
        known, facts = same
        with self.writing() as connection:
            files.adopt(connection, facts, known)
        return True

    def add(
        self,
        article: Article,
        options: ReadOptions | None = None,
        *,
        again: bool = False,
        index: Index | None = None,
    ) -> Added:
        """Add an article, or the place it stands in where its text is here already.

        ``again`` replaces what was found in a text that is here. ``index`` enters the article in
        the indexes instead of ``indexes.add``. A file with several articles is known only once
        ``finish`` was called.
        """
        content_sha256 = article.content_sha256
        with self.writing() as connection:
            file_id = self._enter_file(connection, article, options or ReadOptions())
            article_id = articles.find_content(connection, content_sha256)
            new = article_id is None
            if article_id is None:
                article_id = articles.insert(connection, article, content_sha256)
                self._index(connection, article_id, article, index)
            elif again:
                indexes.remove(connection, article_id)
                articles.understand_anew(connection, article_id, article)
                self._index(connection, article_id, article, index)
            new_place = files.add_occurrence(connection, file_id, article_id, article)
            if article.part is None:
                files.complete(connection, file_id)
        return Added(article_id, new, new_place)

    def add_many(
        self, found: Iterable[Article], options: ReadOptions | None = None, *, again: bool = False
    ) -> Iterator[Added]:
        """Add articles in transactions of ``BATCH``; yield what became of each once it is kept."""
        with self.bulk():
            batch: list[Article] = []
            for article in found:
                batch.append(article)
                if len(batch) == BATCH:
                    yield from self._add_batch(batch, options, again)
                    batch = []
            yield from self._add_batch(batch, options, again)

    def finish(self, path: Path, options: ReadOptions | None = None) -> None:
        """Note that all articles of a file were added, so that it need not be read again."""
        options = options or ReadOptions()
        key = files.seen_as(path, options)
        if key is not None and self._file is not None and self._file[0] == key:
            with self.writing() as connection:
                files.complete(connection, self._file[1])
            return
        try:
            facts = files.look_at(path, options)
        except OSError:
            return  # Standard input, or a file that is gone: there is nothing to know again.
        with self.writing() as connection:
            files.complete(connection, files.enter(connection, facts))

    def _add_batch(
        self, batch: Sequence[Article], options: ReadOptions | None, again: bool
    ) -> list[Added]:
        with self.writing():
            return [self.add(article, options, again=again) for article in batch]

    def _index(
        self,
        connection: sqlite3.Connection,
        article_id: int,
        article: Article,
        index: Index | None,
    ) -> None:
        if index is None:
            indexes.add(connection, article_id)
        else:
            index(connection, article_id, article)

    def _enter_file(
        self, connection: sqlite3.Connection, article: Article, options: ReadOptions
    ) -> int:
        """Return the row of an article's file; a file of many articles is hashed but once."""
        if article.part is None:
            return files.enter(connection, files.facts_for(article, options))
        key = files.seen_as(article.path, options)
        if self._file is None or self._file[0] != key or key is None:
            self._file = (key, files.enter(connection, files.facts_for(article, options)))
        return self._file[1]

    def find(self, name: str) -> int:
        """Return the id of the article a user names: ``12``, ``#12``, or the start of its hash."""
        with self.reading() as connection:
            return listing.find(connection, name)

    def get(self, article_id: int) -> Article:
        """Return an article with all that was found in it."""
        with self.understanding() as connection:
            found = articles.load(connection, article_id)
        if found is None:
            raise listing.unknown(str(article_id))
        return found

    def has(self, article_id: int) -> bool:
        """Say whether there is an article of this id."""
        with self.reading() as connection:
            return listing.has(connection, article_id)

    def listed_one(self, article_id: int) -> Listed:
        """Return one article as a list shows it."""
        with self.understanding() as connection:
            return listing.listed_one(connection, article_id)

    def listed(
        self, filters: Filters | None = None, limit: int | None = None, offset: int = 0
    ) -> list[Listed]:
        """Return the articles that pass, in the order they came; of a collection, in its order."""
        with self.understanding() as connection:
            return listing.listed(connection, filters or Filters(), limit, offset)

    def count(self, filters: Filters | None = None) -> int:
        """Return how many articles pass."""
        with self.reading() as connection:
            return listing.count(connection, filters or Filters())

    def places(self, article_id: int) -> list[Place]:
        """Return the files an article was found in, the first one first."""
        with self.reading() as connection:
            return listing.places(connection, article_id)

    def standing_in(self, path: Path) -> list[int]:
        """Return the articles found in a file, as it was when it was last read."""
        with self.reading() as connection:
            return files.articles_in(connection, path)

    def with_content(self, content_sha256: str) -> int | None:
        """Return the id of the article with this text, or None."""
        with self.reading() as connection:
            return articles.find_content(connection, content_sha256)

    def statistics(self) -> Statistics:
        """Count what is here."""
        with self.reading() as connection:
            return listing.statistics(connection, self.path)

    def remove(self, article_id: int) -> Removed:
        """Remove an article, what was found in it, and the results about it alone."""
        with self.about(article_id) as connection:
            title = listing.listed_one(connection, article_id).title
            number = results.remove_results_about(connection, article_id)
            indexes.remove(connection, article_id)
            articles.delete(connection, article_id)
        return Removed(article_id, title, number)

    def backup(self, target: Path, progress: copies.Progress | None = None) -> None:
        """Copy the library into one file while it is in use; an earlier backup is replaced."""
        if self.path is None:
            raise LibraryError(_("there is no library yet, so there is nothing to back up"))
        with self.reading() as connection:
            copies.back_up(connection, self.path, target, progress)
