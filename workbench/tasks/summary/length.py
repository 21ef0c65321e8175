"""Lengths: how many points of what size make the characters asked for, and bringing them there."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from workbench.prompting.template import Size
from workbench.tasks.drafting import Draft
from workbench.tasks.summary.clauses import shrunk, worth_of

TOLERANCE = 0.15
"""How far from the characters asked for a summary may end."""
LEAST, MOST = 20, 20_000
"""What may be asked for, in characters of all points."""
_CLOSE = 0.08
_EACH = 45
"""Characters of a point, where only those of all points are said: room for one fact or two."""
_MOST_POINTS = 50
_NEW_FAULTS = 0.9

Judge = Callable[[str, Draft, Sequence[str]], Draft]
Measure = Callable[[str], int]


def planned(size: Size, characters: int | None, output: str) -> Size:
    """Return the points and their size that make ``characters`` in all; None: ``size`` as it is."""
    if characters is None:
        return size
    if output == "text":
        return Size(1, characters)
    points = min(_MOST_POINTS, max(1, round(characters / _EACH)))
    return Size(points, max(10, round(characters / points)))


def is_within(characters: int, asked: int) -> bool:
    """Say whether a length is as asked."""
    return abs(characters - asked) <= TOLERANCE * asked


def brought_down(
    drafts: Sequence[Draft], asked: int, measure: Measure, judged: Judge, subject: str
) -> tuple[list[Draft], int]:
    """Shorten points to ``asked`` characters in all; say how many whole points that cost.

    What goes first is the clause, or the whole point, that says least for its length beside the
    others. A point that becomes unsound by losing a clause keeps it.
    """
    kept = list(drafts)
    gone = 0
    fixed: set[str] = set()
    while (total := sum(measure(draft.text) for draft in kept)) > asked:
        floor = asked * (1 - (_CLOSE if is_within(total, asked) else TOLERANCE))
        edits: list[tuple[float, int, str | None]] = []
        for number, draft in enumerate(kept):
            others = [one.text for place, one in enumerate(kept) if place != number]
            worth = worth_of(others, subject)
            shorter = None if draft.text in fixed else shrunk(draft.text, worth)
            for text in (shorter, None):
                if text is None and (len(kept) == 1 or is_within(total, asked)):
                    continue
                if text is None and shorter is not None:
                    continue
                saved = measure(draft.text) - (measure(text) if text else 0)
                if saved > 0 and total - saved >= floor:
                    lost = worth(draft.text) - (worth(text) if text else 0.0)
                    edits.append((lost / saved, number, text))
        if not edits:
            break
        _loss, number, text = min(edits, key=lambda edit: edit[:2])
        if text is None:
            del kept[number]
            gone += 1
            continue
        others = [one.text for one in kept[:number]]
        new = judged(text, kept[number], others)
        if new.faults > kept[number].faults + _NEW_FAULTS or new.text == kept[number].text:
            fixed.add(kept[number].text)
        else:
            kept[number] = replace(new, stretch=kept[number].stretch)
    return kept, gone
