"""Choosing what each point is written from: the sentences of a stretch most worth reporting."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workbench.grounding.facts import extract_facts
from workbench.tasks.drafting import with_context
from workbench.tasks.material import Material
from workbench.tasks.plan import Part
from workbench.tasks.summary.concise import without_dateline
from workbench.tasks.summary.salience import Salience
from workbench.tasks.wording import in_chinese_marks

MOST_EVIDENCE = 240
"""Characters of evidence put before the model for one point."""
_EVIDENCE_A_CHARACTER = 2.4
_WORTH_A_SECOND = 0.35
_MOVED_OF = 3
"""Of so many asks one may leave its stretch for something worth far more."""
_FAR_MORE = 0.4
_FIGURES = ("amount", "percent", "number", "date")


@dataclass(frozen=True, slots=True)
class Ask:
    """One point to be written: the passages it is about and the sentences to write it from.

    ``text`` is those sentences, after the one before them where they lean on it.
    """

    stretch: Part
    sentences: tuple[int, ...]
    text: str


class Asker:
    """Chooses the evidence of points; what one takes the next does not take again."""

    def __init__(self, material: Material):
        self.material = material
        self.salience = Salience(material)
        self._taken: set[int] = set()

    def plan(self, stretches: Sequence[Part], count: int, characters: int) -> list[Ask]:
        """Choose evidence for a point of each stretch, and for more up to ``count``.

        ``characters`` is how long a point may be. What there is to report may be less than asked.
        """
        asks = [self._of_stretch(stretch, characters) for stretch in stretches]
        told: list[str] = []
        taken: set[int] = set()
        for number, stretch in enumerate(stretches):
            found = self.evidence(self._inside(stretch), characters, told, taken)
            if found:
                asks[number] = self._ask(stretch, found)
            told.append(asks[number].text)
            taken.update(asks[number].sentences)
        whole = Part(stretches[0].first, stretches[-1].last) if stretches else Part(1, 0)
        for _moved in range(len(asks) // _MOVED_OF):
            self._move_weakest(asks, whole, characters)
        told = [ask.text for ask in asks]
        taken = {index for ask in asks for index in ask.sentences}
        while len(asks) < count:
            found = self.evidence(self._inside(whole), characters, told, taken)
            if not found:
                break
            ask = self.about(found)
            asks.append(ask)
            told.append(ask.text)
            taken.update(found)
        self._taken.update(index for ask in asks for index in ask.sentences)
        return sorted(asks, key=lambda ask: ask.sentences[:1] or (10**9,))

    def further(self, count: int, characters: int, told: Sequence[str]) -> list[Ask]:
        """Choose evidence for ``count`` more points of what no ask has taken yet, or for fewer."""
        asks: list[Ask] = []
        everything = range(len(self.material.sentences))
        while len(asks) < count:
            said = [*told, *(ask.text for ask in asks)]
            found = self.evidence(everything, characters, said, self._taken)
            if not found:
                break
            self._taken.update(found)
            asks.append(self.about(found))
        return asks

    def _move_weakest(self, asks: list[Ask], whole: Part, characters: int) -> None:
        """Give the place of the ask worth least to what is worth far more and was left over."""
        weakest = min(range(len(asks)), key=lambda number: self._worth(asks[number]))
        others = [ask for number, ask in enumerate(asks) if number != weakest]
        taken = {index for ask in asks for index in ask.sentences}
        told = [ask.text for ask in others]
        found = self.evidence(self._inside(whole), characters, told, taken)
        if not found or not self._states_figures(found):
            return  # an opening that only announces what follows would be filled with that
        if self._worth(self.about(found)) > self._worth(asks[weakest]) + _FAR_MORE:
            asks[weakest] = self.about(found)

    def _states_figures(self, sentences: Iterable[int]) -> bool:
        texts = (self.material.sentences[index].text for index in sentences)
        return any(fact.kind in _FIGURES for text in texts for fact in extract_facts(text))

    def _worth(self, ask: Ask) -> float:
        return max((self.salience.scores[index] for index in ask.sentences), default=-9.0)

    def evidence(
        self, among: Iterable[int], characters: int, told: Sequence[str], taken: Iterable[int]
    ) -> tuple[int, ...]:
        """Return the sentence most worth reporting, and its neighbour where both find room."""
        inside, used = set(among), set(taken)
        best = self.salience.best(inside, told, used)
        if best is None:
            return ()
        room = min(MOST_EVIDENCE, round(characters * _EVIDENCE_A_CHARACTER))
        size = self._size(best)
        scores = self.salience.scores
        neighbours = [
            index
            for index in (best + 1, best - 1)
            if index in inside - used
            and scores[index] >= _WORTH_A_SECOND * scores[best]
            and size + self._size(index) <= room
        ]
        second = max(neighbours, key=lambda index: scores[index], default=None)
        return tuple(sorted({best, *(() if second is None else (second,))}))

    def _size(self, index: int) -> int:
        """Return the characters of a sentence without its dateline."""
        return len(without_dateline(self.material.sentences[index].text))

    def about(self, sentences: Sequence[int]) -> Ask:
        """Return the ask for a point about certain sentences."""
        passages = [self.material.sentences[index].passage for index in sentences]
        return self._ask(Part(min(passages), max(passages)), tuple(sentences))

    def _of_stretch(self, stretch: Part, characters: int) -> Ask:
        """Return an ask about the beginning of a stretch, where nothing in it stands out."""
        size = 0
        chosen: list[int] = []
        for index in self._inside(stretch):
            size += len(self.material.sentences[index].text)
            if chosen and size > characters * _EVIDENCE_A_CHARACTER:
                break
            chosen.append(index)
        return self._ask(stretch, tuple(chosen))

    def _ask(self, stretch: Part, sentences: tuple[int, ...]) -> Ask:
        texts = [self.material.sentences[index].text for index in sentences]
        if sentences:
            texts[0] = without_dateline(with_context(self.material, sentences[0]))
        return Ask(stretch, sentences, in_chinese_marks("".join(texts))[:MOST_EVIDENCE])

    def _inside(self, stretch: Part) -> range:
        return self.material.sentences_between(stretch.first, stretch.last)
