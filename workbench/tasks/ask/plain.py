"""Passages as they are compared: letters and digits in Simplified script, with the way back."""

import re
from dataclasses import dataclass
from functools import cached_property

from workbench.articles.model import Passage
from workbench.articles.script import Conversion, to_simplified_with_map
from workbench.retrieval.terms import terms
from workbench.tasks.material import Material, Sentence

_LETTER = re.compile(r"\w")


def letters(text: str) -> str:
    """Return the letters and digits of a text in lower case."""
    return "".join(_LETTER.findall(text)).lower()


@dataclass(frozen=True)
class PlainPassage:
    """A passage of article ``article`` (from 0) among those that are searched."""

    article: int
    material: Material
    passage: Passage

    @cached_property
    def text(self) -> str:
        """Return what the model reads of it, without its number."""
        return self.material.lines[self.passage.number - 1].partition("] ")[2]

    @cached_property
    def terms(self) -> frozenset[str]:
        """Return its terms."""
        return frozenset(terms(self.text))

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Return its sentences."""
        between = self.material.sentences_between(self.passage.number, self.passage.number)
        return tuple(self.material.sentences[index] for index in between)

    @cached_property
    def simplified(self) -> str:
        """Return its text in Simplified script, spaces and line breaks as they are."""
        return self._conversion.text

    @cached_property
    def letters(self) -> str:
        """Return its letters and digits, one character for each of ``places``."""
        return "".join(self.simplified[place].lower()[:1] for place in self.places)

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Return where in ``simplified`` each letter stands."""
        return tuple(match.start() for match in _LETTER.finditer(self.simplified))

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the article's text that a span of ``simplified`` came from."""
        span = self._conversion.original_span(start, end)
        return self.passage.start + span.start, self.passage.start + span.end

    def sentence_at(self, original: int) -> Sentence:
        """Return the sentence that holds an offset of the article's text, or the one after it."""
        later = (one for one in self.sentences if original < one.span.end)
        return next(later, self.sentences[-1])

    def place_of(self, sentence: Sentence) -> tuple[int, int]:
        """Return the span of ``simplified`` that a sentence became."""
        span = self._conversion.converted_span(
            sentence.span.start - self.passage.start, sentence.span.end - self.passage.start
        )
        return span.start, span.end

    @cached_property
    def _conversion(self) -> Conversion:
        article = self.material.article
        return to_simplified_with_map(article.passage_text(self.passage), names=article.names)
