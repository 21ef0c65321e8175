"""Articles that are copies of each other with changes, grouped as they come; none is dropped.

Each function works within the caller's transaction. ``text`` of an article is what is left of it
without its removals: see ``kept_text``.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from workbench.store.sketches import SKETCH, Similarity, aligned, shingles, similarity, sketch

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CONTAINMENT = 0.5
"""Near-duplicates share at least so many of the shingles of the one with fewer."""
ALIGNED = 0.64
"""Or so many of the shorter one's characters in the same order, where many single ones changed."""
JACCARD = 0.1
"""The former also share so many of all their shingles: what is quoted at length is no copy."""
FEWEST = 20
"""Texts of fewer shingles are near-duplicates of nothing: they are too short to tell."""
_WORTH_ALIGNING = 0.12
_LONGEST_ALIGNED = 20_000
"""Characters; longer texts are told by their shingles alone."""
_SHARED = 5
"""Articles that share fewer values of their sketches are not looked at."""
_ALIKE = 12
_COMPARED = 8
_COMPARED_BELOW = 2
"""Of those that share at least ``_ALIKE``, so many are compared with a new one; of others, fewer:
a copy with many single changes shares that few, but more than articles that share a sentence."""
COMMON = 100
"""A value that so many articles have says nothing; further ones are not entered under it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two near-duplicates; the later one was added after the earlier."""

    later: int
    earlier: int
    similarity: Similarity


@dataclass(frozen=True, slots=True)
class Group:
    """Articles connected by pairs of near-duplicates, in the order they were added."""

    group_id: int
    articles: tuple[int, ...]
    pairs: tuple[Pair, ...]


def add(connection: sqlite3.Connection, article_id: int, text: str) -> tuple[Pair, ...]:
    """Compare a new article with those of the library; return its near-duplicates."""
    return add_hashes(connection, article_id, shingles(text))


def add_hashes(
    connection: sqlite3.Connection, article_id: int, hashes: "NDArray[np.uint32]"
) -> tuple[Pair, ...]:
    """Do what ``add`` does, given the text's shingles; they can be made in any process."""
    if len(hashes) < FEWEST:
        return ()
    values = sketch(hashes)
    sharing = _sharing(connection, article_id, values)
    pairs = tuple(_near(connection, article_id, hashes, values, sharing))
    common = Counter(map(itemgetter(0), sharing))
    connection.executemany(
        "INSERT OR IGNORE INTO near_duplicate_sketches (value, article_id) VALUES (?, ?)",
        [(value, article_id) for value in values if common[value] < COMMON],
    )
    _connect(connection, pairs)
    return pairs


def remove(connection: sqlite3.Connection, article_id: int, text: str) -> None:
    """Forget an article that is still in the library; its group falls apart where it held it."""
    connection.executemany(
        "DELETE FROM near_duplicate_sketches WHERE value = ? AND article_id = ?",
        [(value, article_id) for value in sketch(shingles(text))],
    )
    connected = set(_neighbours(connection, article_id))
    members = [one for one in _members(connection, article_id) if one != article_id]
    connection.execute(
        "DELETE FROM near_duplicate_pairs WHERE article_id = ? OR earlier_id = ?",
        (article_id, article_id),
    )
    connection.execute("DELETE FROM near_duplicate_groups WHERE article_id = ?", (article_id,))
    # An article keeps its best pairs only: without this one, others may come up.
    for neighbour in sorted(connected):
        hashes = shingles(kept_text(connection, neighbour))
        values = sketch(hashes)
        sharing = _sharing(connection, neighbour, values)
        found = _near(connection, neighbour, hashes, values, sharing)
        _insert(connection, (_ordered(pair) for pair in found))
    _group_anew(connection, members)


def groups(connection: sqlite3.Connection) -> Iterator[Group]:
    """Yield the groups of near-duplicates, in the order of their first articles."""
    rows = connection.execute(
        "SELECT DISTINCT group_id FROM near_duplicate_groups ORDER BY group_id"
    ).fetchall()
    for (group_id,) in rows:
        yield _group(connection, group_id)


