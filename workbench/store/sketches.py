"""How alike two texts are, by the short runs of characters (shingles) they share."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.store.normal_form import units

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHINGLE = 4
"""Characters of a shingle."""
SKETCH = 48
"""Hashes kept of a text: its least ones."""
# Odd numbers of 64 random bits, one for each character of a shingle, and one to mix.
_FACTORS = (
    0x9E3779B97F4A7C15,
    0xC2B2AE3D27D4EB4F,
    0xD6E8FEB86659FD93,
    0xA0761D6478BD642F,
    0xE7037ED1A0B428DB,
    0x8EBC6AF09C88C6E3,
)
_MIX = 0xBF58476D1CE4E5B9


@dataclass(frozen=True, slots=True)
class Similarity:
    """How alike two texts are: ``jaccard`` is the share of all their shingles that both have.

    ``containment`` is the share of those of the one with fewer: 1 for a text cut out of another.
    ``aligned`` is the share of the shorter text's characters that stand in the same order in the
    other; 0 where it was not looked at.
    """

    jaccard: float
    containment: float
    aligned: float = 0.0


def shingles(text: str, size: int = SHINGLE) -> "NDArray[np.uint32]":
    """Return the hashes (31 bits) of a text's distinct shingles, ascending.

    Script, width, case, whitespace and punctuation make no difference.
    """
    return shingles_of(units(text).codes, size)


def shingles_of(codes: "NDArray[np.uint32]", size: int = SHINGLE) -> "NDArray[np.uint32]":
    """Return ``shingles`` of a text of which the code points that count are known."""
    import numpy as np

    wide = codes.astype(np.uint64)
    if len(codes) < size:
        return np.zeros(0, np.uint32)
    number = len(codes) - size + 1
    mixed = np.zeros(number, np.uint64)
    for place in range(size):
        mixed += wide[place : place + number] * np.uint64(_FACTORS[place])
    # The finaliser of SplitMix64 (Steele, Lea and Flood 2014), its first half.
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(_MIX)
    hashes = (mixed >> np.uint64(33)).astype(np.uint32)
    hashes.sort()
    first = np.ones(number, np.bool_)
    np.not_equal(hashes[1:], hashes[:-1], out=first[1:])
    return hashes[first]


def sketch(hashes: "NDArray[np.uint32]", size: int = SKETCH) -> tuple[int, ...]:
    """Return the least of a text's shingle hashes: a fair sample of them.

    Texts that share shingles share samples (bottom-k sketches: Broder 1997, "On the resemblance and
    containment of documents"), whichever end of a text was cut.
    """
    return tuple(hashes[:size].tolist())


def similarity(one: "NDArray[np.uint32]", other: "NDArray[np.uint32]") -> Similarity:
    """Compare two texts by the hashes of all their shingles."""
    import numpy as np

    fewer = min(len(one), len(other))
    if not fewer:
        return Similarity(0.0, 0.0)
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return Similarity(shared / (len(one) + len(other) - shared), shared / fewer)


def aligned(one: str, other: str, least: float = 0.0) -> float:
    """Return the length of two texts' longest common subsequence as a share of the shorter one.

    Like shingles, it is of Hanzi, letters and digits alone. Texts that have nothing to do with each
    other have about a tenth. It is 0 where the characters alone show that it is below ``least``.
    The time is proportional to the product of the lengths, divided by the width of a machine word
    (Hyyrö 2004, "Bit-parallel LCS-length computation revisited").
    """
    shorter, longer = sorted((_units(one), _units(other)), key=len)
    if not shorter:
        return 0.0
    if (Counter(shorter) & Counter(longer)).total() < least * len(shorter):
        return 0.0
    places: defaultdict[str, int] = defaultdict(int)
    for place, char in enumerate(shorter):
        places[char] |= 1 << place
    every = left = (1 << len(shorter)) - 1
    for char in longer:
        if at := places.get(char):
            matched = left & at
            left = (left + matched | left - matched) & every
    return 1 - left.bit_count() / len(shorter)


def _units(text: str) -> str:
    return units(text).codes.tobytes().decode("utf-32-le")
