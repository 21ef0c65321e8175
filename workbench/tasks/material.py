"""An article as the model reads it: numbered passages in Simplified script, and the way back."""

import re
from dataclasses import dataclass
from functools import cached_property

from workbench.articles.model import Article, Passage, Span
from workbench.articles.script import find_names, name_key, spellings, to_simplified
from workbench.grounding.alignment import Aligner
from workbench.grounding.checks import Source

_BLANK = re.compile(r"\s+")
_FENCES = re.compile("[\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the article: its passage, its span of the original, its Simplified text."""

    passage: int
    span: Span
    text: str


@dataclass(frozen=True)
class Material:
    """What is derived from an article once, for all that is asked about it."""

    article: Article

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Return one line a passage, as put before the model."""
        return tuple(
            f"[{passage.number}] {self._plain(passage)}" for passage in self.article.passages
        )

    @cached_property
    def title(self) -> str:
        """Return the title in Simplified script, or an empty text."""
        return self._simplified(self.article.title or "")

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Return every sentence of every passage, in order."""
        article = self.article
        return tuple(
            Sentence(passage.number, span, self._simplified(article.text[span.start : span.end]))
            for passage in article.passages
            for span in passage.sentences
        )

    @cached_property
    def plain_text(self) -> str:
        """Return the whole text the model reads, in Simplified script."""
        return "\n".join(self._plain(passage) for passage in self.article.passages)

    @cached_property
    def source(self) -> Source:
        """Return the facts of the article."""
        return Source(f"{self.title}\n{self.plain_text}", date=self.article.date)

    @cached_property
    def aligner(self) -> Aligner:
        """Return the aligner over ``sentences``."""
        return Aligner([sentence.text for sentence in self.sentences])

    def sentences_between(self, first: int, last: int) -> range:
        """Return the indices of the sentences of passages ``first`` to ``last``."""
        found = [i for i, item in enumerate(self.sentences) if first <= item.passage <= last]
        return range(found[0], found[-1] + 1) if found else range(0)

    def in_own_names(self, text: str) -> str:
        """Return a text with the user's names spelt as in the article: 錢鍾書 or 钱锺书."""
        for span in find_names(text, self.article.names):
            name = text[span.start : span.end]
            own = self._own_names.get(name_key(name), name)
            text = text[: span.start] + own + text[span.end :]
        return text

    @cached_property
    def _own_names(self) -> dict[str, str]:
        return spellings(f"{self.title}\n{self.plain_text}", self.article.names)

    def _plain(self, passage: Passage) -> str:
        return self._simplified(self.article.passage_text(passage))

    def _simplified(self, text: str) -> str:
        return _tidy(to_simplified(text, self.article.names))


def _tidy(text: str) -> str:
    return _BLANK.sub(" ", _FENCES.sub("", text)).strip()
