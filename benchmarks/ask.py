"""Measure answers to questions: ``ask.py MODEL.gguf SQUAD.json [--count N] [--log FILE]``.

``SQUAD.json`` is in the layout of SQuAD, as CMRC 2018 and DRCD are. The plain way is the whole
article and an instruction, put to ``llama_cpp.Llama.create_chat_completion``, greedy, with the same
model in the same run. Each question is also put to an article that does not answer it. Answers go
to a JSONL file as they come: the same command goes on where a killed one stopped.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from workbench.articles.document import ReadOptions
from workbench.articles.model import Article
from workbench.articles.reader import read_articles
from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import LoadOptions
from workbench.evaluation.metrics.answers import f1_of_characters, f1_of_longest_run
from workbench.evaluation.metrics.normal import characters
from workbench.prompting.library import find_template
from workbench.tasks.ask.task import AskOptions, ask
from workbench.tasks.ask.wording import is_refusal
from workbench.tasks.result import ModelIdentity

CONTEXT = 4096
PLAIN = {
    "plain": "请根据上面的文章回答问题。\n问题：{question}",
    "plain-short": (
        "请根据上面的文章回答问题，只给出简短的答案。"
        "如果文章没有提到，请回答“文中未提及”。\n问题：{question}"
    ),
}
"""The instructions of the plain way: as one asks, and as one who knows the pitfalls asks."""


@dataclass(frozen=True)
class Task:
    """One question put to one article; ``golds`` is empty where the article does not answer it."""

    id: str
    context: str
    question: str
    golds: tuple[str, ...]


def tasks_of(path: Path, count: int, seed: int, offset: int, swaps: str) -> list[Task]:
    """Choose articles at random until they have ``count`` questions, and others' questions to each.

    ``swaps``: ``swap`` takes the question of the next article chosen, ``near`` one of another
    paragraph of the same page, whose gold answer this one does not hold; ``none`` none.
    """
    pages = json.loads(path.read_text(encoding="utf-8"))["data"]
    groups = [
        (number, {**paragraph, "qas": questions})
        for number, page in enumerate(pages)
        for paragraph in page["paragraphs"]
        if (questions := [qa for qa in paragraph["qas"] if qa["question"].strip()])
    ]
    random.Random(seed).shuffle(groups)
    chosen: list[tuple[int, Any]] = []
    asked = 0
    for number, paragraph in groups[offset:]:
        if asked >= count:
            break
        chosen.append((number, paragraph))
        asked += len(paragraph["qas"])
    found: list[Task] = []
    left = count
    for place, (number, paragraph) in enumerate(chosen):
        text = paragraph["context"]
        own = paragraph["qas"][:left]
        left -= len(own)
        found += [Task(qa["id"], text, qa["question"], tuple(_texts(qa))) for qa in own]
        if swaps == "swap":
            others = chosen[(place + 1) % len(chosen)][1]["qas"]
        elif swaps == "near":
            others = [
                qa
                for other, near in groups
                if other == number and near is not paragraph
                for qa in near["qas"]
                if not any(characters(gold) in characters(text) for gold in _texts(qa))
            ]
        else:
            others = []
        found += [
            Task(f"{qa['id']}@{own[0]['id']}", text, qa["question"], ())
            for qa in others[: len(own)]
        ]
    return found


def _texts(qa: dict[str, Any]) -> list[str]:
    return [answer["text"] for answer in qa["answers"]]


def article_of(folder: Path, text: str) -> Article:
    """Read a paragraph as the program reads a file."""
    path = folder / "article.txt"
    path.write_text(text, encoding="utf-8")
    for found in read_articles(path, ReadOptions(raw=True, lines=False)):
        if isinstance(found, Article):
            return found
    raise SystemExit("an article cannot be read")


def workbench_way(
    model: Path, folder: Path, options: AskOptions
) -> tuple[Callable[[Task], dict[str, Any]], Callable[[], None]]:
    """Return what answers a task with the workbench, and what ends it."""
    engine = LlamaEngine(LoadOptions(str(model), context=CONTEXT))
    template = find_template("answer")
    identity = ModelIdentity(model.stem, None, "")

    def answer(task: Task) -> dict[str, Any]:
        article = article_of(folder, task.context)
        found = ask(task.question, [article], template, engine, identity, options)
        return {
            "text": "" if found.refused else found.text,
            "refused": found.refused,
            "reason": found.reason,
            "written": found.written,
            "shares": found.shares,
            "confirmed": found.confirmed,
        }

    return answer, engine.close


def plain_way(
    model: Path, instruction: str
) -> tuple[Callable[[Task], dict[str, Any]], Callable[[], None]]:
    """Return what answers a task in the plain way, and what ends it."""
    from llama_cpp import Llama

    llama = Llama(str(model), n_ctx=CONTEXT, n_gpu_layers=0, verbose=False)

    def answer(task: Task) -> dict[str, Any]:
        asked = f"{task.context}\n\n{instruction.format(question=task.question)}"
        found = llama.create_chat_completion(
            [{"role": "user", "content": asked}], temperature=0.0, max_tokens=160
        )
        text = found["choices"][0]["message"]["content"].strip()
        return {"text": text, "refused": is_refusal(text)}

    return answer, llama.close


def best(score: Callable[[str, str], float], text: str, golds: tuple[str, ...]) -> float:
    """Return the score against the right answer that comes nearest."""
    return max(score(text, gold) for gold in golds)


def exact(text: str, gold: str) -> float:
    """Say whether an answer is the right one but for punctuation, case and script."""
    return float(characters(text) == characters(gold))


def known(log: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the answers of an earlier run; a line that was cut short is left out."""
    found = {}
    if log.exists():
        for line in log.read_text(encoding="utf-8").splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                continue
            found[row["id"], row["way"]] = row
    return found


