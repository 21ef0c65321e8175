"""Making one ranking of several."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

K = 60
"""How little the first ranks stand out; the value of Cormack et al."""


def fuse(rankings: Iterable[Sequence[int]], k: int = K) -> list[int]:
    """Fuse rankings of indices, the best first, by reciprocal rank: the sum of 1 / (k + rank).

    Cormack, Clarke, Büttcher 2009 ("Reciprocal rank fusion outperforms Condorcet and individual
    rank learning methods"). An index that a ranking lacks gets nothing from it; of equally good
    ones, the smaller index comes first.
    """
    scores: dict[int, float] = defaultdict(float)
    for ranking in rankings:
        for rank, index in enumerate(ranking, start=1):
            scores[index] += 1 / (k + rank)
    return sorted(scores, key=lambda index: (-round(scores[index], 12), index))
