"""How fast the library takes articles in and finds them again, and what it needs for that.

NEWS.txt holds one article a line. They are imported as files of their own, then as one dump; then
many more, made of their clauses, are imported into one library, which is searched.

    .venv/bin/python benchmarks/library.py NEWS.txt [--articles 60000] [--workers N] [--folder DIR]
"""

import argparse
import os
import pickle
import platform
import statistics
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

import psutil
from report import table
from variations import articles_of, different

from workbench.articles.document import ReadOptions
from workbench.articles.model import Article
from workbench.articles.reader import read_articles
from workbench.errors import ArticleError
from workbench.store import articles as article_rows
from workbench.store import near_duplicates, search_index
from workbench.store.filters import Filters
from workbench.store.importing import Imported, Known, import_files
from workbench.store.library import Library
from workbench.store.preparing import prepare
from workbench.store.search import search
from workbench.store.sketches import shingles

QUERIES = (
    "的", "国", "年", "月", "一", "瓷", "罗", "鲸",
    "中国", "经济", "发展", "表示", "记者", "人民", "疫情", "北京", "公司", "教育", "钓鱼", "雪豹",
    "習近平", "高质量发展", "人工智能", "新能源汽車", "国际空间站", "一带一路", "新华社北京",
    "GDP", "2023", "5G", "2023年", "“在中国共产党领导下”",
    "经济 发展", "中国 经济 发展", "记者 日 电", "的 了", "人民代表大会 制度", "航天 发射",
    "中国 OR 美国", "的 OR 了", "航天 OR 探月 OR 空间站", "经济 -美国", "中国 -的",
    "疫情 (北京 OR 上海)", "title:中国", "title:(发展 OR 经济) 企业",
)  # fmt: skip


