"""``workbench batch``: folders of articles turned into results, each piece of work done once."""

import contextlib
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from workbench.batch.batch import Batch, Outcome
from workbench.batch.job import GROUPINGS, ORDERS, Job
from workbench.batch.job_file import read_job, write_job
from workbench.batch.plan import Plan, planned
from workbench.batch.reading import Status, status
from workbench.batch.reports.rows import FORMATS, SPLITS
from workbench.batch.stopping import Stop, on_signals
from workbench.cli.batch_progress import BatchProgress
from workbench.cli.evaluation_progress import duration
from workbench.cli.options import article_options, parse_variables, running_options
from workbench.cli.output import complain, put, put_json, put_table, say
from workbench.cli.status_line import StatusLine
from workbench.errors import UsageError
from workbench.i18n import _
from workbench.prompting.template import TASKS
from workbench.settings import LENGTHS, SCRIPTS, UNSUPPORTED
from workbench.sizes import gigabytes
from workbench.tasks.summary.length import LEAST, MOST

_RUNNING = (
    *("context", "threads", "gpu_layers", "main_gpu", "tensor_split", "kv_type", "lora"),
    *("sequences", "lookup", "temperature", "seed", "names"),
)


class _BatchCommand(click.Command):
    """A command whose first word may be ``status``: then it is that command."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        if args[:1] == ["status"] and not Path("status").exists():
            return status_command.make_context(f"{info_name} status", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@click.command("status", help=_("Say how a batch stands, also while it runs."))
@click.argument("folder", metavar="FOLDER")
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def status_command(folder: str, as_json: bool) -> int:
    """Print how the batch in a folder stands."""
    found = status(Path(folder).expanduser())
    if as_json:
        put_json(found.to_json())
    else:
        _put_status(found)
    return 0


@click.command(
    "batch",
    cls=_BatchCommand,
    help=_(
        "Do a night's work: every template, question or comparison on every article, by every"
        " model. What is done is kept, and the same command goes on where it stopped."
    ),
    epilog=_("'workbench batch status FOLDER' says how a batch stands, also while it runs."),
)
@click.argument("inputs", nargs=-1, metavar="INPUT…")
@click.option("--job", "job_file", metavar="FILE", help=_("A job file; options change it."))
@click.option("--save", metavar="FILE", help=_("Write all this as a job file, and do nothing."))
@click.option("--check", is_flag=True, help=_("Print what it comes to, and do nothing."))
@click.option("--report-only", is_flag=True, help=_("Write the reports anew, and ask no model."))
@click.option(
    "-p",
    "--template",
    "templates",
    multiple=True,
    metavar="NAME|FILE",
    help=_("A template; repeat it for several."),
)
@click.option(
    "-m",
    "--model",
    "models",
    multiple=True,
    metavar="NAME|PATH|openai:URL",
    help=_("A model; repeat it for several."),
)
@click.option("--spread", is_flag=True, help=_("The models are servers that share the work."))
@click.option("--on", metavar="ray|ray://HOST:PORT", help=_("Work on a Ray cluster."))
@click.option("-o", "--output", metavar="FOLDER", help=_("Where results are kept."))
@click.option("--task", type=click.Choice(TASKS), help=_("What is done; else summarize."))
@click.option("--pairs", metavar="FILE", help=_("Compare the articles named in each line."))
@click.option("--group-by", type=click.Choice(GROUPINGS), help=_("Compare what shares this."))
@click.option("--ask", metavar="FILE", help=_("Put each question, one a line, to each article."))
@click.option("--length", type=click.Choice(LENGTHS), help=_("How long a result is."))
@click.option("--script", type=click.Choice(SCRIPTS), help=_("Script of the results."))
@click.option(
    "--characters",
    type=click.IntRange(LEAST, MOST),
    metavar="N",
    help=_("Characters of all points together, within 15 %, in place of --length."),
)
@click.option("--unsupported", type=click.Choice(UNSUPPORTED), help=_("Mark or drop such points."))
@click.option("--verify", is_flag=True, help=_("Have the model look at what it wrote again."))
@click.option(
    "--var",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    help=_("A variable of the templates that have it."),
)
@click.option(
    "--format",
    "formats",
    type=click.Choice(FORMATS),
    multiple=True,
    help=_("A format of the reports; repeat it for several."),
)
@click.option("--split-by", type=click.Choice(SPLITS), help=_("A set of reports for each."))
@click.option("--title", metavar="TEXT", help=_("Title of the reports."))
@click.option("--order", type=click.Choice(ORDERS), help=_("Which articles are done first."))
@click.option(
    "--only",
    multiple=True,
    metavar="PATTERN",
    help=_("Only articles with this in name or title; may be given again."),
)
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help=_("Only so many articles."))
@click.option("--retry-failed", is_flag=True, help=_("Do again what failed before."))
@click.option("--notify", metavar="COMMAND", help=_("Run this at the end."))
@click.option(
    "--patience",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help=_("Stop when no server has answered for so long; else 600."),
)
@click.option("--json", "as_json", is_flag=True, help=_("Print the outcome or the plan as JSON."))
@running_options
@article_options
def command(
    inputs: tuple[str, ...],
    job_file: str | None,
    save: str | None,
    check: bool,
    report_only: bool,
    ask: str | None,
    variables: tuple[str, ...],
    retry_failed: bool,
    as_json: bool,
    **flags: Any,
) -> int:
    """Plan, do or report a batch."""
    job = read_job(Path(job_file).expanduser()) if job_file else Job()
    job = _with_flags(job, inputs, ask, parse_variables(variables), flags)
    batch = Batch(job)
    if save is not None:
        write_job(batch.job, Path(save).expanduser())
        say(_("wrote {path}").format(path=save))
        return 0
    if check:
        return _check(batch.job, as_json=as_json)
    if report_only:
        for path in batch.report():
            say(_("wrote {path}").format(path=path))
        return 0
    outcome = _run(batch, retry_failed=retry_failed)
    if as_json:
        put_json(outcome.to_json())
    _tell(outcome, batch)
    return outcome.status


def _with_flags(
    job: Job,
    inputs: Sequence[str],
    ask: str | None,
    variables: dict[str, str],
    flags: dict[str, Any],
) -> Job:
    """Put what was given on the command line over a job file."""
    settings = {name: value for name in _RUNNING if (value := flags.pop(name, None)) is not None}
    given = {name: value for name, value in flags.items() if value not in (None, (), False, "")}
    if flags.get("lines") is not None:
        given["lines"] = flags["lines"]
    if inputs:
        given["inputs"] = tuple(inputs)
    if ask is not None:
        given |= {"questions": _questions(Path(ask).expanduser()), "task": "ask"}
        if flags.get("task") not in (None, "ask"):
            raise click.UsageError(_("--ask is for the task 'ask'"))
    if "task" not in given and (given.get("pairs") or given.get("group_by")):
        given["task"] = "compare"
    return replace(
        job,
        **given,
        variables={**job.variables, **variables},
        settings={**job.settings, **settings},
    )


def _questions(path: Path) -> tuple[str, ...]:
    """Read a file of questions: one a line, but empty lines and those that begin with ``#``."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UsageError(
            _("cannot be read: {reason}").format(reason=error.strerror or error), path=path
        ) from None
    except UnicodeDecodeError:
        raise UsageError(_("is not UTF-8"), path=path) from None
    found = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not found:
        raise UsageError(_("holds no question"), path=path, fix=_("Write one a line."))
    return tuple(dict.fromkeys(found))


