"""Searching the library's articles: which match a query, the best first, and where."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from workbench.articles.model import Span
from workbench.store.filters import Filters
from workbench.store.normal_form import NormalForm, normal_form
from workbench.store.query import Phrase, Query, parse, phrase_expression
from workbench.store.snippets import Snippet, best_snippets, highlights

RANKED = 1000
"""Of more matches than this, the ones added last are ranked, and those in titles."""
COUNTED = 10_000
"""Matches are counted up to here."""
_TITLE_WEIGHT, _TEXT_WEIGHT = 8.0, 1.0
_MEANT = "workbench_is_meant"


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that matches, and where: ``title_highlights`` are offsets into its title.

    A greater ``score`` is a better match; scores of different queries do not compare.
    """

    article_id: int
    title: str | None
    date: str | None
    source: str | None
    score: float
    title_highlights: tuple[Span, ...]
    snippets: tuple[Snippet, ...]
    snippet_texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: some ``hits`` of ``total``, which is a lower bound unless ``exact``.

    ``ranked_all`` is False where there were too many matches to rank them all.
    """

    hits: tuple[Hit, ...]
    total: int
    exact: bool
    ranked_all: bool


@dataclass(frozen=True, slots=True)
class Ranking:
    """Ids of articles that match with their scores, the best (least) first; see Found."""

    scores: tuple[tuple[int, float], ...]
    total: int
    complete: bool


def search(
    connection: sqlite3.Connection,
    query: str,
    filters: Filters | None = None,
    *,
    limit: int = 10,
    offset: int = 0,
    snippets: int = 2,
) -> Found:
    """Return the articles that match a query, the best first; docs/search.md has the language.

    Of equally good ones, the one added last comes first. Raises UsageError for a query that says
    nothing to find.
    """
    parsed = parse(query)
    ranking = ranked(connection, parsed, filters, offset + limit)
    hits = (
        _hit(connection, article_id, -score, parsed.phrases, snippets)
        for article_id, score in ranking.scores[offset : offset + limit]
    )
    found = tuple(hit for hit in hits if hit)
    return Found(
        found, ranking.total, ranking.complete or ranking.total < COUNTED, ranking.complete
    )


def ranked(
    connection: sqlite3.Connection, query: Query, filters: Filters | None, least: int
) -> Ranking:
    """Return at least ``least`` of the articles that match, where there are as many."""
    most = max(RANKED, least)
    with _filtering(connection, filters) as condition:
        scores = _ranked(connection, query.expression, condition, most + 1)
        complete = len(scores) <= most
        total = len(scores)
        if not complete:
            total = _count(connection, query.expression, condition)
            known = dict(scores[:most])
            best = min(known.values())
            for article_id in _in_titles(connection, query, condition, most):
                known.setdefault(article_id, best - 1)
            scores = list(known.items())
    scores.sort(key=lambda one: (one[1], -one[0]))
    return Ranking(tuple(scores), total, complete)


@contextmanager
def _filtering(connection: sqlite3.Connection, filters: Filters | None) -> Iterator[str]:
    """Give what follows MATCH: nothing, or a look into the set of articles that are meant.

    The set is made once for all statements of a search. As a subquery it would be made by each of
    them, which at 60,000 articles took most of the time.
    """
    if filters is None or filters == Filters():
        yield ""
        return
    condition, parameters = filters.condition()
    rows = connection.execute(f"SELECT id FROM articles WHERE {condition}", parameters)
    meant = {row[0] for row in rows}
    connection.create_function(_MEANT, 1, meant.__contains__)
    try:
        yield f"AND {_MEANT}(rowid)"
    finally:
        connection.create_function(_MEANT, 1, None)


def _ranked(
    connection: sqlite3.Connection, expression: str, condition: str, most: int
) -> list[tuple[int, float]]:
    return connection.execute(
        f"SELECT rowid, bm25(search_index, {_TITLE_WEIGHT}, {_TEXT_WEIGHT}) FROM search_index"
        f" WHERE search_index MATCH ? {condition} ORDER BY rowid DESC LIMIT {most}",
        (expression,),
    ).fetchall()


def _in_titles(
    connection: sqlite3.Connection, query: Query, condition: str, most: int
) -> list[int]:
    """Return the matches that hold one of the phrases in their titles, those added last first.

    They are not scored: for that, the index would have to count all matches once more.
    """
    within = f"{query.expression} AND {{title}} : ({_any_of(query.phrases)})"
    rows = connection.execute(
        f"SELECT rowid FROM search_index WHERE search_index MATCH ? {condition}"
        f" ORDER BY rowid DESC LIMIT {most}",
        (within,),
    )
    return [row[0] for row in rows]


def _any_of(phrases: tuple[Phrase, ...]) -> str:
    return " OR ".join(phrase_expression(Phrase(phrase.text)) for phrase in phrases)


def _count(connection: sqlite3.Connection, expression: str, condition: str) -> int:
    (number,) = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM search_index"
        f" WHERE search_index MATCH ? {condition} LIMIT {COUNTED})",
        (expression,),
    ).fetchone()
    return int(number)


def _hit(
    connection: sqlite3.Connection,
    article_id: int,
    score: float,
    phrases: tuple[Phrase, ...],
    number: int,
) -> Hit | None:
    row = connection.execute(
        "SELECT title, date, source, text FROM articles WHERE id = ?", (article_id,)
    ).fetchone()
    if row is None:
        return None  # removed from a library whose index is out of step
    title, date, source, text = row
    anywhere = tuple(phrase for phrase in phrases if not phrase.title)
    found = best_snippets(text, normal_form(text), anywhere, number)
    shown: NormalForm = normal_form(title or "")
    return Hit(
        article_id,
        title,
        date,
        source,
        score,
        highlights(shown, phrases),
        found,
        tuple(text[one.start : one.end] for one in found),
    )
