"""The articles a question is put to: all that files hold, and of the library those that may answer.

A library may hold 60,000 articles: its index names the few worth reading, whose passages are then
ranked like those of files.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from workbench.articles.document import ReadOptions
from workbench.articles.model import Article
from workbench.errors import ArticleError, ArticleNotice, WorkbenchError
from workbench.retrieval.question import Question
from workbench.store.candidates import candidates
from workbench.store.library import Library
from workbench.store.naming import articles_named
from workbench.tasks.intake import PREFIX, Intake, names_library

CANDIDATES = 24
"""So many articles of the library are looked at more closely."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Articles to ask, and what was said and went wrong on the way.

    ``library_articles`` counts the articles of the library among which some were found, None where
    the library was not asked.
    """

    articles: tuple[Article, ...]
    library_articles: int | None
    notices: tuple[str, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Articles of the library to ask, found among ``among``; the best first where it was asked."""

    article_ids: tuple[int, ...]
    among: int


def gather(question: str, inputs: Sequence[str], options: ReadOptions) -> Gathered:
    """Read what inputs name; of the library, what may answer a question that stands alone."""
    files = [one for one in inputs if not names_library(one)]
    articles: list[Article] = []
    notices: list[str] = []
    errors: list[str] = []
    if files:
        intake = Intake(files, options)
        notices += intake.notices
        errors += map(str, intake.errors)
        for _number, found in intake:
            if isinstance(found, ArticleNotice):
                notices.append(str(found))
            elif isinstance(found, ArticleError):
                errors.append(str(found))
            else:
                articles.append(found)
    library_articles: int | None = None
    if shelves := [one for one in inputs if names_library(one)]:
        chosen, library_articles, wrong = _from_library(question, shelves)
        articles += [replace(one, names=options.names) for one in chosen]
        errors += wrong
    return Gathered(tuple(articles), library_articles, tuple(notices), tuple(errors))


def library_candidates(
    library: Library, question: str, among: Collection[int] | None = None, limit: int = CANDIDATES
) -> list[int]:
    """Return the ids of articles that may answer a question, the best first."""
    terms = Question.of(question).terms
    with library.reading() as connection:
        found = candidates(connection, terms, limit=limit, among=among)
    return [one.article_id for one in found]


def choose(library: Library, question: str, meant: Collection[int] | None = None) -> Chosen:
    """Return which of the articles that are meant to put a question to that stands alone.

    None means the whole library. Up to ``CANDIDATES`` are all taken, in their order.
    """
    total = library.count() if meant is None else len(meant)
    if meant is None and total <= CANDIDATES:
        meant = articles_named(library, "") if total else ()
    if meant is not None and len(meant) <= CANDIDATES:
        return Chosen(tuple(meant), len(meant))
    found = library_candidates(library, question, None if meant is None else frozenset(meant))
    if not found:
        # Where no word is found at all, there is still something to say no about.
        found = list(meant)[:1] if meant is not None else articles_named(library, "")[:1]
    return Chosen(tuple(found), total)


def _from_library(question: str, names: Sequence[str]) -> tuple[list[Article], int, list[str]]:
    errors: list[str] = []
    meant: dict[int, None] = {}
    everything = False
    with Library.open(readonly=True) as library:
        for name in names:
            try:
                found = articles_named(library, name.removeprefix(PREFIX))
            except WorkbenchError as error:
                errors.append(str(ArticleError(error.what, path=name, fix=error.fix)))
                continue
            everything = everything or name == PREFIX
            meant |= dict.fromkeys(found)
        chosen = choose(library, question, None if everything else tuple(meant))
        articles = [library.get(article_id) for article_id in chosen.article_ids]
    return articles, chosen.among, errors
