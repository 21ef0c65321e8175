"""What the page shows of boards, laid out as plain values: no markup, nothing translated twice."""

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.articles.model import Span
from workbench.evaluation.board import Board, Standing
from workbench.evaluation.items import QUESTION, SUMMARY, Dataset, Item
from workbench.evaluation.metrics.case import Ratio
from workbench.evaluation.metrics.table import METRICS, SHORT, Metric
from workbench.evaluation.report.scales import written
from workbench.evaluation.scoring import worst_first
from workbench.i18n import _
from workbench.pages.marking import pieces
from workbench.pages.plots import Dot, bars, forest, scatter

MOST_ITEMS = 200
"""Items whose outputs the page shows; ``results.json`` has all."""
_EXCERPT = 600
_AROUND = 160
_COLOURS = 8


def page_of(dataset: Dataset, boards: Sequence[Board]) -> dict[str, Any]:
    """Return everything the page shows."""
    chosen = _("{count} items; the dataset holds {total} in all").format(
        count=len(dataset.items), total=dataset.total
    )
    return {
        "name": dataset.name,
        "about": chosen,
        "boards": [_board(board) for board in boards],
        "footer": _(
            "Facts are found by rules: what the rules do not see is neither right nor wrong here."
            " All outputs and scores are in results.json."
        ),
    }


def shown(board: Board) -> tuple[Metric, ...]:
    """Return the metrics of a leaderboard: the short choice where more were measured."""
    short = [metric for metric in board.metrics if metric.name in SHORT[board.kind]]
    return tuple(short) or board.metrics


def _board(board: Board) -> dict[str, Any]:
    colours = _colours(board)
    main = board.main
    titles = {SUMMARY: _("Summaries"), QUESTION: _("Answers")}
    about = _("{configurations} configurations, {items} items").format(
        configurations=len(board.standings), items=len(board.items)
    )
    if main is not None:
        about += _("; ranked by: {metric}").format(metric=_(main.about))
    return {
        "title": titles[board.kind],
        "about": about,
        "headings": [{"title": _(one.title), "about": _(one.about)} for one in shown(board)],
        "rows": [
            _row(board, standing, number, colours)
            for number, standing in enumerate(board.standings, start=1)
        ],
        "scatter_title": _("Quality against time"),
        "scatter": _scatter(board, main, colours) if main else "",
        "bars": [_bars(board, metric, colours) for metric in board.metrics],
        "forests": _forests(board, colours),
        "failures": [
            {"item": item, "label": standing.label, "error": error}
            for standing in board.standings
            for item, error in standing.scored.errors.items()
        ],
        "entries": _items(board, main, colours),
        "entries_about": _items_about(board, main),
    }


def _colours(board: Board) -> dict[str, int]:
    """Give each model a colour of its own, as long as there are some."""
    models = list(dict.fromkeys(_model(standing) for standing in board.standings))
    of_model = {model: number % _COLOURS for number, model in enumerate(models)}
    if len(models) == 1:
        return {one.label: number % _COLOURS for number, one in enumerate(board.standings)}
    return {one.label: of_model[_model(one)] for one in board.standings}


def _model(standing: Standing) -> tuple[str, str | None]:
    return standing.scored.arm.model.name, standing.scored.arm.model.sha256


def _row(
    board: Board, standing: Standing, number: int, colours: Mapping[str, int]
) -> dict[str, Any]:
    cells = []
    for metric in shown(board):
        found = standing.estimates.get(metric.name)
        if found is None:
            cells.append({"text": "–", "range": "", "best": False})
            continue
        best = board.best(metric)
        cells.append(
            {
                "text": written(found.mean, metric),
                "range": f"{written(found.low, metric)} – {written(found.high, metric)}"
                if found.count > 1
                else "",
                "best": best is not None and found.mean == best,
            }
        )
    return {
        "number": number,
        "colour": colours[standing.label],
        "label": standing.label,
        "done": standing.done,
        "failed": standing.failed,
        "cells": cells,
    }


def _scatter(board: Board, main: Metric, colours: Mapping[str, int]) -> str:
    dots = []
    for number, standing in enumerate(board.standings, start=1):
        quality = standing.estimates.get(main.name)
        time = standing.estimates.get("seconds")
        if quality is None or time is None:
            continue
        dots.append(
            Dot(
                number,
                colours[standing.label],
                time.mean,
                quality.mean,
                quality.low,
                quality.high,
                f"{number}. {standing.label}: {written(quality.mean, main)},"
                f" {written(time.mean, METRICS['seconds'])} s",
            )
        )
    return scatter(dots, _("seconds an item"), _(main.title), percent=main.share)


