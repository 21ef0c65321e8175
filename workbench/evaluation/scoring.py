"""From outputs to what each metric finds in them; no model is needed, and none is asked again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from workbench.articles.model import Span
from workbench.evaluation.arms import Arm
from workbench.evaluation.items import Item
from workbench.evaluation.ledger import Ledger, key_of
from workbench.evaluation.metrics.case import Case, Output, Ratio, Subject
from workbench.evaluation.metrics.facts import missing
from workbench.evaluation.metrics.refusals import refused
from workbench.evaluation.metrics.table import Metric


@dataclass(slots=True)
class Scored:
    """What one arm did with the items, by their names.

    ``values`` are by metric and item. ``unsupported`` are the places in outputs of facts that
    the article does not hold; ``missing`` the expected ones that are not stated; ``refused`` the
    items that were refused.
    """

    arm: Arm
    outputs: dict[str, Output] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, Ratio]] = field(default_factory=dict)
    unsupported: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    missing: dict[str, tuple[str, ...]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)


def score(
    items: Sequence[Item], ledger: Ledger, metrics: Sequence[Metric], kind: str
) -> list[Scored]:
    """Score every arm of the ledger that did any of the items, all of one kind."""
    arms = {key: arm for key, arm in ledger.arms.items() if arm.kind == kind}
    found = {key: Scored(arm) for key, arm in arms.items()}
    measured = [metric for metric in metrics if kind in metric.kinds]
    for item in items:
        subject = Subject(item)  # one at a time: its tables are large
        for key, arm in arms.items():
            entry = ledger.entries.get(key_of(item, arm))
            if entry is None:
                continue
            if entry.output is None:
                found[key].errors[item.name] = entry.error
            else:
                _score(found[key], Case(subject, entry.output), measured)
    return [one for one in found.values() if one.outputs or one.errors]


def _score(scored: Scored, case: Case, metrics: Sequence[Metric]) -> None:
    name = case.item.name
    scored.outputs[name] = case.output
    for metric in metrics:
        value = metric.measure(case)
        if value is not None:
            scored.values.setdefault(metric.name, {})[name] = value
    scored.unsupported[name] = case.unsupported_spans
    scored.missing[name] = tuple(fact.text for fact in missing(case))
    if refused(case.output):
        scored.refused.add(name)


def worst_first(
    items: Sequence[Item], scored: Sequence[Scored], by: Metric | None
) -> list[tuple[Item, float | None]]:
    """Return the items with their mean over the arms, worst first; those without one come last."""
    if by is None:
        return [(item, None) for item in items]
    means = [(item, _mean(item.name, scored, by.name)) for item in items]
    sign = -1.0 if by.better < 0 else 1.0
    return sorted(means, key=lambda pair: (pair[1] is None, sign * (pair[1] or 0.0)))


def _mean(name: str, scored: Sequence[Scored], metric: str) -> float | None:
    values: list[float] = []
    for one in scored:
        of_metric: Mapping[str, Ratio] = one.values.get(metric, {})
        if name in of_metric and of_metric[name].whole:
            values.append(of_metric[name].part / of_metric[name].whole)
        elif name in one.errors:
            values.append(0.0)
    return sum(values) / len(values) if values else None
