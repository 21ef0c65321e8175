"""``workbench bench``: how fast a model is on this machine, remembered for later."""

from typing import Any

import click

from workbench.cli.options import model_options
from workbench.cli.output import put, put_json, put_table, say
from workbench.cli.status_line import StatusLine
from workbench.engine.protocol import LoadEvent, Loading
from workbench.i18n import _
from workbench.settings import Settings, settings_with
from workbench.tasks.calibrate import Calibrator, Observer
from workbench.tasks.calibration import Calibration, Sample, choose_draft, choose_sequences
from workbench.tasks.calibration_files import to_json
from workbench.tasks.measuring import Measuring


@click.command(
    "bench",
    help=_("Measure a model on this machine, in about a minute; later commands use what is found."),
)
@model_options
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def command(as_json: bool, **flags: Any) -> None:
    """Measure one model and print what was found and what follows from it."""
    settings = settings_with(**flags)
    with _Progress() as progress:
        calibrator = Calibrator(
            settings, Observer(progress.loading, progress.measuring, progress.notice)
        )
        say(_("model: {name} ({reason})").format(name=calibrator.name, reason=calibrator.reason))
        calibration, path = calibrator.run()
    if as_json:
        put_json({"model": calibrator.name, "file": str(path), **summary(calibration, settings)})
        return
    put_table(rows(calibration), [_("what"), _("tokens/s"), _("spread"), _("compared")])
    for line in conclusions(calibration, settings):
        put(line)
    say(_("stored: {path}").format(path=path))


def summary(calibration: Calibration, settings: Settings) -> dict[str, Any]:
    """Return what was measured, the medians and what is going to be used."""
    return {
        "medians": {
            "read_tps": calibration.read_tps,
            "write_tps": calibration.write_tps,
            "lookup": calibration.lookup,
            "lookup_prose": {n: sample.median for n, sample in calibration.prose.items()},
        },
        "used": {
            "sequences": choose_sequences(settings.sequences, calibration),
            "draft": choose_draft(settings.lookup, calibration),
        },
        "measured": to_json(calibration),
    }


def rows(calibration: Calibration) -> list[list[str]]:
    """Return the rows of the table: speeds, and what they are compared with."""
    alone = calibration.writing[1].median
    found = [
        _row(
            _("reading, {tokens} tokens").format(tokens=calibration.prompt_tokens),
            calibration.reading,
            "",
        )
    ]
    for number, sample in calibration.writing.items():
        compared = f"× {sample.median / alone:.2f}" if number > 1 else ""
        found.append(_row(_("writing, {number} at once").format(number=number), sample, compared))
    for label, samples in (
        (_("lookup of {draft}, quoting"), calibration.quoting),
        (_("lookup of {draft}, other text"), calibration.prose),
    ):
        for draft, sample in samples.items():
            row = _row(label.format(draft=draft), sample, f"× {sample.median:.2f}")
            found.append([row[0], "", *row[2:]])
    return found


def conclusions(calibration: Calibration, settings: Settings) -> list[str]:
    """Say what is used from now on, and why."""
    sequences = choose_sequences(settings.sequences, calibration)
    draft = choose_draft(settings.lookup, calibration)
    return [
        _("sequences: {number} ({why})").format(
            number=sequences,
            why=_("as set")
            if settings.sequences
            else _("the fewest within 5 % of the best speed measured"),
        ),
        _("prompt lookup: {draft} ({why})").format(
            draft=draft or _("off"),
            why=_("as set") if settings.lookup != "auto" else _why(calibration),
        ),
    ]


def _why(calibration: Calibration) -> str:
    if not calibration.quoting:
        return _("this model cannot take guesses back")
    if not calibration.steady:
        return _("the speeds vary too much to tell; measure again on a calm machine")
    if calibration.draft:
        return _("the draft that gains most")
    return _("no draft gains 10 %")


def _row(label: str, sample: Sample, compared: str) -> list[str]:
    spread = f"{sample.spread:.0%}" if len(sample.values) > 1 else "–"
    return [label, f"{sample.median:.1f}", spread, compared]


class _Progress(StatusLine):
    """Follows a measurement: loading, then part n of m."""

    def loading(self, event: LoadEvent) -> None:
        """Show how far loading is; the model is loaded several times."""
        if isinstance(event, Loading):
            self.show("loading", _("loading the model {share:.0%}").format(share=event.progress))

    def measuring(self, event: Measuring) -> None:
        """Show what is measured now, and how much of all that is done."""
        what = {
            "probing": _("how much can be measured in a minute"),
            "reading": _("reading"),
            "writing": _("writing"),
            "lookup": _("prompt lookup"),
        }[event.what]
        share = event.done / event.total if event.total else 0.0
        self.show("measuring", _("measuring {share:.0%}: {what}").format(share=share, what=what))
