"""ROUGE-1, ROUGE-2 and ROUGE-L by character (Lin 2004), as F-measures.

Characters are those of ``normal.characters``: one script, no punctuation. Of several references the
best counts. ROUGE-L is that of the whole text, not sentence by sentence.
"""

from collections import Counter
from collections.abc import Callable

from workbench.evaluation.items import SUMMARY
from workbench.evaluation.metrics.answers import f_measure
from workbench.evaluation.metrics.case import Case, Ratio
from workbench.evaluation.metrics.normal import characters


def rouge_1(case: Case) -> Ratio | None:
    """Return ROUGE-1 of a summary against its reference."""
    return _best(case, lambda ours, theirs: rouge_n(ours, theirs, 1))


def rouge_2(case: Case) -> Ratio | None:
    """Return ROUGE-2 of a summary against its reference."""
    return _best(case, lambda ours, theirs: rouge_n(ours, theirs, 2))


def rouge_l(case: Case) -> Ratio | None:
    """Return ROUGE-L of a summary against its reference."""
    return _best(case, rouge_longest)


def rouge_n(ours: str, theirs: str, size: int) -> float:
    """Return the F-measure of the n-grams of ``size`` characters that both have."""
    mine, other = _grams(ours, size), _grams(theirs, size)
    return f_measure((mine & other).total(), mine.total(), other.total())


def rouge_longest(ours: str, theirs: str) -> float:
    """Return the F-measure of the longest common subsequence."""
    return f_measure(longest_common_subsequence(ours, theirs), len(ours), len(theirs))


def longest_common_subsequence(first: str, second: str) -> int:
    """Return the length of the longest common subsequence.

    The bit-parallel recurrence of Hyyrö (2004): one bit a character of ``first``, one step a
    character of ``second``; bits that are 0 at the end count.
    """
    if not first:
        return 0
    places: dict[str, int] = {}
    for index, char in enumerate(first):
        places[char] = places.get(char, 0) | 1 << index
    full = (1 << len(first)) - 1
    state = full
    for char in second:
        matches = state & places.get(char, 0)
        state = (state + matches | state - matches) & full
    return len(first) - state.bit_count()


def _grams(text: str, size: int) -> Counter[str]:
    return Counter(text[start : start + size] for start in range(len(text) - size + 1))


def _best(case: Case, score: Callable[[str, str], float]) -> Ratio | None:
    if case.item.kind != SUMMARY or not case.item.references:
        return None
    ours = characters(case.output.text)
    return Ratio(max(score(ours, characters(right)) for right in case.item.references))
