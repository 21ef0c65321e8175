"""Checking the library, and repairing what can be repaired."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from workbench.errors import ArticleError, LibraryError
from workbench.i18n import _
from workbench.store import articles, files, near_duplicates, opening, search_index
from workbench.store.connection import (
    BUSY_SECONDS,
    explaining,
    is_damage,
    storable,
)
from workbench.store.salvage import (
    MEANINGLESS,
    TABLES,
    drop_orphans,
    is_whole,
    salvage,
    split_again,
)
from workbench.store.spans import unpacked

Progress = Callable[[str], None]
"""Told what is looked at now."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong: ``kind`` is one word for programs, ``what`` a line for people."""

    kind: str
    what: str
    repaired: bool = False


@dataclass
class Report:
    """What was found. ``missing_files`` are gone from the disk, which harms nothing here.

    ``kept`` is where a library that was damaged lies now.
    """

    articles: int = 0
    problems: list[Problem] = field(default_factory=list)
    missing_files: list[str] = field(default_factory=list)
    kept: Path | None = None

    @property
    def sound(self) -> bool:
        """Say whether nothing is wrong, or nothing any more."""
        return all(problem.repaired for problem in self.problems)


def check(
    path: Path,
    *,
    repair: bool = False,
    progress: Progress = lambda _stage: None,
    busy_seconds: float = BUSY_SECONDS,
) -> Report:
    """Check the library at ``path``: its pages, links, texts, passages and indexes.

    ``repair`` makes anew what can be made from the rest, and saves what can be read of a damaged
    database into a new one; the damaged one is kept. Raises LibraryError where that cannot begin.
    """
    report = Report()
    if not path.exists():
        return report
    with explaining(path):
        progress(_("pages"))
        pages, sound = _check_pages(path, repair, busy_seconds)
        if pages:
            what = _("damaged: {what}").format(what=pages)
            report.problems.append(Problem("pages", what, repair))
            if not repair:
                return report
            if not sound:
                _salvage(path, report, busy_seconds)
        try:
            _look(path, repair, progress, busy_seconds, report)
        except MEANINGLESS as error:
            what = _("values that mean nothing: {what}").format(what=error)
            report.problems.append(Problem("values", what, repair))
            if repair:
                _salvage(path, report, busy_seconds)
                _look(path, repair, progress, busy_seconds, report)
    return report


def _look(
    path: Path, repair: bool, progress: Progress, busy_seconds: float, report: Report
) -> None:
    """Look at everything above SQLite's pages."""
    with contextlib.closing(_open(path, repair, busy_seconds)) as connection:
        for stage, look in (
            (_("links"), _check_links),
            (_("texts"), _check_texts),
            (_("passages"), _check_passages),
            (_("search index"), _check_indexes),
        ):
            progress(stage)
            with _transaction(connection, repair):
                look(connection, repair, report)
        report.articles = connection.execute("SELECT count(*) FROM articles").fetchone()[0]
        report.missing_files = _missing_files(connection)


def _open(path: Path, repair: bool, busy_seconds: float) -> sqlite3.Connection:
    return (opening.open_to_write if repair else opening.open_to_read)(path, busy_seconds)


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection, repair: bool) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE" if repair else "BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _check_pages(path: Path, repair: bool, busy_seconds: float) -> tuple[str, bool]:
    """Return what SQLite finds wrong with the file, and whether it is sound now.

    Indexes that are wrong are made anew.
    """
    try:
        with contextlib.closing(_open(path, repair, busy_seconds)) as connection:
            wrong = _integrity(connection)
            if wrong and repair:
                connection.execute("REINDEX")
                return wrong, not _integrity(connection)
            return wrong, not wrong
    except sqlite3.DatabaseError as error:
        if not is_damage(error) or error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
            raise
        return str(error), False
    except UnicodeDecodeError as error:
        return str(error), False


def _integrity(connection: sqlite3.Connection) -> str:
    found = [row[0] for row in connection.execute("PRAGMA integrity_check(20)")]
    return "" if found == ["ok"] else "; ".join(line.strip() for line in found)


def _salvage(path: Path, report: Report, busy_seconds: float) -> None:
    try:
        found = salvage(path, busy_seconds)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if is_damage(error):
            raise LibraryError(
                _("is damaged where its tables are described, so nothing in it can be found"),
                path=path,
                fix=_("Restore a backup: workbench library restore FILE"),
            ) from error
        raise
    except LibraryError as error:
        error.path = error.path or path
        raise
    report.kept = found.kept
    for article_id in found.lost_articles:
        report.problems.append(
            Problem("lost", _("article {id} could not be read").format(id=article_id))
        )
    report.problems += [
        Problem("lost", _("add it again: {path}").format(path=one)) for one in found.again
    ]
    for table, number in found.lost.items():
        if table not in ("articles", "passages"):
            what = _("{number} of {table} could not be read").format(number=number, table=table)
            report.problems.append(Problem("lost", what))