def group_of(connection: sqlite3.Connection, article_id: int) -> Group | None:
    """Return the group of an article, or None where it has no near-duplicate."""
    row = connection.execute(
        "SELECT group_id FROM near_duplicate_groups WHERE article_id = ?", (article_id,)
    ).fetchone()
    return None if row is None else _group(connection, row[0])


def verify(connection: sqlite3.Connection) -> tuple[int, ...]:
    """Return the ids whose sketches are not those of an article, reading all texts."""
    rows = connection.execute("SELECT value, article_id FROM near_duplicate_sketches")
    held: dict[int, set[int]] = {}
    common: Counter[int] = Counter()
    for value, article_id in rows:
        held.setdefault(article_id, set()).add(value)
        common[value] += 1
    wrong = []
    for (article_id,) in connection.execute("SELECT id FROM articles ORDER BY id").fetchall():
        hashes = shingles(kept_text(connection, article_id))
        expected = set(sketch(hashes) if len(hashes) >= FEWEST else ())
        found = held.pop(article_id, set())
        # What is missing under a common value may have been left out, or come before removals.
        missing = {value for value in expected - found if common[value] < COMMON // 2}
        if missing or found - expected:
            wrong.append(article_id)
    return tuple(wrong) + tuple(sorted(held))


def rebuild(connection: sqlite3.Connection) -> int:
    """Find the near-duplicates of the whole library anew; return how many articles have some."""
    for table in ("sketches", "pairs", "groups"):
        connection.execute(f"DELETE FROM near_duplicate_{table}")
    for (article_id,) in connection.execute("SELECT id FROM articles ORDER BY id").fetchall():
        add(connection, article_id, kept_text(connection, article_id))
    (number,) = connection.execute("SELECT count(*) FROM near_duplicate_groups").fetchone()
    return int(number)


def kept_text(connection: sqlite3.Connection, article_id: int) -> str:
    """Return the text of an article without its removals; nothing for one that is not there."""
    row = connection.execute("SELECT text FROM articles WHERE id = ?", (article_id,)).fetchone()
    if row is None:
        return ""
    spans = connection.execute(
        'SELECT start, "end" FROM removals WHERE article_id = ? ORDER BY start', (article_id,)
    )
    return without(row[0], spans)


def without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return a text without some spans of it, in order; a line end marks where each was."""
    pieces = []
    end = 0
    for start, stop in spans:
        pieces.append(text[end:start])
        end = max(end, stop)
    pieces.append(text[end:])
    return "\n".join(pieces)


def _near(
    connection: sqlite3.Connection,
    article_id: int,
    hashes: "NDArray[np.uint32]",
    values: tuple[int, ...],
    sharing: list[tuple[int, int]],
) -> Iterator[Pair]:
    for other in _candidates(sharing, values):
        text = kept_text(connection, other)
        found = similarity(hashes, shingles(text))
        if found.containment < CONTAINMENT:
            found = _align(found, kept_text(connection, article_id), text)
        copied = found.containment >= CONTAINMENT and found.jaccard >= JACCARD
        if copied or found.aligned >= ALIGNED:
            yield Pair(article_id, other, found)


def _align(found: Similarity, one: str, other: str) -> Similarity:
    """Add how far two texts of like lengths are aligned, where that could decide."""
    fewer, more = sorted((len(one), len(other)))
    if found.containment < _WORTH_ALIGNING or more > min(2 * fewer, _LONGEST_ALIGNED):
        return found
    return Similarity(found.jaccard, found.containment, aligned(one, other, ALIGNED))


def _sharing(
    connection: sqlite3.Connection, article_id: int, values: tuple[int, ...]
) -> list[tuple[int, int]]:
    """Return each value of a sketch that another article has, with that article."""
    marks = ", ".join("?" * len(values))
    return connection.execute(
        "SELECT value, article_id FROM near_duplicate_sketches"
        f" WHERE value IN ({marks}) AND article_id != ?",
        (*values, article_id),
    ).fetchall()


def _candidates(sharing: list[tuple[int, int]], values: tuple[int, ...]) -> list[int]:
    """Return the articles that share most values of a sketch, the most alike first."""
    least = min(_SHARED, max(2, len(values) * _SHARED // SKETCH))
    counts = Counter(map(itemgetter(1), sharing))
    alike = sorted((-count, other) for other, count in counts.items() if count >= least)
    enough = sum(-count >= _ALIKE for count, _other in alike[:_COMPARED])
    return [other for _count, other in alike[: max(enough, _COMPARED_BELOW)]]


def _ordered(pair: Pair) -> Pair:
    if pair.later > pair.earlier:
        return pair
    return Pair(pair.earlier, pair.later, pair.similarity)


def _insert(connection: sqlite3.Connection, pairs: Iterable[Pair]) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO near_duplicate_pairs (article_id, earlier_id, jaccard, containment,"
        " aligned) VALUES (?, ?, ?, ?, ?)",
        [
            (
                one.later,
                one.earlier,
                one.similarity.jaccard,
                one.similarity.containment,
                one.similarity.aligned,
            )
            for one in pairs
        ],
    )


def _connect(connection: sqlite3.Connection, pairs: tuple[Pair, ...]) -> None:
    """Record the pairs of a new article, and make one group of all they touch."""
    if not pairs:
        return
    _insert(connection, pairs)
    ids = {one for pair in pairs for one in (pair.later, pair.earlier)}
    marks = ", ".join("?" * len(ids))
    known = {
        row[0]
        for row in connection.execute(
            f"SELECT DISTINCT group_id FROM near_duplicate_groups WHERE article_id IN ({marks})",
            tuple(ids),
        )
    }
    group_id = min(ids | known)
    connection.executemany(
        "UPDATE near_duplicate_groups SET group_id = ? WHERE group_id = ?",
        [(group_id, other) for other in known if other != group_id],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO near_duplicate_groups (article_id, group_id) VALUES (?, ?)",
        [(one, group_id) for one in sorted(ids)],
    )


def _group_anew(connection: sqlite3.Connection, members: list[int]) -> None:
    """Divide what was one group into those its pairs still connect."""
    left = set(members)
    while left:
        first = min(left)
        connected, ahead = {first}, [first]
        while ahead:
            for other in _neighbours(connection, ahead.pop()):
                if other not in connected:
                    connected.add(other)
                    ahead.append(other)
        left -= connected
        connection.executemany(
            "DELETE FROM near_duplicate_groups WHERE article_id = ?",
            [(one,) for one in connected],
        )
        if len(connected) > 1:
            connection.executemany(
                "INSERT INTO near_duplicate_groups (article_id, group_id) VALUES (?, ?)",
                [(one, min(connected)) for one in sorted(connected)],
            )


def _neighbours(connection: sqlite3.Connection, article_id: int) -> Iterator[int]:
    rows = connection.execute(
        "SELECT earlier_id FROM near_duplicate_pairs WHERE article_id = ?"
        " UNION SELECT article_id FROM near_duplicate_pairs WHERE earlier_id = ?",
        (article_id, article_id),
    )
    return (row[0] for row in rows.fetchall())


def _members(connection: sqlite3.Connection, article_id: int) -> list[int]:
    rows = connection.execute(
        "SELECT article_id FROM near_duplicate_groups WHERE group_id ="
        " (SELECT group_id FROM near_duplicate_groups WHERE article_id = ?)",
        (article_id,),
    )
    return [row[0] for row in rows]


def _group(connection: sqlite3.Connection, group_id: int) -> Group:
    members = connection.execute(
        "SELECT article_id FROM near_duplicate_groups WHERE group_id = ? ORDER BY article_id",
        (group_id,),
    ).fetchall()
    pairs = connection.execute(
        "SELECT one.article_id, earlier_id, jaccard, containment, aligned"
        " FROM near_duplicate_pairs AS one"
        " JOIN near_duplicate_groups AS grouped ON grouped.article_id = one.article_id"
        " WHERE group_id = ? ORDER BY one.article_id, earlier_id",
        (group_id,),
    )
    return Group(
        group_id,
        tuple(row[0] for row in members),
        tuple(Pair(later, earlier, Similarity(*measures)) for later, earlier, *measures in pairs),
    )
