"""The page of a report: what ``view`` lays out, put into its frame."""

from collections.abc import Sequence
from pathlib import Path

from workbench.evaluation.board import Board
from workbench.evaluation.items import Dataset
from workbench.evaluation.report.view import page_of
from workbench.i18n import _
from workbench.pages.frame import environment, page_language, style

_FOLDER = Path(__file__).parent


def render(dataset: Dataset, boards: Sequence[Board]) -> str:
    """Return the report as one HTML page, in the language of the interface.

    It holds all it needs: no script, nothing from a network, and a policy that says so. Every text
    of dataset and model is escaped.
    """
    frame = environment().from_string((_FOLDER / "page.html.j2").read_text(encoding="utf-8"))
    return frame.render(
        lang=page_language(),
        style=style(_FOLDER / "style.css"),
        page=page_of(dataset, boards),
        t=_texts(),
    )


def _texts() -> dict[str, str]:
    return {
        "title": _("Evaluation"),
        "configuration": _("model / template"),
        "count": _("items"),
        "metrics": _("Every metric"),
        "legend": _(
            "Below each mean, the interval that holds it in 95 of 100 samples of items (bootstrap)."
            " The best of a column is marked; a red number counts items that failed."
        ),
        "differences": _("Against the reference"),
        "differences_about": _(
            "Differences on the items that both did, with their 95 % intervals: where an interval"
            " does not touch 0, the difference is not chance. The reference is the baseline of the"
            " same model, else the leader."
        ),
        "failures": _("What failed"),
        "outputs": _("Outputs, worst first"),
        "reference": _("Reference"),
        "expected": _("Expected facts"),
        "unanswerable": _("The article does not answer this."),
        "article": _("Article"),
        "refused": _("refused"),
        "missing": _("Not stated:"),
    }
