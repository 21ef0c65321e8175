"""``workbench read``: what is understood of files, before any model sees it."""

from collections.abc import Callable, Iterator
from typing import Any

import click

from workbench.articles.model import Article
from workbench.cli.article_views import as_json, as_text, cleaned_text, removed_text
from workbench.cli.file_progress import FileProgress
from workbench.cli.options import article_options, read_options
from workbench.cli.output import JsonArray, complain, one_line, put, say
from workbench.errors import ArticleError, ArticleNotice
from workbench.i18n import _
from workbench.settings import settings_with
from workbench.tasks.intake import Intake


@click.command("read", help=_("Show what is understood of files, without a model."))
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@article_options
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON, one array."))
@click.option("--text", "only_text", is_flag=True, help=_("Print the cleaned text only."))
@click.option("--removed", is_flag=True, help=_("Print only what is cleaned out, and why."))
def command(
    paths: tuple[str, ...],
    as_json: bool,
    only_text: bool,
    removed: bool,
    names: str | None,
    **flags: Any,
) -> int:
    """Read each path; the others are still read when one fails."""
    if as_json + only_text + removed > 1:
        raise click.UsageError(_("give only one of --json, --text and --removed"))
    options = read_options(settings_with(names=names), **flags)
    reading = _Reading(Intake(paths, options))
    if as_json:
        _put_array(reading)
    elif only_text:
        _put_texts(reading, cleaned_text)
    elif removed:
        _put_texts(reading, removed_text)
    else:
        for article in reading:
            put(as_text(article, raw=options.raw))
    return 1 if reading.failed else 0


class _Reading:
    """The articles that can be read; what cannot is complained of and counted on the way."""

    def __init__(self, intake: Intake):
        self._intake = intake
        self.failed = 0

    def __iter__(self) -> Iterator[Article]:
        for notice in self._intake.notices:
            say(notice)
        for error in self._intake.errors:
            self._complain(error)
        with FileProgress(self._intake.total) as progress:
            for number, outcome in self._intake:
                progress.clear()
                if isinstance(outcome, ArticleNotice):
                    say(str(outcome))
                elif isinstance(outcome, ArticleError):
                    self._complain(outcome)
                else:
                    yield outcome
                progress.reading(number, outcome)

    def _complain(self, error: ArticleError) -> None:
        complain(str(error))
        self.failed += 1


def _put_array(articles: _Reading) -> None:
    array = JsonArray()
    for article in articles:
        array.put(as_json(article))
    array.close()


def _put_texts(articles: _Reading, view: Callable[[Article], str]) -> None:
    """Print one text of each article, under its name where there are several."""
    held: Article | None = None
    several = False
    for article in articles:
        if held is not None:
            several = True
            _put_text(held, view, headed=True)
        held = article
    if held is not None:
        _put_text(held, view, headed=several)


def _put_text(article: Article, view: Callable[[Article], str], *, headed: bool) -> None:
    if headed:
        put(f"== {one_line(article.name)} ==")
    if text := view(article):
        put(text)
