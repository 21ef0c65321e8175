"""Bringing the points of a summary to the characters asked for."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from workbench.prompting.template import Size
from workbench.tasks import drafting
from workbench.tasks.drafting import Draft
from workbench.tasks.material import Material
from workbench.tasks.plan import Part
from workbench.tasks.rescript import Rescripter
from workbench.tasks.summary import length
from workbench.tasks.summary.asks import Ask, Asker
from workbench.tasks.writing import Writer

_MOST_EXTENSIONS = 2
_LEAST_MISSING = 10
_LONGEST = 1.4
_MOST_JOINED = 2
"""Points of this many times the size of one: two in one are still read at a glance."""

Write = Callable[[Sequence[Ask], Sequence[Draft]], list[Draft]]


class Fitter:
    """Fits the points of one article; ``merged_away`` counts those that went for want of room.

    ``write`` has points written for asks, beside what was drafted before. Lengths are those of the
    script that is shown.
    """

    def __init__(
        self,
        material: Material,
        writer: Writer,
        asker: Asker,
        rescript: Rescripter,
        size: Size,
        write: Write,
    ):
        self.merged_away = 0
        self._material = material
        self._writer = writer
        self._asker = asker
        self._rescript = rescript
        self._size = size
        self._write = write

    def fitted(self, drafts: Sequence[Draft], asked: int, *, more: bool) -> list[Draft]:
        """Bring points to ``asked`` characters in all; ``more``: others may be written for it."""
        found = list(drafts)
        if more:
            found = self._filled(found, asked)
            for _round in range(_MOST_EXTENSIONS):
                missing = asked - self._characters(found)
                if missing < 0 or length.is_within(asked - missing, asked):
                    break
                longer = self._extended(found, missing)
                if longer is None:
                    break
                found = longer
        fitted, gone = length.brought_down(
            found, asked, self._length, self._writer.judged, self._material.title
        )
        self.merged_away += gone
        return self._joined(fitted) if more else fitted

    def _joined(self, drafts: list[Draft]) -> list[Draft]:
        """Put neighbours into one point, the shortest first, until there are as many as asked.

        Each keeps its words, so that nothing is lost; two stay apart where a fact of theirs would
        pass for another's, or where they are no plain statements.
        """
        found = list(drafts)
        apart: set[str] = set()
        while len(found) > self._size.points:
            pairs = [
                (self._length(one.text) + self._length(other.text), place)
                for place, (one, other) in enumerate(pairwise(found))
                if one.text + other.text not in apart and one.text.endswith("。")
            ]
            size, place = min(pairs, default=(_MOST_JOINED * self._size.characters + 1, 0))
            if size > _MOST_JOINED * self._size.characters:
                break
            one, other = found[place : place + 2]
            new = self._side_by_side(one, other, [draft.text for draft in found[:place]])
            if new is None:
                apart.add(one.text + other.text)
            else:
                found[place : place + 2] = [new]
        return found

    def _side_by_side(self, one: Draft, other: Draft, earlier: Sequence[str]) -> Draft | None:
        numbers = [one.stretch.first, one.stretch.last, other.stretch.first, other.stretch.last]
        both = replace(one, stretch=Part(min(numbers), max(numbers)))
        text = f"{one.text.rstrip('。')}；{other.text}"
        new = self._writer.judged(text, both, earlier, limit=len(text))
        wrong = [sum(check.wrong for check in draft.checks) for draft in (one, other, new)]
        return new if wrong[2] <= wrong[0] + wrong[1] else None

    def _filled(self, drafts: list[Draft], asked: int) -> list[Draft]:
        """Let points tell more of their stretches while characters are left."""
        found = list(drafts)
        for index, draft in enumerate(drafts):
            missing = asked - self._characters(found)
            if missing < _LEAST_MISSING:
                break
            others = [one.text for place, one in enumerate(found) if place != index]
            inside = self._material.sentences_between(draft.stretch.first, draft.stretch.last)
            limit = min(int(self._size.characters * _LONGEST), len(draft.text) + missing)
            found[index] = self._writer.enriched(draft, inside, others, limit)
        return found

    def _extended(self, drafts: list[Draft], missing: int) -> list[Draft] | None:
        """Have points written of what is most worth reporting besides; None where nothing is."""
        told = [draft.text for draft in drafts]
        wanted = max(1, round(missing / self._size.characters))
        asks = self._asker.further(wanted, self._size.characters, told)
        new = self._write(asks, drafts) if asks else []
        fresh = [draft for draft in new if not drafting.repeats(draft.text, told)]
        return sorted([*drafts, *fresh], key=_place) if fresh else None

    def _length(self, text: str) -> int:
        return len(self._rescript(text))

    def _characters(self, drafts: Sequence[Draft]) -> int:
        return sum(self._length(draft.text) for draft in drafts)


def _place(draft: Draft) -> tuple[int, int]:
    return (min(draft.aligned.sentences, default=10**9), draft.stretch.first)
