"""One output beside the item it is for, and what several metrics need of both."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from workbench.articles.model import Article, Span
from workbench.articles.script import Conversion, to_simplified, to_simplified_with_map
from workbench.evaluation.items import Item
from workbench.grounding.alignment import Aligner
from workbench.grounding.checks import Source
from workbench.grounding.facts import Fact, extract_facts


class Ratio(NamedTuple):
    """What a metric finds in one output: so much, of so much.

    The mean over many items is the sum of the first by the sum of the second, so that a summary
    with ten facts counts ten times in what share of facts is right.
    """

    part: float
    whole: float = 1.0


@dataclass(frozen=True, slots=True)
class Output:
    """What a model and a template made of an item, as a reader gets it.

    ``form`` is ``points``, ``list``, ``text``, ``fields`` or ``answer``; ``refused`` is None where
    only the wording tells. ``asked_points`` and ``asked_characters`` (of one point, or of the text)
    are 0 where nothing was asked; ``script`` is the one asked for. ``coverage`` is the share of the
    article's characters that the model read.
    """

    text: str
    points: tuple[str, ...] = ()
    form: str = "answer"
    refused: bool | None = None
    asked_points: int = 0
    asked_characters: int = 0
    script: str = ""
    coverage: float | None = None
    prompt_tokens: int = 0
    reused_tokens: int = 0
    generated_tokens: int = 0
    read_seconds: float = 0.0
    write_seconds: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True)
class Subject:
    """What is derived from an item once, whatever number of outputs is held against it."""

    item: Item

    @cached_property
    def text(self) -> str:
        """Return what the article says, title first, in Simplified script."""
        article = self.item.article
        kept = [article.passage_text(passage) for passage in article.passages]
        return to_simplified("\n".join([article.title or "", *kept]))

    @cached_property
    def source(self) -> Source:
        """Return the facts of the article; those of the question may be repeated too."""
        question = f"\n{to_simplified(self.item.question)}" if self.item.question else ""
        return Source(self.text + question, date=self.item.article.date)

    @cached_property
    def sentences(self) -> tuple[Span, ...]:
        """Return the spans of the article's sentences, in order."""
        return sentences_of(self.item.article)

    @cached_property
    def aligner(self) -> Aligner:
        """Return the aligner over ``sentences``."""
        text = self.item.article.text
        return Aligner([to_simplified(text[span.start : span.end]) for span in self.sentences])


@dataclass(frozen=True)
class Case:
    """An output and its item."""

    subject: Subject
    output: Output

    @property
    def item(self) -> Item:
        """Return the item."""
        return self.subject.item

    @cached_property
    def simplified(self) -> Conversion:
        """Return the output in Simplified script, and the way back to its characters."""
        return to_simplified_with_map(self.output.text)

    @property
    def text(self) -> str:
        """Return the output in Simplified script."""
        return self.simplified.text

    @cached_property
    def facts(self) -> Sequence[Fact]:
        """Return the facts the output states; offsets are into ``text``."""
        return extract_facts(self.text)

    @cached_property
    def said(self) -> Source:
        """Return the output as a source that facts are looked up in."""
        return Source(self.text, date=self.item.article.date)

    @cached_property
    def unsupported(self) -> tuple[Fact, ...]:
        """Return the facts of the output that the article does not hold."""
        return tuple(fact for fact in self.facts if not self.subject.source.has(fact))

    @property
    def unsupported_spans(self) -> tuple[Span, ...]:
        """Return where these stand in the output as it was written."""
        return tuple(
            self.simplified.original_span(fact.start, fact.end) for fact in self.unsupported
        )


def sentences_of(article: Article) -> tuple[Span, ...]:
    """Return the spans of all sentences of all passages."""
    return tuple(span for passage in article.passages for span in passage.sentences)
