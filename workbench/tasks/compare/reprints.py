"""Articles that are nearly the same text: what a reprint repeats is no second witness."""

from collections.abc import Sequence
from itertools import combinations

from workbench.store.near_duplicates import CONTAINMENT, FEWEST, JACCARD
from workbench.store.sketches import shingles, similarity
from workbench.tasks.compare.comparison import Reprint
from workbench.tasks.material import Material


def reprints(materials: Sequence[Material]) -> tuple[Reprint, ...]:
    """Return the pairs of near-identical articles, by the shingles they share."""
    hashes = [shingles(material.plain_text) for material in materials]
    found = []
    for one, other in combinations(range(len(materials)), 2):
        if min(len(hashes[one]), len(hashes[other])) < FEWEST:
            continue
        alike = similarity(hashes[one], hashes[other])
        if alike.containment >= CONTAINMENT and alike.jaccard >= JACCARD:
            found.append(Reprint((one + 1, other + 1), round(float(alike.containment), 3)))
    return tuple(found)
