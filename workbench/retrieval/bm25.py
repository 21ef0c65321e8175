"""Okapi BM25 over texts held in memory.

Robertson, Walker, Jones, Hancock-Beaulieu, Gatford 1994 ("Okapi at TREC-3"), with the inverse
document frequency of Spärck Jones and Robertson as Lucene's BM25Similarity has it, which is never
negative: ln(1 + (N - n + 0.5) / (n + 0.5)).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

K1 = 1.2
"""How soon more occurrences of a term count no more; Lucene's default."""
B = 0.75
"""How much the length of a text counts against it; Lucene's default."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A text, by its index, and its score; a greater one is better."""

    index: int
    score: float


class Bm25:
    """An index of texts given as lists of terms."""

    def __init__(self, texts: Sequence[Sequence[str]]):
        self.size = len(texts)
        self._lengths = [len(text) for text in texts]
        self._average = sum(self._lengths) / (self.size or 1) or 1.0
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for index, text in enumerate(texts):
            for term, count in Counter(text).items():
                self._postings[term].append((index, count))

    def weight(self, term: str) -> float:
        """Return the inverse document frequency of a term; that of an unknown one is greatest."""
        number = len(self._postings.get(term, ()))
        return math.log(1 + (self.size - number + 0.5) / (number + 0.5))

    def rank(self, query: Iterable[str]) -> list[Ranked]:
        """Return the texts that hold a term of the query, the best first, then in their order."""
        scores: dict[int, float] = defaultdict(float)
        for term in dict.fromkeys(query):
            postings = self._postings.get(term)
            if not postings:
                continue
            weight = self.weight(term)
            for index, count in postings:
                length = 1 - B + B * self._lengths[index] / self._average
                scores[index] += weight * count / (count + K1 * length)
        return sorted(
            (Ranked(index, score) for index, score in scores.items()),
            key=lambda one: (-round(one.score, 9), one.index),
        )
