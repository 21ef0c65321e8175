"""The leaderboard: every configuration with its means, ranked, and held against a reference."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from workbench.evaluation.arms import labels
from workbench.evaluation.baseline import NAME as BASELINE
from workbench.evaluation.items import KINDS, Dataset, Item
from workbench.evaluation.ledger import Ledger
from workbench.evaluation.metrics.table import MAIN, METRICS, Metric
from workbench.evaluation.scoring import Scored, score
from workbench.evaluation.statistics import Difference, Estimate, difference, estimate

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Standing:
    """One configuration: its means, and what it has more than the reference on the same items.

    ``reference`` names the arm it is held against, empty for that arm itself.
    """

    label: str
    scored: Scored
    estimates: dict[str, Estimate]
    reference: str
    differences: dict[str, Difference]

    @property
    def done(self) -> int:
        """Return how many items were done."""
        return len(self.scored.outputs)

    @property
    def failed(self) -> int:
        """Return how many items failed."""
        return len(self.scored.errors)


@dataclass(frozen=True, slots=True)
class Board:
    """The configurations of one kind of items, best first, and the metrics that found anything."""

    kind: str
    items: tuple[Item, ...]
    metrics: tuple[Metric, ...]
    standings: tuple[Standing, ...]

    @property
    def main(self) -> Metric | None:
        """Return the metric that ranks them, None where nothing measured is better or worse."""
        return main_metric(self.kind, self.metrics)

    def best(self, metric: Metric) -> float | None:
        """Return the best mean of a metric, None where none is better than another."""
        means = [
            standing.estimates[metric.name].mean
            for standing in self.standings
            if metric.name in standing.estimates
        ]
        if not metric.better or len(set(means)) < 2:
            return None
        return max(means) if metric.better > 0 else min(means)


def boards(dataset: Dataset, ledger: Ledger, metrics: Sequence[Metric]) -> list[Board]:
    """Return a board for each kind of items of which anything was done or tried."""
    found = []
    for kind in KINDS:
        items = dataset.of_kind(kind)
        scored = score(items, ledger, metrics, kind) if items else []
        if scored:
            found.append(_board(kind, items, scored, metrics))
    return found


def main_metric(kind: str, measured: Sequence[Metric]) -> Metric | None:
    """Return the metric that ranks: the first of ``MAIN`` that was measured, else any other."""
    names = {metric.name for metric in measured}
    main = next((METRICS[name] for name in MAIN[kind] if name in names), None)
    return main or next((metric for metric in measured if metric.better), None)


def _board(
    kind: str, items: tuple[Item, ...], scored: list[Scored], metrics: Sequence[Metric]
) -> Board:
    measured = tuple(
        metric for metric in metrics if any(metric.name in one.values for one in scored)
    )
    names = labels([one.arm for one in scored])
    estimates = {one.arm.key: _estimates(one) for one in scored}
    main = main_metric(kind, measured)

    def rank(one: Scored) -> tuple[bool, float]:
        found = estimates[one.arm.key].get(main.name) if main else None
        return found is None, -(main.better * found.mean) if main and found else 0.0

    ranked = sorted(scored, key=rank)
    standings = []
    for one in ranked:
        other = _reference(one, ranked)
        standings.append(
            Standing(
                names[one.arm.key],
                one,
                estimates[one.arm.key],
                names[other.arm.key] if other else "",
                _differences(one, other, measured) if other else {},
            )
        )
    return Board(kind, items, measured, tuple(standings))


def _estimates(scored: Scored) -> dict[str, Estimate]:
    found = {name: estimate(list(values.values())) for name, values in scored.values.items()}
    return {name: one for name, one in found.items() if one is not None}


def _reference(scored: Scored, ranked: Sequence[Scored]) -> Scored | None:
    """Return what an arm is held against: the baseline of its model, else the leader.

    The baseline itself is held against nothing, nor is the leader where there is no baseline.
    """
    if scored.arm.template.name == BASELINE:
        return None
    for other in ranked:
        if other.arm.template.name == BASELINE and other.arm.model == scored.arm.model:
            return other
    return ranked[0] if scored is not ranked[0] else None


def _differences(scored: Scored, other: Scored, metrics: Sequence[Metric]) -> dict[str, Difference]:
    found = {
        metric.name: difference(
            scored.values.get(metric.name, {}), other.values.get(metric.name, {})
        )
        for metric in metrics
    }
    return {name: one for name, one in found.items() if one is not None}


def to_json(dataset: Dataset, found: Sequence[Board], *, items: bool = True) -> dict[str, Any]:
    """Return the boards as JSON-ready values; ``items``: with every output and its scores."""
    return {
        "schema_version": SCHEMA_VERSION,
        "dataset": {
            "name": dataset.name,
            "items": len(dataset.items),
            "total": dataset.total,
        },
        "boards": [_board_json(board, items=items) for board in found],
    }


def _board_json(board: Board, *, items: bool) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "kind": board.kind,
        "ranked_by": board.main.name if board.main else None,
        "metrics": [
            {
                "name": metric.name,
                "about": metric.about,
                "better": {1: "more", -1: "less", 0: None}[metric.better],
                "share": metric.share,
            }
            for metric in board.metrics
        ],
        "configurations": [_standing_json(standing) for standing in board.standings],
    }
    if items:
        plain["items"] = [_item_json(item, board) for item in board.items]
    return plain


def _standing_json(standing: Standing) -> dict[str, Any]:
    return {
        "label": standing.label,
        **standing.scored.arm.to_json(),
        "done": standing.done,
        "failed": standing.failed,
        "metrics": {name: asdict(one) for name, one in standing.estimates.items()},
        "compared_with": standing.reference or None,
        "differences": {
            name: {**asdict(one), "certain": one.certain}
            for name, one in standing.differences.items()
        },
    }


def _item_json(item: Item, board: Board) -> dict[str, Any]:
    return {
        "name": item.name,
        "question": item.question or None,
        "answerable": item.answerable,
        "references": list(item.references),
        "outputs": [
            {
                "label": standing.label,
                "error": standing.scored.errors.get(item.name),
                "text": standing.scored.outputs[item.name].text
                if item.name in standing.scored.outputs
                else None,
                "refused": item.name in standing.scored.refused,
                "unsupported": [
                    standing.scored.outputs[item.name].text[span.start : span.end]
                    for span in standing.scored.unsupported.get(item.name, ())
                ],
                "missing": list(standing.scored.missing.get(item.name, ())),
                "scores": {
                    name: {"part": values[item.name].part, "whole": values[item.name].whole}
                    for name, values in standing.scored.values.items()
                    if item.name in values
                },
            }
            for standing in board.standings
            if item.name in standing.scored.outputs or item.name in standing.scored.errors
        ],
    }
