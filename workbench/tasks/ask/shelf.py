"""The articles a question is put to, as passages that can be ranked and cited."""

from collections.abc import Sequence
from functools import cached_property

from workbench.articles.model import Article
from workbench.retrieval.question import Question
from workbench.retrieval.ranker import Models, PassageRanker
from workbench.retrieval.terms import terms
from workbench.tasks.ask.plain import PlainPassage
from workbench.tasks.material import Material


class Shelf:
    """Articles, their passages in order, and the order in which they may answer a question."""

    def __init__(self, articles: Sequence[Article], models: Models | None = None):
        self.materials = [Material(article) for article in articles]
        self.models = models or Models()
        self.passages = [
            PlainPassage(number, material, passage)
            for number, material in enumerate(self.materials)
            for passage in material.article.passages
        ]

    def ranked(self, question: Question) -> list[int]:
        """Return the indices of ``passages`` that may answer a question, the best first."""
        return self.ranker.rank(question)

    @cached_property
    def ranker(self) -> PassageRanker:
        """Return the ranker over all passages."""
        groups: list[list[str]] = [[] for _material in self.materials]
        for passage in self.passages:
            groups[passage.article].append(passage.text)
        return PassageRanker(groups, [material.title for material in self.materials], self.models)

    @cached_property
    def article_terms(self) -> list[frozenset[str]]:
        """Return the terms of each article, its title among them."""
        found = []
        for number, material in enumerate(self.materials):
            held = set(terms(f"{material.title} {material.article.date or ''}"))
            for passage in self.passages:
                if passage.article == number:
                    held |= passage.terms
            found.append(frozenset(held))
        return found

    @property
    def characters(self) -> int:
        """Return how many characters the passages have."""
        return sum(one.passage.end - one.passage.start for one in self.passages)
