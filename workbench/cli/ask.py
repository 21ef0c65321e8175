"""``workbench ask``: a question in, a short answer with its evidence out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from workbench.cli.options import article_options, model_options, parse_variables, read_options
from workbench.cli.output import complain, put, put_json, say
from workbench.cli.progress import SummaryProgress
from workbench.engine.protocol import Sampling
from workbench.errors import UsageError, WorkbenchError
from workbench.i18n import _
from workbench.prompting.library import find_template
from workbench.prompting.render import check_variables
from workbench.prompting.template import Template
from workbench.settings import LENGTHS, SCRIPTS, Settings, settings_with
from workbench.tasks.ask.conversation import in_full
from workbench.tasks.ask.encoders import SmallModels
from workbench.tasks.ask.gathering import Gathered, gather
from workbench.tasks.ask.options import READINGS, AskOptions
from workbench.tasks.ask.task import Answer, ask
from workbench.tasks.ask.transcript import Transcript, last_file, load, save
from workbench.tasks.ask.views import FORMATS, rendered
from workbench.tasks.recording import Recorder
from workbench.tasks.session import Session
from workbench.tasks.template_check import check_template

_TEMPLATE = "answer"


@click.command(
    "ask",
    help=_(
        "Answer a question from articles, files or those of the library, with the evidence; or say"
        " that they do not answer it."
    ),
)
@click.argument("question")
@click.argument("inputs", nargs=-1, metavar="INPUT…")
@click.option("-p", "--template", metavar="NAME|FILE", help=_("The template to use."))
@click.option("--length", type=click.Choice(LENGTHS), help=_("How long the answer may be."))
@click.option(
    "--script",
    type=click.Choice(SCRIPTS),
    help=_("Script of the answer; keep: that of the question."),
)
@click.option(
    "--var", "variables", multiple=True, metavar="NAME=VALUE", help=_("A variable of the template.")
)
@click.option(
    "--read",
    "reading",
    type=click.Choice(READINGS),
    default="auto",
    help=_("What the model reads of an article; auto: passages where the whole costs much more."),
)
@click.option("--verify", is_flag=True, help=_("Have the model look at its answer a second time."))
@click.option(
    "--conversation",
    metavar="FILE",
    help=_("Go on with the conversation in this file, and keep it there."),
)
@click.option(
    "--continue",
    "go_on",
    is_flag=True,
    help=_("Go on with the last conversation; without an INPUT, about the same articles."),
)
@model_options
@article_options
@click.option("--format", type=click.Choice(FORMATS), default="text", help=_("How it is printed."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def command(
    question: str,
    inputs: tuple[str, ...],
    template: str | None,
    variables: tuple[str, ...],
    reading: str,
    verify: bool,
    conversation: str | None,
    go_on: bool,
    format: str,
    as_json: bool,
    encoding: str | None,
    raw: bool,
    column: str | None,
    lines: bool | None,
    **flags: Any,
) -> int:
    """Answer one question."""
    settings = settings_with(**flags)
    if go_on and conversation is not None:
        raise click.UsageError(_("give --continue or --conversation, not both"))
    with _wrong_use():
        chosen = find_template(template or _TEMPLATE, "ask")
        check_template(chosen)
        given = parse_variables(variables)
        check_variables(chosen, given)
        file = Path(conversation) if conversation is not None else last_file()
        past = load(file) if go_on or conversation is not None else Transcript()
    inputs = inputs or past.inputs
    if not inputs:
        raise click.UsageError(_("say what to ask: files, folders, or library: for all articles"))
    if not question.strip():
        raise click.UsageError(_("the question is empty"))
    options = read_options(settings, encoding=encoding, raw=raw, column=column, lines=lines)
    found = gather(in_full(question, past.turns), inputs, options)
    failed = _tell(found)
    if not found.articles:
        return 1
    answer = _answer(
        question,
        found,
        settings,
        AskOptions(
            length=settings.length,
            script=settings.script,
            sampling=Sampling(temperature=settings.temperature, seed=settings.seed),
            verify=verify,
            variables=given,
            reading=reading,
            library_articles=found.library_articles,
        ),
        chosen,
        past,
    )
    if as_json or format == "json":
        put_json(answer.to_json(), indent=None)
    else:
        put(rendered(answer, format))
    _keep(file, past.with_turn(answer.turn, tuple(inputs)), asked_for=conversation is not None)
    return 1 if failed else 0


def _answer(
    question: str,
    found: Gathered,
    settings: Settings,
    options: AskOptions,
    template: Template,
    past: Transcript,
) -> Answer:
    """Start a model, have it answer, and keep the answer in the library where its articles are."""
    with (
        SummaryProgress(settings) as progress,
        Session(settings, progress.loading, progress.notice) as session,
        SmallModels(progress.notice, threads=settings.threads) as small,
        Recorder(progress.notice) as recorder,
    ):
        say(
            _("model: {name} ({reason}); template: {template}").format(
                name=session.name, reason=session.reason, template=template.name
            )
        )
        answer = ask(
            question,
            found.articles,
            template,
            session.engine,
            session.model,
            replace(options, models=small.models),
            progress,
            past.turns,
        )
        progress.clear()
        recorder.record([found.articles[number] for number in answer.cited], answer)
    return answer


def _tell(found: Gathered) -> int:
    """Say what was not read; return how many inputs failed."""
    for notice in found.notices:
        say(notice)
    for error in found.errors:
        complain(error)
    return len(found.errors)


def _keep(path: Path, transcript: Transcript, *, asked_for: bool) -> None:
    """Keep the conversation; where the user named no file, a failure costs no more than that."""
    try:
        save(path, transcript)
    except WorkbenchError as error:
        if asked_for:
            raise
        say(str(error))


@contextmanager
def _wrong_use() -> Iterator[None]:
    """Before any article is tried, what cannot be done was asked for wrongly."""
    try:
        yield
    except WorkbenchError as error:
        raise UsageError(error.what, path=error.path, fix=error.fix) from error
