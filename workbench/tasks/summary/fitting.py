"""Bringing the points of a summary to the characters asked for."""

from collections.abc import Callable, Sequence

from workbench.prompting.template import Size
from workbench.tasks import drafting
from workbench.tasks.drafting import Draft
from workbench.tasks.material import Material
from workbench.tasks.rescript import Rescripter
from workbench.tasks.summary import length
from workbench.tasks.summary.asks import Ask, Asker
from workbench.tasks.writing import Writer

_MOST_EXTENSIONS = 2
_LEAST_MISSING = 10
_LONGEST = 1.4

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
        return fitted

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
