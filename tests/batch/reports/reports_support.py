"""Rows of reports, made by the tasks themselves from articles of the tests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tasks_support import (
    MODEL,
    SIMPLIFIED,
    TRADITIONAL,
    ScriptedEngine,
    article_of,
    extract,
)

from workbench.articles.model import Article
from workbench.batch.reports import Row
from workbench.prompting.library import find_template
from workbench.tasks.ask.task import AskOptions, ask
from workbench.tasks.compare.task import CompareOptions, compare
from workbench.tasks.summarize import SummaryOptions, summarize

OTHER = """河边的新棚开市

2026年3月4日

青石镇的早市3月1日搬到了河边的新棚，一共128个摊位。镇里为新棚出资520万元，前后修了七个月。

摊主们说棚里亮堂，地面也干净。老街的商会反对早市搬家，说老街的生意少了一半。
"""
HOSTILE = "</style><script>alert('x')</script>&<b>\x1b[31m\x00\u202e\ud800 \udcff"
FORMULA = '=HYPERLINK("http://192.0.2.1","看")'


def given(article: Article, **more: Any) -> dict[str, Any]:
    """Return an article as rows hold it."""
    return {
        "path": str(article.path),
        "part": article.part,
        "sha256": article.sha256,
        "title": article.title,
        "date": article.date,
        "source": article.source,
        "script": str(article.script),
        "text": article.text,
        **more,
    }


def work(task: str, template: str, question: str = "") -> dict[str, Any]:
    return {"task": task, "template": template, "model": "scripted", "question": question}


def summary_row(article: Article, wrong: str = "", instead: str = "", **more: Any) -> Row:
    """Summarise; ``wrong`` is a fact that the first point then states and the article does not."""
    made = summarize(
        article, find_template("news"), ScriptedEngine(extract), MODEL, SummaryOptions()
    ).to_json()
    if wrong:
        point = made["points"][0]
        start = len(point["text"]) + 2
        point["text"] += f"花了{wrong}。"
        status = "differs" if instead else "unsupported"
        check = {"kind": "amount", "text": wrong, "status": status, "instead": instead}
        place = {"start": start, "end": start + len(wrong)}
        point["checks"] = [*point["checks"], {**check, **place}]
    return Row(given(article, **more), work("summarize", "news"), made, "", 1.5)


def comparison_row(folder: Path, first: Article, second: Article) -> Row:
    options = CompareOptions(digests=folder / "digests")
    template = find_template("comparison")
    made = compare([first, second], template, ScriptedEngine(extract), MODEL, options)
    asked = work("compare", "comparison")
    return Row(given(first), asked, made.to_json(), "", 2.5, (given(second),))


def answer_row(article: Article, question: str, answer: str) -> Row:
    engine = ScriptedEngine(lambda _request: answer)
    template = find_template("answer")
    made = ask(question, [article], template, engine, MODEL, AskOptions())
    return Row(given(article), work("ask", "answer", question), made.to_json(), "", 0.5)


def failed_row(path: str, error: str) -> Row:
    return Row({"path": path}, work("summarize", "news"), None, error)


def mixed_rows(folder: Path) -> list[Row]:
    """Return rows of every kind, in both scripts, with wrong facts and failures."""
    folder.mkdir(exist_ok=True)
    market = article_of(folder, SIMPLIFIED, "早市.txt")
    books = article_of(folder, TRADITIONAL, "圖書車.txt")
    other = article_of(folder, OTHER, "另一篇.txt")
    return [
        summary_row(market, tags=["民生", "市场"]),
        summary_row(books, "99億元", "38萬元", tags=["教育"]),
        comparison_row(folder, market, other),
        answer_row(market, "摊位费每天多少元？", "8元"),
        failed_row(str(folder / "坏.pdf"), "坏.pdf: is damaged. Save it again."),
    ]


def hostile_row(row: Row) -> Row:
    """Return a row whose texts all try to be something else."""

    def spoiled(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: spoiled(one, name) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [spoiled(one, key) for one in value]
        if key in ("text", "quote", "headline", "title", "source", "path", "tags", "subject"):
            return FORMULA + HOSTILE + str(value)
        return value

    article = spoiled(dict(row.article))
    return Row(article, row.work, spoiled(dict(row.result or {})), "", row.seconds)


def many_rows(rows: list[Row], count: int) -> Iterator[Row]:
    """Repeat rows, each with a path of its own."""
    for number in range(count):
        row = rows[number % len(rows)]
        article = {**row.article, "path": f"{number % 50:02}/{number:06}.txt"}
        yield Row(article, row.work, row.result, row.error, row.seconds, row.others)
