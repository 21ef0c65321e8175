"""One answer of the model, held against what it read; and whether a better one is worth a try."""

import re
from dataclasses import dataclass
from functools import cached_property

from workbench.articles.script import to_simplified
from workbench.retrieval.bm25 import Bm25
from workbench.retrieval.question import Question
from workbench.retrieval.terms import terms
from workbench.tasks.ask.completing import completed
from workbench.tasks.ask.extraction import defined, locate
from workbench.tasks.ask.finishing import Finisher, Found
from workbench.tasks.ask.kinds import Kind
from workbench.tasks.ask.plain import letters
from workbench.tasks.ask.reading import Reading
from workbench.tasks.ask.relevance import Relevance, Standing, has_figure, standing
from workbench.tasks.ask.wording import is_refusal

EVIDENCE_CHARACTERS = 240
_WORTH_ASKING = 0.4
_MUCH_BETTER = 0.5
_SURE, _SURE_IN_ALL = 0.6, 0.7
_FAINT = 0.35
_MOST_OF_IT = 0.7
_VERDICT = re.compile("(?:不|没)?(?:是|有|能|会|对|可以)的?|否|不行|行")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was written, whether it refuses, and where it stands; ``found`` is None nowhere."""

    written: str
    refused: bool
    found: Found | None
    stands: Standing | None

    @property
    def sound(self) -> bool:
        """Say whether there is an answer that the text holds."""
        return self.found is not None


@dataclass(frozen=True)
class Judge:
    """Holds answers to one question against the passages that were read."""

    question: Question
    kind: Kind
    known: Relevance
    reading: Reading
    finisher: Finisher

    def attempt(self, written: str) -> Attempt:
        """Return what an answer comes to."""
        if is_refusal(written):
            return Attempt(written, True, None, None)
        located = None
        if not self._is_verdict(written):
            located = locate(written, self.question, self.kind, self.reading.by_rank)
        if located is None:
            found = self.finisher.worded(written, self.question, self.kind, self.reading)
            return Attempt(written, False, found, None)
        located = defined(located, self.question, self.kind, self.reading.passages)
        located = completed(located, self.question, self.kind)
        found = self.finisher.located(located, self.question)
        shelf = self.finisher.shelf
        held = shelf.article_terms[located.passage.article]
        stands = standing(self.question, self.kind, located, shelf.passages, held)
        return Attempt(written, False, found, stands)

    def evidence(self, first: Attempt | None = None) -> str:
        """Return the sentences that say most of what is asked about, in the order of the text.

        The sentence after the best one goes with it: it often says what the first announces. Where
        a time or a quantity was asked for and ``first`` has no figure, only sentences with one.
        """
        lacks = first is not None and first.stands is not None and not first.stands.fits
        sentences = [
            (number, one.text)
            for number, passage in enumerate(self.reading.passages)
            for one in passage.sentences
            if not lacks or has_figure(to_simplified(one.text))
        ]
        ranked = Bm25([terms(text) for _number, text in sentences]).rank(self.question.terms)
        chosen: set[int] = set()
        room = EVIDENCE_CHARACTERS
        for one in ranked:
            beside = [one.index]
            after = one.index + 1
            if (
                not chosen
                and after < len(sentences)
                and sentences[after][0] == sentences[one.index][0]
            ):
                beside.append(after)
            for index in beside:
                size = len(sentences[index][1])
                if index not in chosen and (size <= room or not chosen):
                    chosen.add(index)
                    room -= size
            if room < EVIDENCE_CHARACTERS / 4:
                break
        return "".join(sentences[index][1] for index in sorted(chosen))[: 2 * EVIDENCE_CHARACTERS]

    def wants_evidence(self, first: Attempt) -> bool:
        """Say whether to ask again with the best sentences in front.

        It is where the model found nothing though the text has most of the question's words, where
        what it wrote is not in the text, and where its answer stands far from those words.
        """
        if not first.sound:
            return self.known.share >= _WORTH_ASKING
        if self.said_again(first):
            return True
        if first.stands is None or self.kind.descriptive:
            return False
        if self._borrows(first.stands):
            return True
        return first.stands.sentence < _MUCH_BETTER * self.best_share or not first.stands.fits

    def said_again(self, answer: Attempt) -> bool:
        """Say whether an answer only names what the question names: the other one was asked for."""
        if answer.found is None or self.kind.yes_no or self.kind.definition:
            return False
        return letters(answer.found.simplified) in letters(self.question.text)

    def _is_verdict(self, written: str) -> bool:
        """Say whether an answer is a yes or no, which stands nowhere in the text as such."""
        return self.kind.yes_no and _VERDICT.fullmatch(letters(written)) is not None

    def better(self, first: Attempt, second: Attempt) -> Attempt:
        """Return the second answer where it is sound and stands nearer to what is asked about."""
        if not second.sound or not first.sound:
            return second if second.sound else first
        if self.said_again(first) != self.said_again(second):
            return second if self.said_again(first) else first
        if first.stands is None or second.stands is None:
            return first
        if self._borrows(first.stands) != self._borrows(second.stands):
            return second if self._borrows(first.stands) else first
        nearer = second.stands.sentence > first.stands.sentence
        return second if second.stands.fits >= first.stands.fits and nearer else first

    @property
    def is_sure(self) -> bool:
        """Say whether the text has so much of the question that it hardly leaves it open."""
        return self.best_share >= _SURE or self.known.share >= _SURE_IN_ALL

    def doubts(self, answer: Attempt) -> bool:
        """Say whether an answer is likely borrowed: the text says it of something else.

        A figure is where what the question names does not stand before it, a person where it does
        not stand near. Where the text hardly speaks of what is asked, an answer is believed only in
        the very sentence that does.
        """
        stands = answer.stands
        if self._asks_figure and self.known.astray:
            return True
        if stands is not None and self._borrows(stands):
            return True
        if self.known.share >= _FAINT or self.kind.overview:
            return False
        return stands is None or stands.sentence < _MOST_OF_IT * self.known.share

    def _borrows(self, stands: Standing) -> bool:
        """Say whether a figure or a person that stands so is that of something else."""
        if self._asks_figure:
            return stands.borrowed
        return self.kind.person and (stands.unnamed or not stands.fits)

    @property
    def _asks_figure(self) -> bool:
        return self.kind.time or self.kind.quantity

    @cached_property
    def best_share(self) -> float:
        """Return the greatest share of the question that one sentence has."""
        return max(
            (
                self.question.share_in(frozenset(terms(one.text)))
                for passage in self.reading.passages
                for one in passage.sentences
            ),
            default=0.0,
        )