def _run(batch: Batch, *, retry_failed: bool) -> Outcome:
    stop = Stop()
    with contextlib.ExitStack() as stack:
        if threading.current_thread() is threading.main_thread():
            stack.enter_context(on_signals(stop))
        progress = stack.enter_context(BatchProgress())
        return batch.run(progress, stop=stop, retry_failed=retry_failed)


def _tell(outcome: Outcome, batch: Batch) -> None:
    """Say on standard error how it ended, what failed and why."""
    for path in outcome.files:
        say(_("wrote {path}").format(path=path))
    for problem in outcome.problems:
        complain(problem)
    for failure in outcome.failures:
        complain(f"{failure.name} · {failure.template} · {failure.model}: {failure.error}")
    more = outcome.failed - len(outcome.failures)
    if more > 0:
        say(_("and {count} more: see the reports").format(count=more))
    line = _("{done} results, {before} of them from before; {failed} failed; {time}").format(
        done=outcome.done,
        before=outcome.before,
        failed=outcome.failed,
        time=duration(outcome.seconds),
    )
    say(line)
    if outcome.state != "done":
        say(_("what is done is kept in {path}: the same command goes on").format(path=batch.folder))


def _check(job: Job, *, as_json: bool) -> int:
    line = StatusLine()

    def seen(number: int, total: int) -> None:
        line.show("reading", _("reading {number}/{total}").format(number=number, total=total))

    with line:
        found = planned(job, seen)
    if as_json:
        put_json(found.to_json())
    else:
        _put_plan(found)
    return 0 if found.fits and not any(share.problem for share in found.shares) else 1


