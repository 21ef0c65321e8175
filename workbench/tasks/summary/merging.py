"""Making few points of the many that the parts of a long article give."""

from collections.abc import Sequence

from workbench.grounding.alignment import bigrams
from workbench.tasks.drafting import Draft
from workbench.tasks.plan import Part, split_into_stretches

_MOST_IN_ONE = 4
_TOLD = 0.5


def groups(count: int, asked: int) -> list[Part]:
    """Divide ``count`` points into neighbours to merge: at most four in one, so that they fit."""
    wanted = max(asked, -(-count // _MOST_IN_ONE))
    return split_into_stretches([1] * count, 1, count, wanted)


def is_told(draft: Draft, texts: Sequence[str]) -> bool:
    """Say whether one of some texts still tells what a draft does: its facts, or half its words."""
    facts = {check.text for check in draft.checks if not check.wrong}
    grams = bigrams(draft.text)
    for text in texts:
        shared = len(grams & bigrams(text)) / (len(grams) or 1)
        if shared >= _TOLD or (facts and all(fact in text for fact in facts)):
            return True
    return False
