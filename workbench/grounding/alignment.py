"""Aligning a point with the sentences of the article that support it.

A sentence supports a point by the character bigrams they share, weighted by how rare each bigram is
among the article's sentences (inverse document frequency, Spärck Jones 1972). Sentences are chosen
greedily by how much they add, the usual approximation of maximum coverage (Nemhauser et al. 1978).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workbench.grounding.facts import Fact, extract_facts
from workbench.grounding.ngrams import bigrams
from workbench.grounding.source import Source

__all__ = ["Aligned", "Aligner", "bigrams", "copied_share"]

_MOST_SENTENCES = 3
_LEAST_GAIN = 0.10
_LEAST_ADDED = 0.02
_FACT_GAIN = 0.35


@dataclass(frozen=True, slots=True)
class Aligned:
    """The sentences (indices) that support a point, and how much of it they cover, 0 to 1."""

    sentences: tuple[int, ...]
    support: float


class Aligner:
    """Aligns points with the sentences of one article; all texts in Simplified Chinese."""

    def __init__(self, sentences: Sequence[str]):
        self.sentences = list(sentences)
        self._bigrams = [bigrams(sentence) for sentence in self.sentences]
        self._having: dict[str, list[int]] = defaultdict(list)
        for index, grams in enumerate(self._bigrams):
            for gram in grams:
                self._having[gram].append(index)
        total = max(1, len(self.sentences))
        self._weight = {
            gram: math.log(1 + total / len(having)) for gram, having in self._having.items()
        }
        self._novel = math.log(1 + total)
        self._sources: dict[int, Source] = {}

    def align(self, point: str, among: Iterable[int] | None = None) -> Aligned:
        """Find the sentences that support a point, ``among`` them the only ones looked at."""
        # Sorted, so that sums of floats come out alike in every process.
        grams = sorted(bigrams(point))
        total = math.fsum(self._weight.get(gram, self._novel) for gram in grams)
        if not total:
            return Aligned((), 0.0)
        facts = extract_facts(point)
        allowed = None if among is None else frozenset(among)
        missing = list(facts)
        chosen: list[int] = []
        uncovered = grams
        while len(chosen) < _MOST_SENTENCES:
            best = self._best(uncovered, missing, total, len(facts), allowed)
            if best is None or best.added < _LEAST_ADDED or (chosen and best.gain < _LEAST_GAIN):
                break
            chosen.append(best.index)
            uncovered = [gram for gram in uncovered if gram not in self._bigrams[best.index]]
            missing = [fact for fact in missing if not self._source(best.index).has(fact)]
        left = math.fsum(self._weight.get(gram, self._novel) for gram in uncovered)
        return Aligned(tuple(sorted(chosen)), round(1 - left / total, 3))

    def _best(
        self,
        uncovered: Sequence[str],
        missing: Sequence[Fact],
        total: float,
        facts: int,
        allowed: frozenset[int] | None,
    ) -> "_Candidate | None":
        """Return the sentence that adds most; of those alike the one that says least besides."""
        added: dict[int, float] = defaultdict(float)
        for gram in uncovered:
            for index in self._having.get(gram, ()):
                if allowed is None or index in allowed:
                    added[index] += self._weight[gram] / total
        if not added:
            return None
        # No sentence further than all the facts could lift it behind the first can win.
        floor = max(added.values()) - (_FACT_GAIN if missing else 0.0)
        candidates = []
        for index in sorted(index for index, share in added.items() if share >= floor):
            stated = sum(self._source(index).has(fact) for fact in missing)
            # A fact breaks ties between sentences alike; it cannot stand for shared words.
            gain = added[index] + _FACT_GAIN * (stated / facts if facts else 0.0)
            candidates.append(_Candidate(index, gain, added[index]))
        return max(
            candidates,
            key=lambda item: (round(item.gain, 9), -len(self._bigrams[item.index]), -item.index),
        )

    def _source(self, index: int) -> Source:
        if index not in self._sources:
            self._sources[index] = Source(self.sentences[index])
        return self._sources[index]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sentence, the share of the point it adds, and that with its facts."""

    index: int
    gain: float
    added: float


def copied_share(point: str, source: str, *, run: int = 20) -> float:
    """Return the share of a point's characters that stand in the source in runs over ``run``."""
    if not point:
        return 0.0
    copied = bytearray(len(point))
    start = 0
    while start + run < len(point):
        end = start + run + 1
        if point[start:end] not in source:
            start += 1
            continue
        while end < len(point) and point[start : end + 1] in source:
            end += 1
        copied[start:end] = b"\x01" * (end - start)
        start = end
    return sum(copied) / len(point)
