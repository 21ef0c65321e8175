"""How the values of metrics are written."""

from workbench.evaluation.metrics.table import Metric


def written(value: float, metric: Metric, *, sign: bool = False) -> str:
    """Write a value of a metric: shares as percentages without their sign."""
    value = 100 * value if metric.share else value
    digits = 1 if metric.share or abs(value) < 100 else 0
    return f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"