def run(arguments: argparse.Namespace, tasks: list[Task]) -> dict[tuple[str, str], dict[str, Any]]:
    """Answer what is not answered yet, until the time is up; return all answers."""
    log = Path(arguments.log)
    rows = known(log)
    folder = log.parent / f".{log.stem}.articles"
    folder.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + arguments.seconds if arguments.seconds else float("inf")
    for way in arguments.ways:
        todo = [task for task in tasks if (task.id, way) not in rows]
        if not todo or time.monotonic() > until:
            continue
        if way == "workbench":
            answer, end = workbench_way(
                arguments.model, folder, AskOptions(verify=arguments.verify)
            )
        else:
            answer, end = plain_way(arguments.model, PLAIN[way])
        with log.open("a", encoding="utf-8") as stream:
            for number, task in enumerate(todo, start=1):
                if time.monotonic() > until:
                    print(f"{way}: {len(todo) - number + 1} left for the next run", file=sys.stderr)
                    break
                began = time.monotonic()
                row = {"id": task.id, "way": way, **answer(task)}
                row["seconds"] = round(time.monotonic() - began, 2)
                rows[task.id, way] = row
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
                stream.flush()
        end()
    return rows


def report(
    tasks: list[Task], rows: dict[tuple[str, str], dict[str, Any]], ways: list[str]
) -> Iterator[str]:
    """Yield a table of what was answered by every way."""
    yield (
        "way | questions | EM | F1 | F1 (CMRC) | refused wrongly | unanswerable | refused |"
        " seconds (median)"
    )
    for way in ways:
        done = [(task, rows[task.id, way]) for task in tasks if (task.id, way) in rows]
        good = [(task, row) for task, row in done if task.golds]
        bad = [row for task, row in done if not task.golds]
        if not good:
            continue
        em, score, run_score = (
            sum(best(one, row["text"], task.golds) for task, row in good) / len(good)
            for one in (exact, f1_of_characters, f1_of_longest_run)
        )
        wrongly = sum(row["refused"] for _task, row in good) / len(good)
        rightly = sum(row["refused"] for row in bad) / len(bad) if bad else 0.0
        seconds = median(row["seconds"] for _task, row in done)
        yield (
            f"{way} | {len(good)} | {em:.1%} | {score:.1%} | {run_score:.1%} | {wrongly:.1%} |"
            f" {len(bad)} | {rightly:.1%} | {seconds:.1f}"
        )


def show(tasks: list[Task], rows: dict[tuple[str, str], dict[str, Any]], ways: list[str]) -> None:
    """Print every question with what was answered, for a person to read."""
    for task in tasks:
        print(f"{task.question} | {task.golds[0] if task.golds else '(not answered)'}")
        for way in ways:
            if row := rows.get((task.id, way)):
                marks = (
                    f"F1 {best(f1_of_characters, row['text'], task.golds):.2f}"
                    if task.golds
                    else ""
                )
                extra = {key: row[key] for key in ("reason", "written", "shares") if row.get(key)}
                print(f"    {way}: {row['text'] or '—'} {marks} {extra or ''}")


def main() -> int:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("squad", type=Path)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--offset", type=int, default=0, help="articles to pass over")
    parser.add_argument("--unanswerable", choices=("swap", "near", "none"), default="swap")
    parser.add_argument(
        "--baseline",
        nargs="*",
        choices=tuple(PLAIN),
        help="answer in these plain ways too; without a name, in both",
    )
    parser.add_argument("--verify", action="store_true", help="with the second look")
    parser.add_argument("--log", default="ask.jsonl", help="answers, kept for the next run")
    parser.add_argument("--seconds", type=float, default=0, help="stop after so long; 0: never")
    parser.add_argument("--show", action="store_true", help="print every answer")
    arguments = parser.parse_args()
    plain = arguments.baseline
    arguments.ways = ["workbench", *(plain or PLAIN if plain is not None else ())]
    tasks = tasks_of(
        arguments.squad, arguments.count, arguments.seed, arguments.offset, arguments.unanswerable
    )
    rows = run(arguments, tasks)
    if arguments.show:
        show(tasks, rows, arguments.ways)
    for line in report(tasks, rows, arguments.ways):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
