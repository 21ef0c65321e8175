"""Measure questions that borrow: ``ask_hard.py MODEL.gguf [--pages FOLDER]``.

``hard_questions.json`` asks the sample articles, and a page that is not in this repository, for
things they do not say of the one asked about but of another: the users of another product, the
wages of another person. Beside each stands one that is answered. The plain way is that of
``ask.py``, without and with the offer to refuse.
"""

import argparse
import hashlib
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ask as answers

from workbench.articles.script import to_simplified
from workbench.tasks.ask.task import AskOptions

QUESTIONS = Path(__file__).with_name("hard_questions.json")
SAMPLES = Path(__file__).parents[1] / "workbench" / "samples"
_DIGITS = 16


def texts(pages: Path | None) -> dict[str, str]:
    """Return the articles by file name, and those of ``pages`` by the beginning of their hash."""
    found = {path.name: path.read_text(encoding="utf-8") for path in SAMPLES.glob("*.txt")}
    for path in sorted(pages.glob("*.txt")) if pages else ():
        data = path.read_bytes()
        found[hashlib.sha256(data).hexdigest()[:_DIGITS]] = data.decode("utf-8")
    return found


def questions(articles: dict[str, str]) -> Iterator[tuple[answers.Task, str | None]]:
    """Yield the questions whose article is there, with the pattern of a right answer."""
    for number, one in enumerate(json.loads(QUESTIONS.read_text(encoding="utf-8"))):
        if one["article"] in articles:
            task = answers.Task(str(number), articles[one["article"]], one["question"], ())
            yield task, one["answer"]


def is_right(row: dict[str, Any], pattern: str | None) -> bool:
    """Say whether an answer holds what it must, or refuses where there is nothing."""
    if pattern is None or row["refused"]:
        return pattern is None and row["refused"]
    return re.search(pattern, to_simplified(row["text"]).replace(" ", "")) is not None


def main() -> int:
    """Run the benchmark and print every answer and a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--pages", type=Path, help="the folder of the page that is not here")
    parser.add_argument("--baseline", action="store_true")
    parser.add_argument("--verify", action="store_true", help="with the second look")
    arguments = parser.parse_args()
    asked = list(questions(texts(arguments.pages)))
    for way in ("workbench", *(answers.PLAIN if arguments.baseline else ())):
        with tempfile.TemporaryDirectory() as folder:
            answer, end = (
                answers.workbench_way(
                    arguments.model, Path(folder), AskOptions(verify=arguments.verify)
                )
                if way == "workbench"
                else answers.plain_way(arguments.model, answers.PLAIN[way])
            )
            rows = [(task, pattern, answer(task)) for task, pattern in asked]
            end()
        for task, pattern, row in rows:
            mark = "  " if is_right(row, pattern) else "! "
            shown = row["text"] or f"— ({row.get('reason', '')}: {row.get('written', '')})"
            print(f"{mark}{way}: {task.question} | {pattern or '(not answered)'} | {shown}")
        good = [is_right(row, pattern) for _task, pattern, row in rows if pattern]
        bad = [is_right(row, pattern) for _task, pattern, row in rows if pattern is None]
        print(
            f"{way} | answered right {sum(good)} of {len(good)} | refused {sum(bad)} of {len(bad)}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