def _bars(board: Board, metric: Metric, colours: Mapping[str, int]) -> dict[str, str]:
    dots = []
    for number, standing in enumerate(board.standings, start=1):
        found = standing.estimates.get(metric.name)
        if found is None:
            continue
        text = written(found.mean, metric)
        title = f"{number}. {standing.label}: {text}"
        colour = colours[standing.label]
        dots.append(Dot(number, colour, found.mean, 0, found.low, found.high, title, text))
    return _plot(metric, bars(dots, _(metric.title), percent=metric.share))


def _forests(board: Board, colours: Mapping[str, int]) -> list[dict[str, str]]:
    plots = []
    for metric in board.metrics:
        if not metric.better:
            continue
        dots = []
        for number, standing in enumerate(board.standings, start=1):
            found = standing.differences.get(metric.name)
            if found is None:
                continue
            text = written(found.mean, metric, sign=True)
            title = _("{label} against {reference}: {difference}, more {wins}, less {losses}")
            title = title.format(
                label=standing.label,
                reference=standing.reference,
                difference=text,
                wins=found.wins,
                losses=found.losses,
            )
            colour = colours[standing.label]
            dots.append(Dot(number, colour, found.mean, 0, found.low, found.high, title, text))
        if dots:
            plots.append(_plot(metric, forest(dots, _(metric.title), percent=metric.share)))
    return plots


def _plot(metric: Metric, svg: str) -> dict[str, str]:
    direction = {1: _("more is better"), -1: _("less is better"), 0: ""}[metric.better]
    about = f"{_(metric.about)} · {direction}" if direction else _(metric.about)
    return {"title": _(metric.title), "about": about, "svg": svg}


def _items_about(board: Board, main: Metric | None) -> str:
    told = _("Facts that the article does not hold are underlined.")
    if main is not None:
        told = (
            _("By {metric}, mean of all configurations.").format(metric=_(main.title)) + " " + told
        )
    if len(board.items) > MOST_ITEMS:
        told += " " + _("Shown are {count} of {total}.").format(
            count=MOST_ITEMS, total=len(board.items)
        )
    return told


def _items(board: Board, main: Metric | None, colours: Mapping[str, int]) -> list[dict[str, Any]]:
    ranked = worst_first(board.items, [one.scored for one in board.standings], main)
    return [
        {
            "name": item.name,
            "title": item.question or item.article.title or item.article.text.strip()[:40],
            "score": written(mean, main) if mean is not None and main else "–",
            "references": item.references,
            "expected": [fact.text for fact in item.expected],
            "unanswerable": item.answerable is False,
            "excerpt": excerpt(item),
            "outputs": _outputs(item, board, colours),
        }
        for item, mean in ranked[:MOST_ITEMS]
    ]


def _outputs(item: Item, board: Board, colours: Mapping[str, int]) -> list[dict[str, Any]]:
    found = []
    for number, standing in enumerate(board.standings, start=1):
        scored = standing.scored
        if item.name not in scored.outputs and item.name not in scored.errors:
            continue
        output = scored.outputs.get(item.name)
        found.append(
            {
                "number": number,
                "colour": colours[standing.label],
                "label": standing.label,
                "error": scored.errors.get(item.name, ""),
                "pieces": _marked(output.text, scored.unsupported[item.name]) if output else [],
                "refused": item.name in scored.refused,
                "missing": " · ".join(scored.missing.get(item.name, ())),
                "chips": _chips(item, standing, shown(board)),
            }
        )
    return found


def _chips(item: Item, standing: Standing, metrics: Sequence[Metric]) -> list[str]:
    chips = []
    for metric in metrics:
        value: Ratio | None = standing.scored.values.get(metric.name, {}).get(item.name)
        if value is None or not value.whole or metric.name.startswith("refused"):
            continue
        text = written(value.part / value.whole, metric)
        if metric.name in ("fact-recall", "fact-precision"):
            text = f"{value.part:g}/{value.whole:g}"
        chips.append(f"{_(metric.title)} {text}")
    return chips


def _marked(text: str, spans: Sequence[Span]) -> list[dict[str, Any]]:
    return pieces(text, [(span.start, span.end) for span in spans])


def excerpt(item: Item) -> list[dict[str, Any]]:
    """Return the article around the first reference that stands in it, else its beginning."""
    text = item.article.text
    for right in item.references:
        at = text.find(right)
        if at < 0 or len(right) > _EXCERPT:
            continue
        start, end = max(0, at - _AROUND), min(len(text), at + len(right) + _AROUND)
        shown_text = ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
        at += (1 if start else 0) - start
        return pieces(shown_text, [(at, at + len(right))])
    text = text.strip()
    return pieces(text[:_EXCERPT] + ("…" if len(text) > _EXCERPT else ""), [])
