"""``workbench eval``: models and templates held against a dataset."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from workbench.cli.evaluation_progress import EvaluationProgress
from workbench.cli.leaderboard import put_leaderboard
from workbench.cli.options import parse_variables, running_options
from workbench.cli.output import put_json, say
from workbench.engine.protocol import Sampling
from workbench.errors import UsageError
from workbench.evaluation.board import boards, to_json
from workbench.evaluation.datasets import LoadOptions, load
from workbench.evaluation.datasets.tables import Columns
from workbench.evaluation.items import Dataset
from workbench.evaluation.ledger import FILE, Ledger
from workbench.evaluation.matrix import Piece, outstanding, pieces, run
from workbench.evaluation.metrics.table import METRICS, Metric, chosen
from workbench.evaluation.ways import Way, WayOptions, default_names, find_ways
from workbench.evaluation.writing import write_files
from workbench.i18n import _
from workbench.settings import LENGTHS, SCRIPTS, Settings, settings_with
from workbench.tasks.session import Session


@click.command("eval", help=_("Hold models and templates against a dataset, and report."))
@click.argument("dataset", metavar="DATASET")
@click.option(
    "-m",
    "--model",
    "models",
    multiple=True,
    metavar="NAME|PATH|openai:URL",
    help=_("A model; repeat it to compare several."),
)
@click.option(
    "-p",
    "--template",
    "templates",
    multiple=True,
    metavar="NAME|FILE|baseline[:FILE]",
    help=_("A template; repeat it to compare several. 'baseline': by hand."),
)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FOLDER",
    help=_("Where results are kept, and gone on with."),
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help=_("Only so many items, drawn by --seed."),
)
@click.option(
    "--offset",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help=_("Pass over the first N of those drawn."),
)
@click.option(
    "--unanswerable",
    type=click.Choice(["swap"]),
    help=_("Also put each question to an article that does not answer it."),
)
@click.option("--text", default="", metavar="COLUMN", help=_("Column of the text in a table."))
@click.option("--reference", default="", metavar="COLUMN", help=_("Column of the reference."))
@click.option("--question", default="", metavar="COLUMN", help=_("Column of the question."))
@click.option("--length", type=click.Choice(LENGTHS), help=_("How long the result is."))
@click.option("--script", type=click.Choice(SCRIPTS), help=_("Script of the result."))
@click.option(
    "--var",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    help=_("A variable of the templates that have it."),
)
@click.option("--verify", is_flag=True, help=_("Have the model look at what it wrote again."))
@click.option(
    "--metrics", metavar="NAME,…", help=_("Only these: {names}.").format(names=", ".join(METRICS))
)
@click.option("--report-only", is_flag=True, help=_("Ask no model: report what is in the folder."))
@click.option("--json", "as_json", is_flag=True, help=_("Print the leaderboard as JSON."))
@running_options
def command(
    dataset: str,
    models: tuple[str, ...],
    templates: tuple[str, ...],
    output: str,
    limit: int | None,
    offset: int,
    unanswerable: str | None,
    text: str,
    reference: str,
    question: str,
    length: str | None,
    script: str | None,
    variables: tuple[str, ...],
    verify: bool,
    metrics: str | None,
    report_only: bool,
    as_json: bool,
    **flags: Any,
) -> int:
    """Do what is outstanding, then report on all that the folder holds of these items."""
    settings = settings_with(length=length, script=script, **flags)
    measured = chosen([name.strip() for name in (metrics or "").split(",") if name.strip()])
    if report_only and (models or templates):
        raise click.UsageError(_("--report-only reports all of the folder: leave out -m and -p"))
    columns = Columns(text, reference, question)
    found = load(
        Path(dataset).expanduser(),
        LoadOptions(limit, offset, settings.seed, unanswerable == "swap", columns),
    )
    for notice in found.notices:
        say(notice)
    folder = Path(output).expanduser()
    if report_only:
        return _report(found, _ledger(folder), measured, as_json=as_json)
    names = templates or default_names(found, settings.template)
    ways = find_ways(names, found, _options(settings, parse_variables(variables), verify=verify))
    return _evaluate(found, ways, models, settings, folder, measured, as_json=as_json)


def _options(settings: Settings, variables: dict[str, str], *, verify: bool) -> WayOptions:
    return WayOptions(
        length=settings.length,
        script=settings.script,
        sampling=Sampling(temperature=settings.temperature, seed=settings.seed),
        variables=variables,
        context=settings.context,
        kv_type=settings.kv_type,
        verify=verify,
    )


def _evaluate(
    dataset: Dataset,
    ways: Sequence[Way],
    models: Sequence[str],
    settings: Settings,
    folder: Path,
    metrics: Sequence[Metric],
    *,
    as_json: bool,
) -> int:
    named = dict.fromkeys(models) or [settings.model]
    with EvaluationProgress() as progress, Ledger(folder) as ledger:
        for notice in ledger.notices:
            say(notice)
        sessions = [
            Session(replace(settings, model=name), progress.loading, progress.notice)
            for name in named
        ]
        work = [(session, pieces(session.model, ways, dataset)) for session in sessions]
        _announce(dataset, work, ledger, progress)
        try:
            failed = run(work, ledger, progress)
        except KeyboardInterrupt:
            progress.clear()
            say(_("what is done is kept in {path}: the same command goes on").format(path=folder))
            raise
    _report(dataset, ledger, metrics, as_json=as_json)
    return 1 if failed else 0


def _announce(
    dataset: Dataset,
    work: Sequence[tuple[Session, Sequence[Piece]]],
    ledger: Ledger,
    progress: EvaluationProgress,
) -> None:
    total = sum(len(planned) for _session, planned in work)
    left = sum(len(outstanding(planned, ledger)) for _session, planned in work)
    progress.start(total, total - left)
    say(
        _("{name}: {items} items, {all} in all; {total} outputs, {done} are there").format(
            name=dataset.name,
            items=len(dataset.items),
            all=dataset.total,
            total=total,
            done=total - left,
        )
    )


def _ledger(folder: Path) -> Ledger:
    ledger = Ledger(folder)
    if not ledger.path.is_file():
        raise UsageError(
            _("holds no {name}").format(name=FILE),
            path=folder,
            fix=_("Run it without --report-only first."),
        )
    return ledger.load()


def _report(dataset: Dataset, ledger: Ledger, metrics: Sequence[Metric], *, as_json: bool) -> int:
    found = boards(dataset, ledger, metrics)
    if not found:
        raise UsageError(
            _("holds no output for these items"),
            path=ledger.folder,
            fix=_("Give the --limit, --offset, --seed and --unanswerable it was made with."),
        )
    paths = write_files(ledger.folder, dataset, found)
    if as_json:
        put_json(to_json(dataset, found, items=False))
    else:
        for board in found:
            put_leaderboard(board)
    for path in paths:
        say(_("wrote {path}").format(path=path))
    return 1 if any(standing.failed for board in found for standing in board.standings) else 0
