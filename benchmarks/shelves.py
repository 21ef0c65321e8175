"""How long the lists of the app take in a library of 60,000 articles.

    python benchmarks/shelves.py NEWS.txt

The articles are those of the file, taken again and again under other titles, dates and folders; a
third have results. The tables and indexes are filled directly, as an import fills them.
"""

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from workbench.articles.model import Script
from workbench.desk import shelves
from workbench.desk.shelves import Shelf
from workbench.store.filters import Filters
from workbench.store.importing import import_files
from workbench.store.library import Library
from workbench.store.results import Run
from workbench.store.search_index import prepare

ROUNDS = 15


def fill(library: Library, news: Path, wanted: int, folder: Path) -> int:
    """Fill a library from a file with an article in each line; return how many there are."""
    lines = [line for line in news.read_text(encoding="utf-8").splitlines() if line.strip()]
    parts = folder / "news"
    parts.mkdir()
    for number, line in enumerate(lines[:wanted]):
        (parts / f"{number:05}.txt").write_text(line.replace("\\n", "\n"), encoding="utf-8")
    for _outcome in import_files(library, sorted(parts.iterdir())):
        pass
    with library.writing() as connection:
        originals = connection.execute("SELECT id, title, text FROM articles").fetchall()
    ready = [(number, title, prepare(title, text)) for number, title, text in originals]
    copy = 0
    while library.count() < wanted:
        copy += 1
        room = wanted - library.count()
        with library.writing() as connection:
            for number, title, indexed in ready[:room]:
                multiply(connection, number, f"{title or ''} {copy}", indexed, copy)
    record(library)
    return library.count()


def multiply(
    connection: sqlite3.Connection, number: int, title: str, indexed: object, copy: int
) -> None:
    """Enter an article once more, under another title, day and folder."""
    cursor = connection.execute(
        "INSERT INTO articles (content_sha256, title, date, byline, source, script, wording,"
        " characters, added_at, text) SELECT content_sha256 || ?1, ?2,"
        " date(coalesce(date, '2024-01-01'), '-' || ?1 || ' days'), byline, source, script,"
        " wording, characters + ?1, datetime(added_at, '-' || ?1 || ' hours'), text"
        " FROM articles WHERE id = ?3",
        (copy, title, number),
    )
    new = cursor.lastrowid
    file = connection.execute(
        "INSERT INTO files (path, sha256, size, mtime_ns, options, complete, added_at)"
        " SELECT ?1, sha256, size, mtime_ns, options, 1, added_at FROM files LIMIT 1",
        (f"/archive/{2000 + copy}/{number % 12 + 1:02}/{number}.txt",),
    )
    connection.execute(
        "INSERT INTO occurrences (file_id, article_id, sha256, size, format, encoding)"
        " SELECT ?, ?, sha256, size, format, encoding FROM occurrences LIMIT 1",
        (file.lastrowid, new),
    )
    connection.execute(
        "INSERT INTO search_index (rowid, title, text) VALUES (?, ?, ?)",
        (new, indexed.title, indexed.text),  # type: ignore[attr-defined]
    )


def record(library: Library) -> None:
    """Enter results for a third of the articles, one in ten of them with a wrong fact."""
    result = {"task": "summarize", "headline": "", "points": [], "settings": {}}
    wrong = {**result, "points": [{"checks": [{"kind": "amount", "status": "differs"}]}]}
    with library.writing() as connection:
        found = [number for (number,) in connection.execute("SELECT id FROM articles")]
        run = library.start_run(
            Run("summarize", {"name": "m"}, {"name": "t", "sha256": "0" * 64}, {})
        )
        for place, number in enumerate(found[::3]):
            library.record(run, [number], wrong if place % 10 == 0 else result)


def timed(deed: Callable[[], object]) -> tuple[float, float]:
    """Return the median and the longest of the times a deed takes, in milliseconds."""
    took = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        deed()
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    return took[len(took) // 2], took[-1]


def deeds(library: Library) -> dict[str, Callable[[], object]]:
    """Return what a user has done, by name."""
    last = library.count() - 100

    def page(shelf: Shelf, offset: int = 0) -> Callable[[], object]:
        return lambda: (shelves.count(library, shelf), shelves.rows(library, shelf, 100, offset))

    def search(words: str, shelf: Shelf = Shelf()) -> Callable[[], object]:  # noqa: B008
        def deed() -> object:
            found = shelves.looked_up(library, shelf, words)
            return shelves.count(library, found), shelves.rows(library, found, 100)

        return deed

    folder = Shelf(folder="/archive/2003")
    year = Filters(date_from="2023", date_to="2023", script=Script.SIMPLIFIED)
    return {
        "newest first; the last page": page(Shelf(), last),
        "by date; the last page": page(Shelf(order="date"), last),
        "by title": page(Shelf(order="title")),
        "by title; the last page": page(Shelf(order="title"), last),
        "by source": page(Shelf(order="source")),
        "by length": page(Shelf(order="length")),
        "by status": page(Shelf(order="status")),
        "only flagged": page(Shelf(status="flagged")),
        "only new": page(Shelf(status="new")),
        "a folder and what is in it": page(folder),
        "a year, one script": page(Shelf(year)),
        "经": search("经"),
        "经济": search("经济"),
        "經濟 发展": search("經濟 发展"),
        "经济, only flagged": search("经济", Shelf(status="flagged")),
        "经济 in a folder": search("经济", folder),
        "的": search("的"),
        "the ids of all, by title": lambda: shelves.ids_of(library, Shelf(order="title"), -1),
        "the tree": lambda: shelves.tree(library),
    }


def main() -> None:
    """Fill a library and time what is done in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("news", type=Path)
    parser.add_argument("--articles", type=int, default=60_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Library.open(folder / "library.db") as library:
            number = fill(library, options.news, options.articles, folder)
            print(f"{number} articles, {(folder / 'library.db').stat().st_size / 1e6:.0f} MB")
            print("| What | Median, ms | Longest of 15, ms |\n|---|---:|---:|")
            for what, deed in deeds(library).items():
                median, longest = timed(deed)
                print(f"| {what} | {median:.1f} | {longest:.1f} |", flush=True)


if __name__ == "__main__":
    main()
