"""``workbench summarize``: articles in, checked summaries out."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from workbench.articles.model import Article
from workbench.cli.options import (
    article_options,
    model_options,
    parse_variables,
    read_options,
    result_options,
)
from workbench.cli.output import complain, one_line, put, put_json, say
from workbench.cli.progress import SummaryProgress
from workbench.engine.protocol import Sampling
from workbench.errors import (
    ArticleError,
    ArticleNotice,
    EngineError,
    TemplateError,
    UsageError,
    WorkbenchError,
)
from workbench.i18n import _
from workbench.prompting.library import find_template
from workbench.prompting.render import check_variables
from workbench.settings import UNSUPPORTED, settings_with
from workbench.tasks.intake import Intake
from workbench.tasks.outcome import ResultFolder, rendered
from workbench.tasks.recording import Recorder
from workbench.tasks.result import Result
from workbench.tasks.session import Session
from workbench.tasks.summarize import SummaryOptions, summarize
from workbench.tasks.summary.length import LEAST, MOST
from workbench.tasks.template_check import check_template
from workbench.tasks.views import FORMATS


@click.command("summarize", help=_("Summarise articles, every point cited and checked."))
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@result_options
@model_options
@article_options
@click.option(
    "--format",
    "formats",
    type=click.Choice(list(FORMATS)),
    multiple=True,
    help=_("Repeat it for several, with -o. JSON is one object a line."),
)
@click.option(
    "--characters",
    type=click.IntRange(LEAST, MOST),
    metavar="N",
    help=_("Characters of all points together, within 15 %, in place of --length."),
)
@click.option(
    "--unsupported",
    type=click.Choice(UNSUPPORTED),
    help=_("What becomes of a point the article does not bear out: mark or drop it."),
)
@click.option("--verify", is_flag=True, help=_("Have the model look at every point again."))
@click.option("-o", "--output", metavar="FOLDER", help=_("Write a file for each article there."))
def command(
    paths: tuple[str, ...],
    formats: tuple[str, ...],
    output: str | None,
    encoding: str | None,
    raw: bool,
    column: str | None,
    lines: bool | None,
    variables: tuple[str, ...],
    characters: int | None,
    verify: bool,
    **flags: Any,
) -> int:
    """Summarise each path; the others are still done when one fails."""
    settings = settings_with(**flags)
    if len(formats) > 1 and output is None:
        raise click.UsageError(_("several formats need a folder: give -o FOLDER"))
    with _wrong_use():
        template = find_template(settings.template, "summarize")
        check_template(template)
    options = SummaryOptions(
        length=settings.length,
        script=settings.script,
        sampling=Sampling(temperature=settings.temperature, seed=settings.seed),
        variables=parse_variables(variables),
        characters=characters,
        unsupported=settings.unsupported,
        verify=verify,
    )
    folder = ResultFolder(Path(output)) if output is not None else None
    with _wrong_use():
        check_variables(template, options.variables)
        if folder:
            folder.prepare()
    reading = read_options(settings, encoding=encoding, raw=raw, column=column, lines=lines)
    intake = Intake(paths, reading)
    failed = _tell(intake)
    if not intake.total:
        return 1 if failed else 0
    with (
        SummaryProgress(settings) as progress,
        Session(settings, progress.loading, progress.notice) as session,
        Recorder(progress.notice) as recorder,
    ):
        say(
            _("model: {name} ({reason}); template: {template}").format(
                name=session.name, reason=session.reason, template=template.name
            )
        )
        several = False
        for number, article in intake:
            try:
                if isinstance(article, ArticleNotice):
                    progress.notice(str(article))
                    continue
                if isinstance(article, ArticleError):
                    raise article
                several = several or intake.total > 1 or article.part is not None
                name = _name(article)
                progress.name = f"{number}/{intake.total} {name}" if intake.total > 1 else name
                result = summarize(
                    article, template, session.engine, session.model, options, progress
                )
            except (ArticleError, TemplateError) as error:
                progress.clear()
                complain(str(error))
                failed += 1
                continue
            except EngineError as error:
                if not session.usable:
                    raise
                progress.clear()
                complain(str(error))
                failed += 1
                continue
            progress.clear()
            recorder.record([article], result)
            if folder is None:
                _print(result, formats[0] if formats else "text", several=several)
                continue
            for format in formats or ("markdown",):
                say(_("wrote {path}").format(path=folder.write(result, format)))
    return 1 if failed else 0


def _tell(intake: Intake) -> int:
    """Say what will not be read; return how many inputs failed."""
    for notice in intake.notices:
        say(notice)
    for error in intake.errors:
        complain(str(error))
    return len(intake.errors)


def _name(article: Article) -> str:
    name = article.path.name
    return f"{name} · {article.part}" if article.part else name


@contextmanager
def _wrong_use() -> Iterator[None]:
    """Before any article is tried, what cannot be done was asked for wrongly."""
    try:
        yield
    except WorkbenchError as error:
        raise UsageError(error.what, path=error.path, fix=error.fix) from error


def _print(result: Result, format: str, *, several: bool) -> None:
    if format == "json":
        put_json(result.to_json(), indent=None)
        return
    if several and format == "text":
        put(f"== {one_line(result.article.name)} ==")
    put(rendered(result, format))
    if several:
        put("")
