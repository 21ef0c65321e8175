"""Measure questions to a library: ``ask_library.py NEWS.txt [MODEL.gguf] [--retrieval-only]``.

``NEWS.txt`` holds a news article on each line; all of them make a library in a temporary folder.
``news_questions.json`` holds questions about some of them: an article is named by the beginning of
the SHA-256 of its line, a right answer by a regular expression on its Simplified form. With a
model, each question is put to the library, and to its article alone: what the same model answers
right when handed the article is what can be reached. Answers go to a JSONL file as they come.
"""

import argparse
import hashlib
import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from variations import different

from workbench.articles.document import ReadOptions
from workbench.articles.model import Article
from workbench.articles.reader import read_articles
from workbench.articles.script import to_simplified
from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import LoadOptions
from workbench.prompting.library import find_template
from workbench.retrieval.question import Question
from workbench.store.library import Library
from workbench.tasks.ask.gathering import library_candidates
from workbench.tasks.ask.shelf import Shelf
from workbench.tasks.ask.task import Answer, AskOptions, ask
from workbench.tasks.result import ModelIdentity

QUESTIONS = Path(__file__).with_name("news_questions.json")
CONTEXT = 4096
_DIGITS = 16


@dataclass(frozen=True)
class Asked:
    """A question, the id of its article in the library, and what a right answer holds."""

    question: str
    article_id: int
    pattern: re.Pattern[str]


def fill(library: Library, news: Path, copies: int) -> dict[str, int]:
    """Add every line as an article; return ids by the beginning of the line's hash.

    ``copies`` times as many, all but the given ones of clauses drawn from them all, make a large
    library of the same words.
    """
    with tempfile.TemporaryDirectory() as folder:
        texts = news.read_text(encoding="utf-8").split("\n")
        lines = [text for text in texts if text.strip()]
        found: dict[str, int] = {}
        made = different(lines, copies * len(lines))
        for number in range(copies):
            path = Path(folder) / f"news{number}.txt"
            some = islice(made, len(lines))
            path.write_text("\n".join(some) + "\n", encoding="utf-8")
            options = ReadOptions(lines=True)
            articles = [one for one in read_articles(path, options) if isinstance(one, Article)]
            added = list(library.add_many(articles, options))
            if number == 0:
                by_text = {one.text.strip(): a.id for one, a in zip(articles, added, strict=True)}
                for line in lines:
                    digest = hashlib.sha256(line.encode("utf-8")).hexdigest()[:_DIGITS]
                    if line.strip() in by_text:
                        found[digest] = by_text[line.strip()]
    return found


def questions(ids: dict[str, int]) -> Iterator[Asked]:
    """Yield the questions whose articles are in the library."""
    for one in json.loads(QUESTIONS.read_text(encoding="utf-8")):
        if one["article"] in ids:
            yield Asked(one["question"], ids[one["article"]], re.compile(one["answer"]))


def is_right(answer: Answer, pattern: re.Pattern[str]) -> bool:
    """Say whether an answer holds what it must."""
    text = to_simplified(answer.text).replace(" ", "")
    return not answer.refused and pattern.search(text) is not None


def retrieval(library: Library, asked: list[Asked]) -> None:
    """Print how often the right article is found, without a model."""
    ranks, places, seconds = [], [], []
    for one in asked:
        began = time.perf_counter()
        ids = library_candidates(library, one.question)
        seconds.append(time.perf_counter() - began)
        rank = ids.index(one.article_id) + 1 if one.article_id in ids else 0
        shelf = Shelf([library.get(number) for number in ids])
        order = [ids[shelf.passages[i].article] for i in shelf.ranked(Question.of(one.question))]
        place = order.index(one.article_id) + 1 if one.article_id in order else 0
        ranks.append(rank)
        places.append(place)
        if rank != 1 or place != 1:
            print(f"article {rank or '—'}, passage {place or '—'}: {one.question}")
    count = len(asked)
    for name, found in (("article", ranks), ("passage of it", places)):
        shares = (
            f"within {most}: {sum(0 < rank <= most for rank in found) / count:.1%}"
            for most in (1, 3, 5, 8, 24)
        )
        print(f"right {name} | {' | '.join(shares)}")
    print(f"candidates: median {median(seconds):.4f} s, most {max(seconds):.4f} s")


