"""Articles to pick from: those that match words in either script, or all in the order they came."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.store.library import Library
from workbench.store.search import search

MOST_SHOWN = 200
"""So many articles are offered at a time; words narrow them down."""


@dataclass(frozen=True, slots=True)
class Pickable:
    """An article that can be picked; ``title`` is never empty."""

    id: int
    title: str
    date: str
    source: str


def offered(library: Library, words: str, limit: int = MOST_SHOWN) -> list[Pickable]:
    """Return articles that hold the words, the best first; without words, those added last."""
    if words.strip():
        with library.understanding() as connection:
            found = search(connection, words, limit=limit, snippets=0)
        return described(library, [hit.article_id for hit in found.hits])
    with library.reading() as connection:
        rows = connection.execute("SELECT id FROM articles ORDER BY id DESC LIMIT ?", (limit,))
        ids = [article_id for (article_id,) in rows]
    return described(library, ids)


def described(library: Library, article_ids: Sequence[int]) -> list[Pickable]:
    """Return articles as they are offered, those that are gone left out."""
    found = []
    for article_id in article_ids:
        if not library.has(article_id):
            continue
        one = library.listed_one(article_id)
        title = one.title or one.opening or Path(one.path or "?").name
        found.append(Pickable(one.id, title, one.date or "", one.source or ""))
    return found
