"""Measured speeds in one line."""

from workbench.i18n import _
from workbench.tasks.calibration import Calibration


def speed_line(calibration: Calibration) -> str:
    """Say how fast a model was measured to be, when, and what follows from it."""
    together = max(calibration.write_tps.values())
    line = _(
        "reads {read:.0f} and writes {write:.0f} tokens/s, {together:.0f} at best with several at"
        " once; sequences {sequences}, prompt lookup {draft}; measured {date}"
    ).format(
        read=calibration.read_tps,
        write=calibration.write_tps[min(calibration.write_tps)],
        together=together,
        sequences=calibration.sequences,
        draft=calibration.draft or _("off"),
        date=calibration.date[:10],
    )
    if calibration.busy:
        line += " " + _("while other programs kept {cores:.1f} cores busy").format(
            cores=calibration.other_load
        )
    return line