def answered(
    library: Library, asked: list[Asked], model: Path, log: Path, seconds: float
) -> dict[tuple[str, str], dict[str, Any]]:
    """Answer what is not answered yet, until the time is up."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    if log.exists():
        for line in log.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            rows[row["question"], row["way"]] = row
    until = time.monotonic() + seconds if seconds else float("inf")
    template, identity = find_template("answer"), ModelIdentity(model.stem, None, "")
    with LlamaEngine(LoadOptions(str(model), context=CONTEXT)) as engine, log.open("a") as stream:
        for one in asked:
            for way in ("library", "article"):
                if (one.question, way) in rows or time.monotonic() > until:
                    continue
                began = time.monotonic()
                ids = (
                    library_candidates(library, one.question)
                    if way == "library"
                    else [one.article_id]
                )
                articles = [library.get(number) for number in ids]
                found = ask(one.question, articles, template, engine, identity, AskOptions())
                cited = {ids[evidence.article] for evidence in found.evidence}
                row = {
                    "question": one.question,
                    "way": way,
                    "text": found.text,
                    "written": found.written,
                    "reason": found.reason,
                    "right": is_right(found, one.pattern),
                    "cited": one.article_id in cited,
                    "seconds": round(time.monotonic() - began, 2),
                    "read": found.usage.prompt_tokens - found.usage.reused_tokens,
                }
                rows[one.question, way] = row
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
                stream.flush()
    return rows


def report(asked: list[Asked], rows: dict[tuple[str, str], dict[str, Any]]) -> Iterator[str]:
    """Yield the table."""
    done = [one for one in asked if all((one.question, way) in rows for way in WAYS)]
    yield f"questions answered in both ways: {len(done)} of {len(asked)}"
    for way in WAYS:
        found = [rows[one.question, way] for one in done]
        if found:
            yield (
                f"{way} | right {sum(row['right'] for row in found)} |"
                f" right article cited {sum(row['cited'] for row in found) / len(found):.1%} |"
                f" seconds {median(row['seconds'] for row in found):.1f} |"
                f" tokens read {median(row['read'] for row in found):.0f}"
            )
    good = [one for one in done if rows[one.question, "article"]["right"]]
    if good:
        both = sum(rows[one.question, "library"]["right"] for one in good)
        yield f"of what is right with the article: {both / len(good):.1%}"


WAYS = ("library", "article")


def main() -> int:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("news", type=Path)
    parser.add_argument("model", type=Path, nargs="?")
    parser.add_argument("--retrieval-only", action="store_true")
    parser.add_argument("--copies", type=int, default=1, help="31: make 60,000 articles of 1,930")
    parser.add_argument("--log", default="ask_library.jsonl")
    parser.add_argument("--seconds", type=float, default=0, help="stop after so long; 0: never")
    parser.add_argument("--show", action="store_true", help="print every wrong answer")
    parser.add_argument("--library", type=Path, help="keep the library here, for the next run")
    arguments = parser.parse_args()
    if not arguments.retrieval_only and arguments.model is None:
        parser.error("name a model, or give --retrieval-only")
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.library or Path(folder) / "library.db"
        ids_file = path.with_suffix(".ids.json")
        known = path.exists() and ids_file.exists()
        with Library.open(path) as library:
            if known:
                ids = json.loads(ids_file.read_text(encoding="utf-8"))
            else:
                ids = fill(library, arguments.news, arguments.copies)
                ids_file.write_text(json.dumps(ids), encoding="utf-8")
            asked = list(questions(ids))
            print(f"{library.count()} articles, {len(asked)} questions", file=sys.stderr)
            if arguments.retrieval_only:
                retrieval(library, asked)
                return 0
            log = Path(arguments.log)
            rows = answered(library, asked, arguments.model, log, arguments.seconds)
    if arguments.show:
        for (question, way), row in rows.items():
            if not row["right"]:
                print(f"{way}: {question} | {row['text']} | {row['written']} | {row['reason']}")
    for line in report(asked, rows):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
