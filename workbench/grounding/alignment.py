"""Aligning a point with the sentences of the article that support it.

A sentence supports a point by the character bigrams they share, weighted by how rare each bigram is
among the article's sentences (inverse document frequency, Spärck Jones 1972). Sentences are chosen
greedily by how much they add, the usual approximation of maximum coverage (Nemhauser et al. 1978).
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workbench.grounding.checks import Source
from workbench.grounding.facts import extract_facts

_NOT_CONTENT = re.compile(r"[^\w]+")
_MOST_SENTENCES = 3
_LEAST_GAIN = 0.10
_FACT_GAIN = 0.35


@dataclass(frozen=True, slots=True)
class Aligned:
    """The sentences (indices) that support a point, and how much of it they cover, 0 to 1."""

    sentences: tuple[int, ...]
    support: float


def bigrams(text: str) -> set[str]:
    """Return the character bigrams of a text, punctuation and case left out."""
    plain = _NOT_CONTENT.sub("", text).lower()
    return {plain[i : i + 2] for i in range(len(plain) - 1)} or ({plain} if plain else set())


class Aligner:
    """Aligns points with the sentences of one article; all texts in Simplified Chinese."""

    def __init__(self, sentences: Sequence[str]):
        self.sentences = list(sentences)
        self._bigrams = [bigrams(sentence) for sentence in self.sentences]
        counts = Counter(gram for grams in self._bigrams for gram in grams)
        total = max(1, len(self.sentences))
        self._weight = {gram: math.log(1 + total / count) for gram, count in counts.items()}
        self._novel = math.log(1 + total)
        self._sources: dict[int, Source] = {}

    def align(self, point: str, among: Iterable[int] | None = None) -> Aligned:
        """Find the sentences that support a point, ``among`` them the only ones looked at."""
        grams = bigrams(point)
        weight = {gram: self._weight.get(gram, self._novel) for gram in grams}
        total = sum(weight.values())
        if not total:
            return Aligned((), 0.0)
        facts = extract_facts(point)
        indices = range(len(self.sentences)) if among is None else sorted(set(among))
        missing_facts = list(facts)
        chosen: list[int] = []
        covered: set[str] = set()
        while len(chosen) < _MOST_SENTENCES:
            best, best_gain, best_added = -1, 0.0, 0.0
            for index in indices:
                if index in chosen:
                    continue
                new = (self._bigrams[index] & grams) - covered
                added = sum(weight[gram] for gram in new) / total
                if added <= 0:
                    continue
                stated = sum(self._source(index).has(fact) for fact in missing_facts)
                # A fact breaks ties between sentences alike; it cannot stand for shared words.
                gain = added + _FACT_GAIN * (stated / len(facts) if facts else 0.0)
                if gain > best_gain:
                    best, best_gain, best_added = index, gain, added
            if best < 0 or (chosen and best_gain < _LEAST_GAIN + 0.0) or best_added < 0.02:
                break
            chosen.append(best)
            covered |= self._bigrams[best] & grams
            missing_facts = [fact for fact in missing_facts if not self._source(best).has(fact)]
        support = sum(weight[gram] for gram in covered) / total
        return Aligned(tuple(sorted(chosen)), round(support, 3))

    def _source(self, index: int) -> Source:
        if index not in self._sources:
            self._sources[index] = Source(self.sentences[index])
        return self._sources[index]


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
