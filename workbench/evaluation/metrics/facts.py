"""Facts of an output that the article holds, and facts the output should hold.

Facts are found and looked up by ``workbench.grounding``, in notations of all kinds: 460万元 equals
四百六十萬元. What that package does not see, these metrics do not see either (docs/grounding.md).
"""

import re
from functools import cache

from workbench.articles.script import to_simplified
from workbench.evaluation.items import SUMMARY, ExpectedFact
from workbench.evaluation.metrics.case import Case, Ratio
from workbench.evaluation.metrics.normal import matched
from workbench.evaluation.metrics.refusals import refused
from workbench.grounding.facts import Fact, extract_facts


def fact_precision(case: Case) -> Ratio | None:
    """Return how many facts of the output the article holds, of how many it states."""
    stated = len(case.facts)
    return Ratio(stated - len(case.unsupported), stated) if stated else None


def fact_recall(case: Case) -> Ratio | None:
    """Return how many expected facts a summary states, of how many there are.

    Where none are listed, those of the first reference are expected.
    """
    if case.item.kind != SUMMARY:
        return None
    if case.item.expected:
        found = [states(case, fact) for fact in case.item.expected]
    elif case.item.references:
        reference = extract_facts(to_simplified(case.item.references[0]))
        found = [case.said.has(fact) for fact in reference]
    else:
        return None
    return Ratio(sum(found), len(found)) if found else None


def forbidden_facts(case: Case) -> Ratio | None:
    """Return how many of the facts it must not state an output states."""
    forbidden = case.item.forbidden
    if not forbidden or refused(case.output):
        return None
    return Ratio(sum(states(case, fact) for fact in forbidden), len(forbidden))


def missing(case: Case) -> list[ExpectedFact]:
    """Return the expected facts that the output does not state."""
    return [fact for fact in case.item.expected if not states(case, fact)]


def states(case: Case, fact: ExpectedFact) -> bool:
    """Say whether an output states a fact in any of its ways, in either script.

    Plain text is looked for without regard to spaces and punctuation, numbers only as wholes (28 is
    not in 128), and a way that is a date, an amount or another value also by what it is worth. A
    regular expression is tried on the output as it is and in Simplified script.
    """
    if fact.pattern:
        return any(
            re.search(pattern, text)
            for pattern in fact.alternatives
            for text in (case.output.text, case.text)
        )
    said = matched(case.output.text)
    return any(_holds(said, way) or _worth(case, way) for way in fact.alternatives)


def _holds(said: str, way: str) -> bool:
    wanted = matched(way)
    if not wanted:
        return False
    before = r"(?<!\d)(?<!\d\.)" if wanted[0].isdigit() else ""
    after = r"(?!\.?\d)" if wanted[-1].isdigit() else ""
    return re.search(before + re.escape(wanted) + after, said) is not None


def _worth(case: Case, way: str) -> bool:
    value = _value(way)
    return value is not None and case.said.has(value)


@cache
def _value(way: str) -> Fact | None:
    """Return the value that a text is the notation of, None where it says anything more."""
    plain = to_simplified(way).strip()
    facts = extract_facts(plain)
    if len(facts) != 1 or facts[0].kind == "name":
        return None
    return facts[0] if (facts[0].start, facts[0].end) == (0, len(plain)) else None
