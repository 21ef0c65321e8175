"""What a page shows of one result, laid out as plain values: no markup."""

from collections.abc import Sequence
from typing import Any

from workbench.batch.reports.page.context import contexts
from workbench.batch.reports.told import Quote, Statement, Told, article_title, clean, said_of
from workbench.grounding.check import ELSEWHERE, Check
from workbench.i18n import _
from workbench.pages.frame import text_language
from workbench.tasks.compare import views as comparison_views
from workbench.tasks.compare.comparison import SILENT, Comparison
from workbench.tasks.result import WEAK_SUPPORT, Point, Result


def view_of(told: Told, number: int) -> dict[str, Any]:
    """Return everything the page shows of a result that is there."""
    article = told.row.article
    weak = [
        one for one in told.statements if one.support is not None and one.support < WEAK_SUPPORT
    ]
    found = {
        "id": f"r{number}",
        "lang": text_language(told.script),
        "title": told.title,
        "marked": marked(told.title, told.headline_checks),
        "name": told.name,
        "article_title": clean(article.get("title") or ""),
        "date": clean(article.get("date") or ""),
        "source": clean(article.get("source") or ""),
        "tags": [clean(tag) for tag in article.get("tags") or ()],
        "task": told.row.task,
        "template": told.template,
        "model": told.model,
        "count": len(told.statements),
        "wrong": len(told.wrong),
        "weak": len(weak) if told.row.task == "summarize" else 0,
        "support": told.support,
        "characters": told.characters,
        "article_characters": told.article_characters,
        "seconds": told.row.seconds or (told.made.seconds if told.made else 0.0),
        "footer": told.footer,
        "remarks": list(told.remarks),
        "flags": [_flag(check, where, number, told) for check, where in told.wrong],
        "statements": [],
        "comparison": None,
    }
    if isinstance(told.made, Comparison):
        found["comparison"] = _comparison(told, told.made)
    else:
        points = sum(isinstance(one, Point) for one in getattr(told.made, "points", ()))
        found["statements"] = [
            _statement(one, told, numbered=place < points)
            for place, one in enumerate(told.statements)
        ]
    return found


def failure_of(told: Told) -> dict[str, Any]:
    """Return what the page shows of a piece of work that failed."""
    return {
        "name": told.name,
        "title": told.title,
        "template": told.template,
        "model": told.model,
        "error": told.error,
    }


def _flag(check: Check, where: str, number: int, told: Told) -> dict[str, Any]:
    return {
        "id": f"r{number}",
        "fact": clean(check.text),
        "said": said_of(check),
        "where": marked(where, [check]),
        "lang": text_language(told.script),
        "title": article_title(told.row.article),
        "by": f"{told.model} / {told.template}",
    }


def _statement(one: Statement, told: Told, *, numbered: bool) -> dict[str, Any]:
    several = len(told.row.articles) > 1
    return {
        "pieces": marked(one.text, one.checks),
        "numbered": numbered,
        "depth": one.depth,
        "wrong": bool(one.wrong),
        "remarks": list(one.remarks),
        "support": one.support,
        "open": told.row.task == "ask",
        "places": _places(one.quotes, several=several),
        "contexts": contexts(one.quotes, told.row.articles),
        "several": several,
    }


def _places(quotes: Sequence[Quote], *, several: bool) -> list[str]:
    named = (f"{one.article + 1}:{one.passage}" if several else f"{one.passage}" for one in quotes)
    return list(dict.fromkeys(named))


def _comparison(told: Told, made: Comparison) -> dict[str, Any]:
    articles = [one.article for one in made.articles]
    sections = []
    # The statements are those of the cells that say something, in this same order.
    statements = iter(told.statements)
    number = 0
    for verdict, heading in comparison_views.headings():
        rows = []
        for row in made.with_verdict(verdict):
            number += 1
            cells: list[dict[str, Any]] = []
            quotes: list[Quote] = []
            for cell in row.cells:
                if cell.status == SILENT:
                    cells.append({"text": "–", "places": []})
                    continue
                said = next(statements)
                quotes += said.quotes
                cells.append({"text": said.text, "places": _places(said.quotes, several=True)})
            rows.append(
                {
                    "number": number,
                    "subject": clean(row.subject),
                    "cells": cells,
                    "contexts": contexts(quotes, told.row.articles),
                }
            )
        if rows:
            sections.append({"heading": heading, "verdict": verdict, "rows": rows})
    return {
        "articles": [
            " · ".join(clean(x) for x in (one.title, one.source, one.date, one.name) if x)
            for one in articles
        ],
        "sections": sections,
        "timeline": [
            {
                "date": clean(event.date),
                "text": clean(event.text),
                "places": [str(article) for article in event.articles],
            }
            for event in made.timeline
        ],
    }


def marked(text: str, checks: Sequence[Check]) -> list[dict[str, Any]]:
    """Divide a text at the facts that a reader must know of, each with what is wrong with it."""
    found: list[dict[str, Any]] = []
    at = 0
    for check in sorted(checks, key=lambda one: one.start):
        if not check.wrong and check.status != ELSEWHERE:
            continue
        fact = clean(check.text)
        start = check.start if text.startswith(fact, check.start) else text.find(fact)
        if start < at or not fact:
            continue
        if start > at:
            found.append({"text": text[at:start], "mark": "", "said": ""})
        said = said_of(check) if check.wrong else _("stated elsewhere in the article")
        mark = "wrong" if check.wrong else "elsewhere"
        found.append({"text": fact, "mark": mark, "said": said})
        at = start + len(fact)
    if at < len(text):
        found.append({"text": text[at:], "mark": "", "said": ""})
    return found


def measures_of(told: Told) -> dict[str, float]:
    """Return what is drawn of a result, by name; what was not measured is not there."""
    made = told.made
    if made is None:
        return {}
    found: dict[str, float | None] = {
        "article": told.article_characters,
        "result": told.characters,
        "seconds": told.row.seconds or made.seconds,
        "support": told.support,
    }
    usage = made.usage
    if usage.write_seconds > 0 and usage.generated_tokens:
        found["writing"] = usage.generated_tokens / usage.write_seconds
    if isinstance(made, Result) and usage.read_seconds > 0:
        found["reading"] = (usage.prompt_tokens - usage.reused_tokens) / usage.read_seconds
    return {name: float(value) for name, value in found.items() if value is not None}
