"""The leaderboard in a terminal."""

from workbench.cli.output import put, put_table
from workbench.evaluation.board import Board, Standing
from workbench.evaluation.metrics.table import Metric
from workbench.evaluation.report.scales import written
from workbench.evaluation.report.view import shown
from workbench.i18n import _


def put_leaderboard(board: Board) -> None:
    """Print one board, best first, the best of each column marked with a star."""
    metrics = shown(board)
    headings = ["", _("model / template"), _("items"), *(_(metric.title) for metric in metrics)]
    failed = any(standing.failed for standing in board.standings)
    if failed:
        headings.insert(3, _("failed"))
    rows = []
    for number, standing in enumerate(board.standings, start=1):
        row = [str(number), standing.label, str(standing.done)]
        if failed:
            row.append(str(standing.failed))
        rows.append([*row, *(_cell(board, standing, metric) for metric in metrics)])
    headings, *rows = _aligned([headings, *rows])
    put_table(rows, headings)
    put("")


def _cell(board: Board, standing: Standing, metric: Metric) -> str:
    found = standing.estimates.get(metric.name)
    if found is None:
        return "- "
    return written(found.mean, metric) + ("*" if found.mean == board.best(metric) else " ")


def _aligned(rows: list[list[str]]) -> list[list[str]]:
    """Put numbers under each other, and their headings over them; names stay at the left."""
    from rich.cells import cell_len

    widths = [max(cell_len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        [
            text if i == 1 else " " * (widths[i] - cell_len(text)) + text
            for i, text in enumerate(row)
        ]
        for row in rows
    ]
