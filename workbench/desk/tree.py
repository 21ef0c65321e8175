"""The tree beside the table: folders that articles came from, collections, tags, statuses."""

import os
from collections.abc import Iterable
from dataclasses import dataclass

from workbench.store.library import Library
from workbench.store.standing import NEW, STATUSES


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with articles in it or below it; ``name`` may be several folders, one in another.

    ``articles`` counts those in it and below it.
    """

    path: str
    name: str
    articles: int
    folders: tuple["Folder", ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """What the library can be gone through by, each with the number of its articles."""

    articles: int
    folders: tuple[Folder, ...]
    collections: tuple[tuple[str, int], ...]
    tags: tuple[tuple[str, int], ...]
    statuses: tuple[tuple[str, int], ...]


_COUNTED = """
SELECT rtrim(path, replace(path, ?1, '')), count(DISTINCT article_id)
FROM files JOIN occurrences ON file_id = files.id GROUP BY 1 ORDER BY 1
"""
"""Articles by folder: what is left of a path once all signs but the separator are cut off its end.
An article that stands in two folders counts in both."""


def folders(library: Library) -> list[tuple[str, int]]:
    """Return every folder that files of articles lie in, with how many articles it holds itself."""
    with library.understanding() as connection:
        counted = connection.execute(_COUNTED, (os.sep,)).fetchall()
    return [(str(folder).rstrip(os.sep) or os.sep, int(number)) for folder, number in counted]


def tree(library: Library) -> Tree:
    """Return all that a library can be gone through by."""
    with library.understanding() as connection:
        (articles,) = connection.execute("SELECT count(*) FROM articles").fetchone()
        standings = dict(
            connection.execute(
                "SELECT standing, count(*) FROM (SELECT max(standing) AS standing"
                " FROM result_articles GROUP BY article_id) GROUP BY standing"
            )
        )
    by_status = {name: standings.get(number, 0) for number, name in enumerate(STATUSES)}
    by_status[NEW] = articles - sum(standings.values())
    return Tree(
        articles,
        nested(folders(library)),
        tuple(library.collections().items()),
        tuple(library.tags().items()),
        tuple(by_status.items()),
    )


def nested(counted: Iterable[tuple[str, int]]) -> tuple[Folder, ...]:
    """Return folders in each other, from the number of articles that stand in each.

    A folder that holds nothing but one other is shown as one with it.
    """
    own: dict[str, int] = {}
    for path, number in counted:
        folder = path.rstrip(os.sep)
        own[folder] = own.get(folder, 0) + number
    inside: dict[str, set[str]] = {}
    for folder in own:
        below = folder
        while os.sep in below:
            above = below.rpartition(os.sep)[0]
            known = inside.setdefault(above, set())
            if below in known:
                break
            known.add(below)
            below = above
    roots = {folder for folder in {*own, *inside} if os.sep not in folder}
    return tuple(_folder(root, "", own, inside) for root in sorted(roots))


def _folder(path: str, above: str, own: dict[str, int], inside: dict[str, set[str]]) -> Folder:
    within = sorted(inside.get(path, ()))
    while len(within) == 1 and not own.get(path):
        path = within[0]
        within = sorted(inside.get(path, ()))
    found = tuple(_folder(one, path, own, inside) for one in within)
    number = own.get(path, 0) + sum(one.articles for one in found)
    name = path[len(above) + 1 :] if above else path
    return Folder(path or os.sep, name or os.sep, number, found)
