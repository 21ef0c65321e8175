"""Measure summaries: ``summaries.py MODEL.gguf NEWS.txt PAGES_FOLDER [--count 60] [--baseline]``.

The articles are those of ``key_facts.json``, found by their SHA-256: whole files of PAGES_FOLDER,
and lines of NEWS.txt. Pages are summarised in 400 characters, news in 150. With ``--baseline`` the
plain way gets the same article, length and wish, right after: the whole text and the instruction
in one message to ``llama_cpp.Llama.create_chat_completion``, greedy, with the same model.

Each summary goes to a JSONL file as it comes (``--log``): the same command goes on where one was
stopped, and ``--seconds`` stops it. The table is made from what the file holds.
"""

import argparse
import hashlib
import json
import re
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

from report import say, table
from summary_quality import figures

from workbench.articles.model import Article
from workbench.articles.reader import read_article
from workbench.articles.script import detect, to_simplified
from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import LoadOptions
from workbench.grounding.alignment import copied_share
from workbench.grounding.checks import Source, check_facts
from workbench.prompting.library import find_template
from workbench.tasks.material import Material
from workbench.tasks.rescript import target_script
from workbench.tasks.result import ModelIdentity
from workbench.tasks.summarize import SummaryOptions, summarize

FACTS = Path(__file__).with_name("key_facts.json")
CONTEXT = 8192
CHARACTERS = {"page": 400, "news": 150}
WISH = (
    "请把这篇文章概括成{points}条要点，每条一句话，{each}个字左右，全部{characters}个字左右："
    "谁做了什么、结果如何，保留关键的数字、日期和名称，去掉次要的修饰，不照抄原句。"
    "只写要点，每条一行。"
)
"""What the template ``news`` asks for, said once about the whole."""
RUN = 20
_BULLET = re.compile(r"^\s*(?:[-*•·]+|\(?\d{1,2}[.、)）]|[（(]\d{1,2}[)）])\s*")
_SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?]?")


@dataclass(frozen=True)
class Task:
    """One article to summarise and the facts to be kept of it, as patterns."""

    id: str
    kind: str
    text: str
    facts: tuple[str, ...]


