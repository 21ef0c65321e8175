"""Exact match and F1 of answers, by character.

Both take the best of the right answers (SQuAD, Rajpurkar et al. 2016), here over characters in one
script. ``f1`` counts the characters both have, in any order, as SQuAD counts words and as DRCD is
measured. ``f1_cmrc`` follows the evaluation script of CMRC 2018 (Cui et al. 2019): the longest run
both have, Hanzi one by one and Latin words and numbers as wholes. A refusal is no answer: it
scores 0 where there was one.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from workbench.evaluation.metrics.case import Case, Ratio
from workbench.evaluation.metrics.normal import characters, simplified
from workbench.evaluation.metrics.refusals import refused

_TOKEN = re.compile(r"[a-z0-9]+(?:\.[0-9]+)*|[^\W_]")


def exact_match(case: Case) -> Ratio | None:
    """Say whether the answer is one of the right ones, punctuation and script aside."""
    return _best(case, lambda answer, right: float(characters(answer) == characters(right)))


def f1(case: Case) -> Ratio | None:
    """Return the F1 of the answer's characters, as a bag."""
    return _best(case, f1_of_characters)


def f1_cmrc(case: Case) -> Ratio | None:
    """Return the F1 of the longest run that answer and reference have in common."""
    return _best(case, f1_of_longest_run)


def overall(case: Case) -> Ratio | None:
    """Return F1 where the text answers, and whether it was refused where it does not.

    So SQuAD 2.0 counts (Rajpurkar et al. 2018): answering everything does not pay, nor refusing.
    """
    return Ratio(float(refused(case.output))) if case.item.answerable is False else f1(case)


def f1_of_characters(answer: str, right: str) -> float:
    """Return the harmonic mean of the shares of characters that each has of the other."""
    ours, theirs = Counter(characters(answer)), Counter(characters(right))
    return f_measure((ours & theirs).total(), ours.total(), theirs.total())


def f1_of_longest_run(answer: str, right: str) -> float:
    """Return the same of the longest common run of tokens."""
    ours, theirs = tokens(answer), tokens(right)
    return f_measure(longest_common_run(ours, theirs), len(ours), len(theirs))


def tokens(text: str) -> list[str]:
    """Divide a text into Hanzi and into words and numbers in Latin letters, without punctuation."""
    return _TOKEN.findall(simplified(text))


def longest_common_run(first: Sequence[str], second: Sequence[str]) -> int:
    """Return the length of the longest run of tokens that stands in both."""
    best = 0
    row = [0] * (len(second) + 1)
    for one in first:
        before = 0
        for column, other in enumerate(second, start=1):
            before, row[column] = row[column], before + 1 if one == other else 0
            best = max(best, row[column])
    return best


def f_measure(common: float, ours: float, theirs: float) -> float:
    """Return 2PR / (P + R) for P = common / ours and R = common / theirs; 0 where nothing is."""
    return 2 * common / (ours + theirs) if common else 0.0


def _best(case: Case, score: Callable[[str, str], float]) -> Ratio | None:
    item = case.item
    if not item.references or item.answerable is False:
        return None
    if refused(case.output):
        return Ratio(0.0)
    return Ratio(max(score(case.output.text, right) for right in item.references))
