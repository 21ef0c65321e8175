"""Measure the second look of ``--verify``: ``verify.py MODEL.gguf NEWS.txt [--count 60]``.

True claims are sentences of news articles in fewer words, made by rule; each is put to the model
with the sentences around it as evidence, as it is and with one thing swapped: a figure or a date,
a name for another of the article, or a verb for its opposite. A claim that is true and not borne
out is a false alarm. Beside it stands what the checks by rule find of the same swaps.

Answers go to a JSONL file (``--log``): the same command goes on where one was stopped.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from figure_swaps import KINDS, swapped
from report import say, table

from workbench.articles.reader import read_article
from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import LoadOptions
from workbench.grounding.checks import Source, check_facts
from workbench.grounding.facts import extract_facts
from workbench.tasks.calls import Caller
from workbench.tasks.events import ignore
from workbench.tasks.material import Material
from workbench.tasks.summary.clauses import compressed, worth_of
from workbench.tasks.summary.concise import concise
from workbench.tasks.summary.salience import Salience
from workbench.tasks.summary.verify import verify

OPPOSITES = {
    "增长": "下降", "下降": "增长", "上涨": "下跌", "下跌": "上涨", "增加": "减少", "减少": "增加",
    "提高": "降低", "降低": "提高", "支持": "反对", "反对": "支持", "允许": "禁止", "禁止": "允许",
    "开放": "关闭", "关闭": "开放", "成功": "失败", "超过": "不足", "完成": "取消", "启动": "停止",
    "同意": "拒绝", "上升": "下降", "加快": "放慢", "首次": "再次", "已": "尚未", "将": "不会",
}  # fmt: skip
CHARACTERS = 60


@dataclass(frozen=True)
class Claim:
    """A claim, what was done to it, and the evidence it is held against."""

    id: str
    change: str
    text: str
    evidence: str
    found_by_rule: bool


def claims_of(news: Path, count: int) -> Iterator[Claim]:
    """Make claims of ``count`` articles, evenly chosen from the file."""
    lines = [line for line in news.read_text("utf-8").splitlines() if len(line) > 400]
    rng = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "article.txt"
        for number in range(count):
            line = lines[number * len(lines) // count]
            path.write_text(line, encoding="utf-8")
            yield from _of_article(Material(read_article(path)), number, rng)


def _of_article(material: Material, number: int, rng: random.Random) -> Iterator[Claim]:
    best = Salience(material).best(range(len(material.sentences)), [])
    if best is None:
        return
    around = range(max(0, best - 1), min(len(material.sentences), best + 2))
    evidence = "".join(material.sentences[index].text for index in around)
    short = concise(material.sentences[best].text, date=material.article.date)
    text = compressed(short, CHARACTERS, worth_of()) or short
    article = material.plain_text
    source, cited = material.source, Source(evidence, date=material.article.date)

    def claim(change: str, said: str) -> Claim:
        checks = check_facts(said, cited, source)
        return Claim(f"{number}", change, said, evidence, any(check.wrong for check in checks))

    yield claim("true", text)
    for kind, pattern in KINDS.items():
        if (match := pattern.search(text)) and (new := swapped(kind, match, article, rng)):
            yield claim("figure or date", text[: match.start()] + new + text[match.end() :])
            break
    names = [fact for fact in extract_facts(text) if fact.kind == "name"]
    others = [
        fact.text
        for fact in extract_facts(article)
        if fact.kind == "name" and fact.text not in text and fact.text not in evidence
    ]
    if names and others:
        name = names[0]
        yield claim("name", text[: name.start] + rng.choice(others) + text[name.end :])
    for word, opposite in OPPOSITES.items():
        if word in text and opposite not in text:
            yield claim("verb", text.replace(word, opposite, 1))
            break


def main() -> int:
    """Ask, then print what was borne out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path, help="GGUF file")
    parser.add_argument("news", type=Path, help="a news article a line")
    parser.add_argument("--count", type=int, default=60, help="articles (60)")
    parser.add_argument("--seconds", type=float, default=1e9, help="begin none after so long")
    parser.add_argument("--log", type=Path, default=Path("verify.jsonl"), help="where they go")
    chosen = parser.parse_args()
    records = _records(chosen.log)
    done = {(one["id"], one["change"]) for one in records}
    left = [one for one in claims_of(chosen.news, chosen.count) if (one.id, one.change) not in done]
    if left:
        _ask(chosen, left)
    _report(_records(chosen.log))
    return 0


def _ask(chosen: argparse.Namespace, claims: list[Claim]) -> None:
    began = time.monotonic()
    engine = LlamaEngine(LoadOptions(str(chosen.model), context=4096))
    caller = Caller(engine, ignore)
    try:
        with chosen.log.open("a", encoding="utf-8") as log:
            for start in range(0, len(claims), 4):
                if time.monotonic() - began > chosen.seconds:
                    return
                batch = claims[start : start + 4]
                started = time.perf_counter()
                answers = verify([(one.text, one.evidence) for one in batch], caller)
                seconds = (time.perf_counter() - started) / len(batch)
                for one, answer in zip(batch, answers, strict=True):
                    record = {
                        "id": one.id,
                        "change": one.change,
                        "verified": answer,
                        "found_by_rule": one.found_by_rule,
                        "seconds": round(seconds, 2),
                        "text": one.text,
                    }
                    log.write(json.dumps(record, ensure_ascii=False) + "\n")
                say(f"{start + len(batch)} of {len(claims)}")
    finally:
        engine.close()


def _report(records: list[dict]) -> None:
    rows = [["claims", "number", "not borne out by the model", "marked by the rules", "either"]]
    for change in ("true", "figure or date", "name", "verb"):
        mine = [one for one in records if one["change"] == change]
        if not mine:
            continue
        doubted = [one["verified"] is False for one in mine]
        marked = [one["found_by_rule"] for one in mine]
        either = [a or b for a, b in zip(doubted, marked, strict=True)]
        shares = (f"{sum(one) / len(mine):.0%}" for one in (doubted, marked, either))
        rows.append([change, str(len(mine)), *shares])
    print(table(rows))
    if records:
        print(f"{sum(one['seconds'] for one in records) / len(records):.1f} s a claim")


def _records(log: Path) -> list[dict]:
    if not log.exists():
        return []
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line]


if __name__ == "__main__":
    sys.exit(main())