class Memory:
    """The greatest memory (bytes) of this process and of its children together, over time."""

    def __init__(self) -> None:
        self.parent: list[int] = []
        self.children: list[int] = []
        self._over = threading.Event()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at the memory four times a second."""
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _watch(self) -> None:
        process = psutil.Process()
        while not self._over.wait(0.25):
            children = 0
            for child in process.children(recursive=True):
                try:
                    children += child.memory_info().rss
                except psutil.Error:
                    continue
            self.parent.append(process.memory_info().rss)
            self.children.append(children)

    def quarters(self, values: Sequence[int]) -> str:
        """Write the greatest value of each quarter of the time, in MB."""
        size = max(len(values) // 4, 1)
        parts = [values[place : place + size] for place in range(0, 4 * size, size)]
        return " · ".join(f"{max(part) / 1e6:.0f}" for part in parts if part)


def imported(
    name: str, library: Library, paths: Sequence[Path], lines: bool | None, workers: int | None
) -> list[str]:
    """Import files and return a row of the table."""
    memory = Memory()
    number = failed = groups = 0
    begin = time.perf_counter()
    with memory.watched():
        for outcome in import_files(library, paths, ReadOptions(lines=lines), workers=workers):
            number += isinstance(outcome, Imported)
            failed += isinstance(outcome, ArticleError)
        seconds = time.perf_counter() - begin
    groups = sum(1 for _ in near_duplicates.groups(library.connection))
    return [
        name,
        f"{number:,}",
        str(failed),
        f"{seconds:.1f}",
        f"{number / seconds:,.0f}",
        memory.quarters(memory.parent),
        memory.quarters(memory.children),
        str(groups),
    ]


def known_again(library: Library, paths: Sequence[Path], lines: bool | None) -> str:
    begin = time.perf_counter()
    options = ReadOptions(lines=lines)
    known = sum(isinstance(one, Known) for one in import_files(library, paths, options))
    return f"{known} of {len(paths)} files known again in {time.perf_counter() - begin:.2f} s"


def stages(paths: Sequence[Path], folder: Path) -> str:
    """Time each stage of taking articles in, one after the other in this process."""
    seconds: dict[str, float] = {}

    @contextmanager
    def timed(stage: str) -> Iterator[None]:
        begin = time.perf_counter()
        yield
        seconds[stage] = seconds.get(stage, 0) + time.perf_counter() - begin

    options = ReadOptions()
    prepare([(paths[0], options)])
    number = 0
    with Library.open(folder / "stages.db") as library, library.bulk():
        connection = library.connection
        for start in range(0, len(paths), 200):
            connection.execute("BEGIN")
            for path in paths[start : start + 200]:
                with timed("read, decode, clean, divide"):
                    found = list(read_articles(path, options))
                for article in found:
                    if isinstance(article, Article):
                        number += 1
                        _add(library, article, timed)
            with timed("commit"):
                connection.execute("COMMIT")
    rows = [["stage", "ms an article"]]
    rows += [[stage, f"{1000 * taken / number:.2f}"] for stage, taken in seconds.items()]
    rows.append(["all", f"{1000 * sum(seconds.values()) / number:.2f}"])
    return table(rows)


def _add(library: Library, article: Article, timed) -> None:  # type: ignore[no-untyped-def]
    connection = library.connection
    with timed("tokens of the search index"):
        indexed = search_index.prepare(article.title, article.text)
    with timed("shingles"):
        hashes = shingles(
            near_duplicates.without(article.text, ((o.start, o.end) for o in article.removals))
        )
    with timed("to another process and back"):
        pickle.loads(ForkingPickler.dumps((article, indexed, hashes.tobytes())))
    with timed("rows"):
        article_id = article_rows.insert(connection, article, article.content_sha256)
    with timed("search index"):
        search_index.add_prepared(connection, article_id, indexed)
    with timed("near-duplicates"):
        near_duplicates.add_hashes(connection, article_id, hashes)


def searched(library: Library, filters: Filters | None, rounds: int) -> tuple[list[float], str]:
    """Return the seconds of each search, and which query took longest."""
    taken: list[tuple[float, str]] = []
    for _round in range(rounds):
        for query in QUERIES:
            begin = time.perf_counter()
            search(library.connection, query, filters)
            taken.append((time.perf_counter() - begin, query))
    return [one for one, _ in taken], max(taken)[1]


def search_table(library: Library, rounds: int) -> str:
    rows = [["search", "p50 ms", "p95 ms", "slowest ms", "which"]]
    month = Filters(date_from="2023-07", date_to="2023-07")
    for name, filters in (("all articles", None), ("articles of one month", month)):
        seconds, slowest = searched(library, filters, rounds)
        cuts = statistics.quantiles(seconds, n=20)
        rows.append(
            [
                name,
                f"{1000 * statistics.median(seconds):.1f}",
                f"{1000 * cuts[18]:.1f}",
                f"{1000 * max(seconds):.1f}",
                slowest,
            ]
        )
    return table(rows)


def sizes(library: Library, path: Path) -> str:
    """Write how large the database is for its text, and what it is made of."""
    connection = library.connection
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (text,) = connection.execute("SELECT sum(length(CAST(text AS BLOB))) FROM articles").fetchone()
    (index,) = connection.execute("SELECT sum(length(block)) FROM search_index_data").fetchone()
    (values,) = connection.execute("SELECT count(*) FROM near_duplicate_sketches").fetchone()
    size = path.stat().st_size
    return (
        f"{size / 1e6:.0f} MB for {text / 1e6:.0f} MB of text: {size / text:.2f} MB a MB; "
        f"of that the search index {index / text:.2f}, {values:,} values of sketches"
    )


def write_files(articles: Iterable[str], folder: Path) -> list[Path]:
    folder.mkdir()
    paths = []
    for number, article in enumerate(articles):
        path = folder / f"{number:06}.txt"
        path.write_text(article + "\n", "utf-8")
        paths.append(path)
    return paths


def write_dump(articles: Iterable[str], path: Path) -> Path:
    with path.open("w", encoding="utf-8") as stream:
        for article in articles:
            stream.write(article + "\n")
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description="Import and search of the library.")
    parser.add_argument("news", type=Path)
    parser.add_argument("--articles", type=int, default=60_000, help="of the large library")
    parser.add_argument("--workers", type=int, help="processes that read (one a processor)")
    parser.add_argument("--folder", type=Path, help="where to keep the libraries (nowhere)")
    parser.add_argument("--rounds", type=int, default=3, help="of the queries (3)")
    options = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} processors\n")
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        measure(options, Path(name))


def measure(options: argparse.Namespace, folder: Path) -> None:
    news = articles_of(options.news)
    files = write_files(news, folder / "files")
    dump = write_dump(news, folder / "dump.txt")
    many = write_dump(different(news, options.articles), folder / "many.txt")
    rows = [
        [
            "import",
            "articles",
            "failed",
            "seconds",
            "a second",
            "MB here, by quarters",
            "MB of processes",
            "groups",
        ]
    ]
    with Library.open(folder / "files.db") as library:
        rows.append(imported("files", library, files, None, options.workers))
        again = known_again(library, files, None)
    with Library.open(folder / "dump.db") as library:
        rows.append(imported("dump", library, [dump], True, options.workers))
    path = options.folder / "library.db" if options.folder else folder / "many.db"
    with Library.open(path) as library:
        rows.append(imported("many", library, [many], True, options.workers))
        print(table(rows), again, stages(files[:600], folder), sep="\n\n", end="\n\n")
        print(search_table(library, options.rounds), sizes(library, path), sep="\n\n")


if __name__ == "__main__":
    main()