def _put_plan(found: Plan) -> None:
    for notice in found.notices:
        say(notice)
    for error in found.errors:
        complain(error)
    put(
        _("{articles} articles, {characters} characters, about {tokens} tokens").format(
            articles=found.articles, characters=found.characters, tokens=found.tokens
        )
    )
    if found.comparisons:
        put(_("{count} comparisons").format(count=found.comparisons))
    if found.unreadable:
        put(_("{count} articles cannot be read").format(count=found.unreadable))
    put_table(
        [
            [
                share.model,
                str(share.pieces),
                str(share.done),
                str(share.read_tokens),
                str(share.write_tokens),
                "?" if share.hours is None else f"{share.hours:.1f}",
            ]
            for share in found.shares
        ],
        [_("model"), _("pieces"), _("done"), _("to read"), _("to write"), _("hours")],
    )
    for share in found.shares:
        if share.problem:
            complain(share.problem)
        elif share.hours is None:
            say(
                _("{model}: not measured here, so its hours are not known: workbench bench").format(
                    model=share.model
                )
            )
    put(
        _("disk: about {needed} of {free} that are free").format(
            needed=gigabytes(found.disk), free=gigabytes(found.disk_free)
        )
    )
    if not found.fits:
        complain(_("the disk is too small for it"))


def _put_status(found: Status) -> None:
    states = {
        "running": _("running"),
        "done": _("done"),
        "stopped": _("stopped"),
        "failed": _("not all could be done"),
        "killed": _("killed: the same command goes on"),
    }
    put(f"{found.folder}: {states.get(found.state, found.state)}")
    put(
        _("{done} done, {failed} failed, {waiting} waiting").format(
            done=found.done, failed=found.failed, waiting=found.waiting
        )
    )
    progress = found.progress
    if found.state == "running" and progress:
        left = progress.get("seconds_left")
        put(
            _("{share:.0%} done, {units} of {total} files looked at, {rate:.0f} tokens/s").format(
                share=progress.get("share", 0.0),
                units=progress.get("units", 0),
                total=progress.get("units_total", 0),
                rate=progress.get("tokens_a_second", 0.0),
            )
        )
        put(
            _("{time} left").format(time=duration(left))
            if left is not None
            else _("time left: not known yet")
        )
        for name in progress.get("running", []):
            put(f"  {name}")
    for problem in found.problems:
        put(problem)
    for failure in found.failures:
        put(f"{failure.name} · {failure.template} · {failure.model}: {failure.error}")
