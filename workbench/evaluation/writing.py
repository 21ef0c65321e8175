"""The files an evaluation leaves beside its ledger."""

import json
from collections.abc import Sequence
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.evaluation.board import Board, to_json
from workbench.evaluation.items import Dataset
from workbench.evaluation.report import render
from workbench.files import encodable, write_atomically
from workbench.i18n import _

RESULTS = "results.json"
REPORT = "report.html"


def write_files(folder: Path, dataset: Dataset, boards: Sequence[Board]) -> tuple[Path, Path]:
    """Write ``results.json`` and ``report.html`` anew; return their paths.

    WorkbenchError where the folder does not take them.
    """
    results, report = folder / RESULTS, folder / REPORT
    plain = json.dumps(to_json(dataset, boards), ensure_ascii=False, indent=1)
    try:
        write_atomically(results, encodable(plain) + "\n")
        write_atomically(report, encodable(render(dataset, boards)))
    except OSError as error:
        raise WorkbenchError(
            _("cannot be written: {reason}").format(reason=error.strerror or error),
            path=folder,
            fix=_("Free some space, or choose another folder with -o."),
        ) from None
    return results, report
