"""``workbench compare``: two to twenty articles in, what they share and where they differ out."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from workbench.articles.model import Article
from workbench.cli.options import article_options, model_options, parse_variables, read_options
from workbench.cli.output import complain, put, say
from workbench.cli.progress import SummaryProgress
from workbench.engine.protocol import Sampling
from workbench.errors import ArticleNotice, UsageError, WorkbenchError
from workbench.i18n import _
from workbench.prompting.library import find_template
from workbench.prompting.render import check_variables
from workbench.prompting.template import Template
from workbench.settings import LENGTHS, SCRIPTS, Settings, settings_with
from workbench.tasks.compare.output import check_writable, format_of, rendered, write
from workbench.tasks.compare.task import MOST, CompareOptions, compare, require_number
from workbench.tasks.events import ArticleBegins, TaskEvent
from workbench.tasks.intake import Intake
from workbench.tasks.recording import Recorder
from workbench.tasks.session import Session
from workbench.tasks.template_check import check_template
from workbench.tasks.views import FORMATS

TEMPLATE = "comparison"
"""The template that writes digests where none is asked for."""


@click.command("compare", help=_("Compare articles: what they share, where they differ."))
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option(
    "-p", "--template", "template_name", metavar="NAME|FILE", help=_("The template to use.")
)
@click.option("--length", type=click.Choice(LENGTHS), help=_("How long the digests are."))
@click.option(
    "--script",
    type=click.Choice(SCRIPTS),
    help=_("Script of the result; keep: that of the articles."),
)
@click.option(
    "--var",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    help=_("A variable of the template."),
)
@model_options
@article_options
@click.option("--format", type=click.Choice(list(FORMATS)), help=_("How the result is laid out."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON, as --format json does."))
@click.option("-o", "--output", metavar="FILE", help=_("Write to this file; its name may say how."))
def command(
    paths: tuple[str, ...],
    template_name: str | None,
    format: str | None,
    as_json: bool,
    output: str | None,
    encoding: str | None,
    raw: bool,
    column: str | None,
    lines: bool | None,
    variables: tuple[str, ...],
    **flags: Any,
) -> int:
    """Compare all articles named; one that cannot be read stops the rest: a table needs all."""
    settings = settings_with(**flags)
    given = parse_variables(variables)
    target = Path(output) if output is not None else None
    with _wrong_use():
        template = find_template(template_name or TEMPLATE)
        check_template(template)
        _require_comparing(template)
        check_variables(template, given)
        if target is not None:
            check_writable(target)
    layout = format or ("json" if as_json else format_of(target) if target else "text")
    reading = read_options(settings, encoding=encoding, raw=raw, column=column, lines=lines)
    intake = Intake(paths, reading)
    if intake.total > MOST:
        require_number(intake.total)
    articles, failed = _articles(intake)
    if failed:
        return 1
    require_number(len(articles))
    options = CompareOptions(
        length=settings.length,
        script=settings.script,
        sampling=Sampling(temperature=settings.temperature, seed=settings.seed),
        variables=given,
    )
    with (
        _Progress(settings) as progress,
        Session(settings, progress.loading, progress.notice) as session,
        Recorder(progress.notice) as recorder,
    ):
        say(
            _("model: {name} ({reason}); template: {template}").format(
                name=session.name, reason=session.reason, template=template.name
            )
        )
        found = compare(articles, template, session.engine, session.model, options, progress)
        progress.clear()
        recorder.record(articles, found)
    if target is not None:
        write(found, target, layout)
        say(_("wrote {path}").format(path=target))
    else:
        put(rendered(found, layout, shutil.get_terminal_size((100, 24)).columns))
    return 0


class _Progress(SummaryProgress):
    """Follows a comparison: which article, and how far its digest is."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)

    def __call__(self, event: TaskEvent) -> None:
        """Show what the task reports."""
        if isinstance(event, ArticleBegins):
            name = Path(event.name).name
            self.name = f"{event.number}/{event.total} {name}"
            return
        super().__call__(event)


def _articles(intake: Intake) -> tuple[list[Article], int]:
    """Read everything that is named; return the articles and how many inputs failed."""
    failed = len(intake.errors)
    for notice in intake.notices:
        say(notice)
    for error in intake.errors:
        complain(str(error))
    articles = []
    for _number, outcome in intake:
        if isinstance(outcome, Article):
            articles.append(outcome)
        elif isinstance(outcome, ArticleNotice):
            say(str(outcome))
        else:
            complain(str(outcome))
            failed += 1
    return articles, failed


def _require_comparing(template: Template) -> None:
    """Refuse a template that writes no points: a digest is made of them."""
    if template.task == "ask" or template.output != "points":
        raise UsageError(
            _("the template {name!r} does not write digests to compare").format(name=template.name),
            fix=_("Choose one of task 'compare' and output 'points', such as 'comparison'."),
        )


@contextmanager
def _wrong_use() -> Iterator[None]:
    """Before any article is read, what cannot be done was asked for wrongly."""
    try:
        yield
    except WorkbenchError as error:
        raise UsageError(error.what, path=error.path, fix=error.fix) from error
