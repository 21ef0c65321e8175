"""How fast reports of a batch are written, and what memory they take.

RESULTS.jsonl is a report of some batch; its results are repeated, each under a path of its own,
with the text of the article where its file is still there. Every format is written by a process of
its own.

    .venv/bin/python benchmarks/reports.py RESULTS.jsonl [--count 60000] [--formats html …]
"""

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from report import table

from workbench.batch.reports import FORMATS, Row, write_reports


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--count", type=int, default=60_000)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=list(FORMATS))
    parser.add_argument("--split-by", default="")
    chosen = parser.parse_args()
    lines = [["format", "seconds", "results a second", "MB at most", "MB at start", "MB of files"]]
    context = multiprocessing.get_context("spawn")
    for format in chosen.formats:
        with context.Pool(1) as pool:
            lines.append(pool.apply(measured, (chosen, format)))
        print(*lines[-1], file=sys.stderr)
    print(table(lines))


def measured(chosen: argparse.Namespace, format: str) -> list[str]:
    rows = list(read(chosen.results))
    with tempfile.TemporaryDirectory() as folder:
        write_reports(Path(folder) / "warm", repeated(rows, 1), [format])
        before = _peak()
        start = time.perf_counter()
        out = Path(folder) / "out"
        write_reports(out, repeated(rows, chosen.count), [format], chosen.split_by)
        seconds = time.perf_counter() - start
        size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
        peak = _peak()
    return [
        format,
        f"{seconds:.1f}",
        f"{chosen.count / seconds:,.0f}",
        f"{peak:.0f}",
        f"{before:.0f}",
        f"{size / 1e6:.0f}",
    ]


def read(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            found = json.loads(line)
            first, *others = (_with_text(one) for one in found["articles"])
            yield Row(
                first, found["work"], found["result"], found["error"], found["seconds"],
                tuple(others),
            )  # fmt: skip


def repeated(rows: list[Row], count: int) -> Iterator[Row]:
    for number in range(count):
        row = rows[number % len(rows)]
        article = {**row.article, "path": f"{number // 1000:03}/{number:06}.txt"}
        yield Row(article, row.work, row.result, row.error, row.seconds, row.others)


def _with_text(article: dict[str, Any]) -> dict[str, Any]:
    path = Path(article["path"])
    if article.get("part") or not path.is_file():
        return article
    return {**article, "text": path.read_text(encoding="utf-8", errors="replace")}


def _peak() -> float:
    """Return the largest memory this process has had so far, in MB (Linux counts kB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    main()