def _check_links(connection: sqlite3.Connection, repair: bool, report: Report) -> None:
    counts: dict[str, int] = {}
    for table, *_rest in connection.execute("PRAGMA foreign_key_check"):
        counts[table] = counts.get(table, 0) + 1
    if repair and counts:
        drop_orphans(connection)
    for table, number in counts.items():
        what = _("{number} rows of {table} belong to nothing").format(number=number, table=table)
        report.problems.append(Problem("links", what, repair and table in TABLES))


def _check_texts(connection: sqlite3.Connection, repair: bool, report: Report) -> None:
    changed = [
        (article_id, content_sha256)
        for article_id, text, content_sha256 in connection.execute(
            "SELECT id, text, content_sha256 FROM articles"
        )
        if not is_whole(text, content_sha256)
    ]
    for article_id, content_sha256 in changed:
        repaired = repair and _read_again(connection, article_id, content_sha256)
        what = _("article {id}: its text is not the one that was added").format(id=article_id)
        report.problems.append(Problem("text", what, repaired))


def _read_again(connection: sqlite3.Connection, article_id: int, content_sha256: str) -> bool:
    """Put the text of an article back from one of its files; False where none holds it."""
    from workbench.articles.reader import read_articles

    places = connection.execute(
        "SELECT DISTINCT path, options FROM files JOIN occurrences ON files.id = file_id"
        " WHERE article_id = ?",
        (article_id,),
    ).fetchall()
    for path, options in places:
        with contextlib.suppress(ArticleError, OSError):
            for article in read_articles(Path(path), files.options_from(options)):
                if isinstance(article, ArticleError) or article.content_sha256 != content_sha256:
                    continue
                connection.execute(
                    "UPDATE articles SET text = CAST(? AS TEXT), characters = ? WHERE id = ?",
                    (storable(article.text), len(article.text), article_id),
                )
                articles.understand_anew(connection, article_id, article)
                return True
    return False


def _check_passages(connection: sqlite3.Connection, repair: bool, report: Report) -> None:
    wrong = {
        article_id
        for (article_id,) in connection.execute(
            "SELECT id FROM articles WHERE NOT EXISTS"
            " (SELECT 1 FROM passages WHERE article_id = articles.id)"
        )
    }
    rows = connection.execute(
        'SELECT article_id, start, "end", sentences, characters FROM passages'
        " JOIN articles ON articles.id = article_id"
    )
    for article_id, start, end, sentences, characters in rows:
        if not _fits(start, end, sentences, characters):
            wrong.add(article_id)
    for article_id in sorted(wrong):
        if repair:
            split_again(connection, article_id)
        what = _("article {id}: its passages do not fit its text").format(id=article_id)
        report.problems.append(Problem("passages", what, repair))
    for (article_id,) in connection.execute("SELECT id FROM articles").fetchall():
        if repair or article_id not in wrong:
            articles.load(connection, article_id)  # Raises where a value means nothing.
    for result_id, valid in connection.execute("SELECT id, json_valid(result) FROM results"):
        if not valid:
            raise ValueError(_("result {id}").format(id=result_id))


def _fits(start: int, end: int, sentences: bytes, characters: int) -> bool:
    try:
        spans = unpacked(sentences, start)
    except (ValueError, TypeError):
        return False
    inside = all(start <= one.start <= one.end <= end for one in spans)
    return 0 <= start <= end <= characters and inside


def _check_indexes(connection: sqlite3.Connection, repair: bool, report: Report) -> None:
    faults = search_index.verify(connection)
    if faults:
        if repair:
            search_index.rebuild(connection)
        what = _("the search index misses {missing}, has {wrong} wrong").format(
            missing=len(faults.missing), wrong=len(faults.outdated) + len(faults.orphaned)
        )
        report.problems.append(Problem("search", what, repair))
    unlike = near_duplicates.verify(connection)
    if unlike:
        if repair:
            near_duplicates.rebuild(connection)
        what = _("near-duplicates are wrong for {count} articles").format(count=len(unlike))
        report.problems.append(Problem("near-duplicates", what, repair))


def _missing_files(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT DISTINCT path FROM files ORDER BY path")
    return [path for (path,) in rows if path != files.STANDARD_INPUT and not Path(path).exists()]