def tasks_of(news: Path, pages: Path, count: int) -> Iterator[Task]:
    """Find the articles of which key facts are known: the pages, then ``count`` of the news."""
    known = json.loads(FACTS.read_text(encoding="utf-8"))
    files = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in pages.glob("*.txt")}
    for one in known["pages"]:
        if path := files.get(one["sha256"]):
            text = path.read_text(encoding="utf-8")
            yield Task(one["sha256"][:12], "page", text, tuple(one["facts"]))
    with news.open(encoding="utf-8", newline="\n") as stream:
        lines = {
            hashlib.sha256(plain.encode()).hexdigest(): plain
            for line in stream
            if (plain := line.rstrip("\n"))
        }
    listed = known["news"]
    chosen = [listed[index * len(listed) // count] for index in range(min(count, len(listed)))]
    for one in chosen:
        if text := lines.get(one["sha256"]):
            yield Task(one["sha256"][:12], "news", text, tuple(one["facts"]))


def article_of(task: Task, folder: Path) -> Article:
    """Read an article as the program reads a file."""
    path = folder / f"{task.id}.txt"
    path.write_text(task.text, encoding="utf-8")
    return read_article(path)


def normal(text: str) -> str:
    """Return what key facts are looked for in: Simplified, of one width, without spaces."""
    return "".join(unicodedata.normalize("NFKC", to_simplified(text)).split())


def points_of(text: str) -> list[str]:
    """Divide what a model wrote into lines without their bullets."""
    lines = [_BULLET.sub("", line.replace("**", "")).strip() for line in text.splitlines()]
    return [line for line in lines if line]


def measured(task: Task, article: Article, points: Sequence[str], marked: set[str]) -> dict:
    """Measure one summary, either way's; ``marked`` are the facts shown as unsupported."""
    material = Material(article)
    asked = CHARACTERS[task.kind]
    body = "".join(points)
    plain = to_simplified(body)
    said = normal(body)[:asked]
    source = normal(task.text)
    cited = Source(material.plain_text, date=article.date)
    wrong = {check.text for check in check_facts(plain, cited, cited) if check.wrong}
    written = [normal(figure) for figure in figures(plain)]
    absent = [one for one in written if one not in source and any(one in bad for bad in wrong)]
    thirds = {
        min(2, 3 * material.sentences[index].span.start // len(article.text))
        for sentence in _SENTENCE.findall(plain)
        for index in material.aligner.align(sentence).sentences[:1]
    }
    wanted = _asked(task.kind)[0]
    script = target_script(article, "keep")
    found = detect(body).value
    return {
        "kept": [pattern for pattern in task.facts if re.search(pattern, said)],
        "facts": len(task.facts),
        "characters": len(body),
        "points": len(points),
        "form": len(points) == wanted and all(_is_sentence(point) for point in points),
        "length": abs(len(body) - asked) <= 0.15 * asked,
        "script": found in (script, "other") or (found == "mixed" and script == "simplified"),
        "copied": copied_share(normal(body), source, run=RUN),
        "figures": len(written),
        "unsupported": len(absent),
        "unmarked": sum(not any(one in bad for bad in marked) for one in absent),
        "thirds": len(thirds),
        "absent": absent,
    }


def _asked(kind: str) -> tuple[int, int]:
    """Return the points and the characters of each that the lengths come to."""
    from workbench.tasks.summary.length import planned

    size = planned(find_template("news").size("medium"), CHARACTERS[kind], "points")
    return size.points, size.characters


def _is_sentence(point: str) -> bool:
    return len(_SENTENCE.findall(point)) == 1 and point[-1] in "。！？!?”"


def workbench_way(model: Path) -> tuple[Callable[[Task, Article], dict], Callable[[], None]]:
    """Return what summarises with the workbench, and what ends it."""
    engine = LlamaEngine(LoadOptions(str(model), context=CONTEXT))
    template = find_template("news")
    identity = ModelIdentity(model.stem, None, "")

    def write(task: Task, article: Article) -> dict:
        options = SummaryOptions(characters=CHARACTERS[task.kind])
        result = summarize(article, template, engine, identity, options)
        marked = {normal(check.text) for point in result.points for check in point.unsupported}
        points = [point.text for point in result.points]
        found = measured(task, article, points, marked)
        return {
            **found,
            "lines": points,
            "headline": result.headline,
            "rewritten": result.rewritten,
            "read": result.usage.prompt_tokens - result.usage.reused_tokens,
            "written": result.usage.generated_tokens,
        }

    return write, engine.close


def plain_way(model: Path) -> tuple[Callable[[Task, Article], dict], Callable[[], None]]:
    """Return what summarises in the plain way, and what ends it."""
    from llama_cpp import Llama

    llama = Llama(str(model), n_ctx=CONTEXT, n_gpu_layers=0, verbose=False)

    def write(task: Task, article: Article) -> dict:
        points, each = _asked(task.kind)
        characters = CHARACTERS[task.kind]
        wish = WISH.format(points=points, each=each, characters=characters)
        answer: Any = llama.create_chat_completion(
            [{"role": "user", "content": f"{task.text}\n\n{wish}"}],
            temperature=0.0,
            max_tokens=int(1.5 * characters),
        )
        text = answer["choices"][0]["message"]["content"]
        lines = points_of(text)
        found = measured(task, article, lines, set())
        return {
            **found,
            "lines": lines,
            "finish": answer["choices"][0]["finish_reason"],
            "read": answer["usage"]["prompt_tokens"],
            "written": answer["usage"]["completion_tokens"],
        }

    return write, llama.close


def run(chosen: argparse.Namespace, done: set[tuple[str, str]]) -> None:
    """Summarise what the log does not hold yet, each article both ways before the next."""
    began = time.monotonic()
    ways = {"workbench": workbench_way(chosen.model)}
    if chosen.baseline:
        ways["plain"] = plain_way(chosen.model)
    try:
        with tempfile.TemporaryDirectory() as folder, chosen.log.open("a", encoding="utf-8") as log:
            for task in tasks_of(chosen.news, chosen.pages, chosen.count):
                if chosen.only and task.kind != chosen.only:
                    continue
                article = None
                for name, (write, _end) in ways.items():
                    if (name, task.id) in done:
                        continue
                    if time.monotonic() - began > chosen.seconds:
                        return
                    article = article or article_of(task, Path(folder))
                    started = time.perf_counter()
                    found = write(task, article)
                    seconds = round(time.perf_counter() - started, 1)
                    record = {"way": name, "id": task.id, "kind": task.kind, "seconds": seconds}
                    log.write(json.dumps({**record, **found}, ensure_ascii=False) + "\n")
                    log.flush()
                    kept = f"{len(found['kept'])}/{found['facts']}"
                    say(f"{name} {task.kind} {task.id}: {kept} in {seconds} s")
    finally:
        for _write, end in ways.values():
            end()


def reported(records: Sequence[dict]) -> str:
    """Lay out what each way came to, for pages and for news."""
    head = [
        "",
        "summaries",
        "key facts",
        "a summary",
        "copied",
        "figures",
        "unsupported",
        "unmarked",
    ]
    rows = [[*head, "thirds", "form", "length", "script", "seconds"]]
    for kind in ("page", "news"):
        for way in ("workbench", "plain"):
            mine = [one for one in records if one["kind"] == kind and one["way"] == way]
            if not mine:
                continue
            kept = sum(len(one["kept"]) for one in mine)
            characters = sum(one["characters"] for one in mine) or 1
            copied = sum(one["copied"] * one["characters"] for one in mine) / characters
            rows.append(
                [
                    f"{kind}, {way}",
                    str(len(mine)),
                    f"{kept}/{sum(one['facts'] for one in mine)}",
                    f"{kept / len(mine):.2f}",
                    f"{copied:.0%}",
                    *(str(sum(one[key] for one in mine)) for key in _COUNTS),
                    f"{mean(one['thirds'] for one in mine):.1f}",
                    *(f"{mean(one[key] for one in mine):.0%}" for key in _SHARES),
                    f"{median(one['seconds'] for one in mine):.1f}",
                ]
            )
    return table(rows)


_COUNTS = ("figures", "unsupported", "unmarked")
_SHARES = ("form", "length", "script")


def compared(records: Sequence[dict]) -> str:
    """Say how the two ways compare on the articles that both have summarised."""
    by_way = {
        way: {one["id"]: one for one in records if one["way"] == way}
        for way in ("workbench", "plain")
    }
    lines = []
    for kind in ("page", "news"):
        pairs = [
            (one, by_way["plain"][key])
            for key, one in by_way["workbench"].items()
            if key in by_way["plain"] and one["kind"] == kind
        ]
        if not pairs:
            continue
        ours = sum(len(one["kept"]) for one, _other in pairs)
        theirs = sum(len(other["kept"]) for _one, other in pairs)
        slower = median(one["seconds"] / other["seconds"] for one, other in pairs)
        lines.append(
            f"{kind}: {len(pairs)} both ways, key facts {ours} against {theirs} "
            f"({ours / max(1, theirs):.2f} times), time {slower:.2f} times (median)"
        )
    return "\n".join(lines)


def main() -> int:
    """Summarise, then print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path, help="GGUF file")
    parser.add_argument("news", type=Path, help="a news article a line")
    parser.add_argument("pages", type=Path, help="folder of *.txt")
    parser.add_argument("--count", type=int, default=60, help="news articles, evenly (60)")
    parser.add_argument("--only", choices=("page", "news"), help="only these")
    parser.add_argument("--baseline", action="store_true", help="the plain way as well")
    parser.add_argument("--seconds", type=float, default=1e9, help="begin none after so long")
    parser.add_argument("--log", type=Path, default=Path("summaries.jsonl"), help="where they go")
    parser.add_argument("--report", action="store_true", help="only print the table of the log")
    chosen = parser.parse_args()
    records = _records(chosen.log)
    if not chosen.report:
        run(chosen, {(one["way"], one["id"]) for one in records})
        records = _records(chosen.log)
    print(reported(records))
    print(compared(records))
    return 0


def _records(log: Path) -> list[dict]:
    if not log.exists():
        return []
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line]


if __name__ == "__main__":
    sys.exit(main())
