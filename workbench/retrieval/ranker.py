"""Ranking passages for a question: by their words, and by what small models make of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from workbench.retrieval.bm25 import Bm25
from workbench.retrieval.fusion import fuse
from workbench.retrieval.question import Question
from workbench.retrieval.terms import terms

WORDS, VECTORS, RERANKER = "words", "vectors", "reranker"
_RERANKED = 30
"""So many of the best passages are put before the reranker."""


class Similarity(Protocol):
    """What tells how near texts are to a question by what they mean."""

    def similarities(self, question: str, groups: Sequence[Sequence[str]]) -> list[float]:
        """Return a number for each text of each group, in order; none where that fails."""


class Reranker(Protocol):
    """What reads a question and a text together; ``LlamaEncoder`` of a ranking model is one."""

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return how well each text answers the query, in order; none where that fails."""


@dataclass(frozen=True, slots=True)
class Models:
    """The small models there are; None for one that is not."""

    vectors: Similarity | None = None
    reranker: Reranker | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Return by what passages are ranked, words among it."""
        vectors = (VECTORS,) if self.vectors else ()
        return (WORDS, *vectors, *((RERANKER,) if self.reranker else ()))


class PassageRanker:
    """Ranks passages, given in groups of one article each, by how they may answer a question."""

    def __init__(
        self, groups: Sequence[Sequence[str]], titles: Sequence[str], models: Models | None = None
    ):
        self._groups = groups
        self._texts = [text for group in groups for text in group]
        self._models = models or Models()
        # A passage seldom names what its article is about: the title stands in for that.
        self._terms = [
            [*terms(text), *terms(title)]
            for group, title in zip(groups, titles, strict=True)
            for text in group
        ]
        self.words = Bm25(self._terms)

    def rank(self, question: Question) -> list[int]:
        """Return the indices of all passages that may answer, the best first.

        Words alone leave out passages that share none with the question.
        """
        by_words = [one.index for one in self.words.rank(question.terms)]
        ranking = by_words
        if self._models.vectors is not None and self._texts:
            near = self._models.vectors.similarities(question.text, self._groups)
            if near:
                by_meaning = sorted(range(len(near)), key=lambda index: (-near[index], index))
                ranking = fuse([by_words, by_meaning])
        if self._models.reranker is not None and ranking:
            best, rest = ranking[:_RERANKED], ranking[_RERANKED:]
            scores = self._models.reranker.rerank(
                question.text, [self._texts[index] for index in best]
            )
            if scores:
                order = sorted(range(len(best)), key=lambda place: (-scores[place], place))
                # The reranker's order, tempered by the one it was given.
                ranking = fuse([[best[place] for place in order], best]) + rest
        return ranking
