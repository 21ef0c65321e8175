"""Articles of the library that may answer a question: any of its rare words, not all of them.

The search language wants every word of a query (docs/search.md); a question is worded otherwise
than its answer, so articles are ranked here by BM25 over an OR of its terms. Terms that very many
articles hold tell little and cost most: the rarest are taken, as many as can be read quickly.
"""

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from workbench.store.normal_form import normal_form
from workbench.store.query import Phrase, phrase_expression

MOST_TERMS = 24
MOST_POSTINGS = 60_000
"""Entries of the index that the terms taken may have together; at least ``_LEAST`` are taken."""
_LEAST = 4
_TITLE_WEIGHT, _TEXT_WEIGHT = 2.0, 1.0
_MEANT = "workbench_is_asked"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that may answer, by its id; a greater score is better."""

    article_id: int
    score: float


def candidates(
    connection: sqlite3.Connection,
    terms: Sequence[str],
    *,
    limit: int,
    among: Collection[int] | None = None,
) -> list[Candidate]:
    """Return the articles that hold most of the rare terms, the best first.

    ``terms`` are pairs of Hanzi and words, in any script; ``among`` are the only articles that
    count, None for all. Of equally good ones, the one added last comes first.
    """
    chosen = _rarest(connection, terms)
    if not chosen or (among is not None and not among):
        return []
    expression = " OR ".join(chosen)
    condition = ""
    if among is not None:
        meant = among if isinstance(among, (set, frozenset)) else frozenset(among)
        connection.create_function(_MEANT, 1, meant.__contains__)
        condition = f"AND {_MEANT}(rowid)"
    try:
        rows = connection.execute(
            f"SELECT rowid, bm25(search_index, {_TITLE_WEIGHT}, {_TEXT_WEIGHT}) AS score"
            f" FROM search_index WHERE search_index MATCH ? {condition}"
            " ORDER BY score, rowid DESC LIMIT ?",
            (expression, limit),
        ).fetchall()
    finally:
        if among is not None:
            connection.create_function(_MEANT, 1, None)
    return [Candidate(article_id, -score) for article_id, score in rows]


def _rarest(connection: sqlite3.Connection, terms: Sequence[str]) -> list[str]:
    """Return the rarest terms, in the language of FTS5; terms the index does not hold left out.

    A term of several tokens, such as 3.5, counts as the rarest of them.
    """
    connection.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_terms"
        " USING fts5vocab('main', 'search_index', 'row')"
    )
    counted: dict[str, int] = {}
    for term in dict.fromkeys(terms):
        if text := normal_form(term).text:
            phrase = phrase_expression(Phrase(text))
            words = phrase.strip(' *"').split(" ")
            counted[phrase] = min(_documents(connection, word) for word in words)
    known = sorted((number, phrase) for phrase, number in counted.items() if number)
    chosen: list[str] = []
    postings = 0
    for number, phrase in known[:MOST_TERMS]:
        postings += number
        if len(chosen) >= _LEAST and postings > MOST_POSTINGS:
            break
        chosen.append(phrase)
    return chosen


def _documents(connection: sqlite3.Connection, token: str) -> int:
    row = connection.execute(
        "SELECT doc FROM temp.search_terms WHERE term = ?", (token,)
    ).fetchone()
    return int(row[0]) if row else 0
