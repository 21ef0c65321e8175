"""Making few points of the many that the parts of a long article give."""

from collections.abc import Sequence

from workbench.grounding.alignment import bigrams
from workbench.tasks.drafting import Draft
from workbench.tasks.plan import Part, split_into_stretches
from workbench.tasks.summary.clauses import compressed, worth_of

_MOST_IN_ONE = 4
_TOLD = 0.5
_FIGURES = ("amount", "percent", "number")


def groups(count: int, asked: int) -> list[Part]:
    """Divide ``count`` points into neighbours to merge: at most four in one, so that they fit."""
    wanted = max(asked, -(-count // _MOST_IN_ONE))
    return split_into_stretches([1] * count, 1, count, wanted)


def side_by_side(
    texts: Sequence[str], characters: int, earlier: Sequence[str], subject: str
) -> str:
    """Put several points into one of at most ``characters``: of each the clauses that say most.

    Each gets its share of the room, and what those before it left over. A point that cannot be so
    short is left out; empty where all are.
    """
    pieces: list[str] = []
    for number, text in enumerate(texts):
        used = sum(len(piece) + 1 for piece in pieces)
        room = (characters - used) // (len(texts) - number)
        piece = compressed(text, room, worth_of([*earlier, *pieces], subject))
        if piece:
            pieces.append(piece.rstrip("。；，"))
    return "；".join(pieces) + "。" if pieces else ""


def is_told(draft: Draft, texts: Sequence[str]) -> bool:
    """Say whether one of some texts still tells what a draft does: half its figures, or its words.

    Words count only where it states no figure: points about like things are alike in words.
    """
    figures = {check.text for check in draft.checks if check.kind in _FIGURES and not check.wrong}
    grams = bigrams(draft.text)
    for text in texts:
        if figures and 2 * sum(figure in text for figure in figures) >= len(figures):
            return True
        if not figures and len(grams & bigrams(text)) >= _TOLD * len(grams):
            return True
    return False
