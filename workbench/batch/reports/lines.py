"""Results for programs: JSON, one object a line, failures among them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workbench.batch.reports.told import Told
from workbench.batch.reports.writer import Take
from workbench.files import encodable


@contextmanager
def jsonl(folder: Path, title: str, aside: Path) -> Iterator[Take]:
    """Write ``results.jsonl``: what a row holds, without the texts of the articles."""
    with (folder / "results.jsonl").open("w", encoding="utf-8", newline="\n") as stream:

        def take(told: Told) -> None:
            row = told.row
            found: dict[str, Any] = {
                "articles": [_without_text(one) for one in row.articles],
                "work": dict(row.work),
                "result": dict(row.result) if row.result is not None else None,
                "error": told.error,
                "seconds": row.seconds,
            }
            stream.write(encodable(json.dumps(found, ensure_ascii=False)) + "\n")

        yield take


def _without_text(article: Any) -> dict[str, Any]:
    return {name: value for name, value in article.items() if name != "text"}
