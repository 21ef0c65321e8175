"""Holding the facts of a point against the article."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from workbench.grounding.borrowed_dates import borrowed_dates
from workbench.grounding.check import DIFFERS, ELSEWHERE, SUPPORTED, UNSUPPORTED, Check
from workbench.grounding.credits import miscredited
from workbench.grounding.differing import (
    ahead,
    exchanged_names,
    facts_of,
    same_slot,
    stated_instead,
)
from workbench.grounding.facts import Fact, extract_facts
from workbench.grounding.ngrams import bigrams, shared
from workbench.grounding.numerals import narrow
from workbench.grounding.polarity import turned
from workbench.grounding.relative import find_parts_of_year
from workbench.grounding.rounding import rounds
from workbench.grounding.source import Source, magnitude, published_of
from workbench.grounding.speakers import misattributed

__all__ = [
    "DIFFERS",
    "ELSEWHERE",
    "SUPPORTED",
    "UNSUPPORTED",
    "Check",
    "Fact",
    "Source",
    "check_facts",
    "extract_facts",
]

_MOST_EVIDENCE = 3
_LEAST_COVERED = 0.3


def check_facts(point: str, cited: Source, article: Source) -> tuple[Check, ...]:
    """Check every fact of a point (Simplified) against what it cites and against the article.

    Where nothing is cited, the sentences of the article that are most like the point stand for it.
    """
    published = published_of(cited, article)
    facts = extract_facts(point, published=published)
    evidence = _evidence(point, cited, article)
    stated = facts_of(evidence, article)
    checks = [_check(point, fact, facts, stated, cited, article) for fact in facts]
    checks = _with_borrowed(checks, borrowed_dates(point, facts, article))
    checks += _parts_of_year(point, facts, cited, article)
    checks = _with_exchanged(checks, point, exchanged_names(point, evidence, article))
    checks += _turned(point, evidence, article)
    taken = {position for check in checks if check.wrong for position in _span(check)}
    for found in (*misattributed(point, evidence, article), *miscredited(point, article)):
        if not taken & set(range(found.start, found.end)):
            text = point[found.start : found.end]
            checks.append(
                Check("attribution", text, found.start, found.end, DIFFERS, found.instead)
            )
            taken |= set(range(found.start, found.end))
    return tuple(sorted(checks, key=lambda check: (check.start, check.end)))


def _evidence(point: str, cited: Source, article: Source) -> list[str]:
    """Return the sentences a point is about: what it cites, else those most like it."""
    if cited.sentences:
        return cited.sentences
    grams = bigrams(point)
    scored = [(shared(grams, own), -index) for index, own in enumerate(article.sentence_bigrams)]
    best = sorted(scored, reverse=True)[:_MOST_EVIDENCE]
    return [article.sentences[-index] for score, index in best if score >= _LEAST_COVERED]


def _check(
    point: str,
    fact: Fact,
    facts: Sequence[Fact],
    stated: Sequence[tuple[str, Sequence[Fact]]],
    cited: Source,
    article: Source,
) -> Check:
    status, instead = SUPPORTED, ""
    if not cited.has(fact) and not _rounded(point, fact, cited if cited.sentences else article):
        if not article.has(fact):
            instead = stated_instead(point, fact, facts, stated)
            status = DIFFERS if instead else UNSUPPORTED
        else:
            instead = _put_for(point, fact, facts, stated, article)
            status = DIFFERS if instead else ELSEWHERE
    return Check(fact.kind, fact.text, fact.start, fact.end, status, instead)


def _rounded(point: str, fact: Fact, cited: Source) -> bool:
    """Say whether a figure is one of the cited sentences in round numbers, and says so."""
    value = magnitude(fact.value, fact.value)
    return value is not None and any(
        rounds(point, fact.start, fact.end, value, exact) for exact in cited.figures(fact)
    )


def _put_for(
    point: str,
    fact: Fact,
    facts: Sequence[Fact],
    stated: Sequence[tuple[str, Sequence[Fact]]],
    article: Source,
) -> str:
    """Return the figure of the sentence a point is about, where it has one of another sentence."""
    for sentence, others in stated:
        instead = stated_instead(point, fact, facts, [(sentence, others)])
        other = next((other for other in others if other.text == instead), None)
        if (
            other is not None
            and same_slot(point, fact, sentence, other)
            and ahead(point, fact.text, sentence, article, fact.start)
        ):
            return instead
    return ""


def _parts_of_year(
    point: str, facts: Sequence[Fact], cited: Source, article: Source
) -> list[Check]:
    """Check halves and quarters of years that are no fact of another kind."""
    taken = {position for fact in facts for position in range(fact.start, fact.end)}
    checks = []
    for start, end, part in find_parts_of_year(narrow(point)):
        if taken & set(range(start, end)):
            continue
        status = UNSUPPORTED
        if cited.has_part_of_year(part):
            status = SUPPORTED
        elif article.has_part_of_year(part):
            status = ELSEWHERE
        checks.append(Check("date", point[start:end], start, end, status))
    return checks


def _with_exchanged(
    checks: Sequence[Check], point: str, exchanged: Iterator[tuple[int, int, str]]
) -> list[Check]:
    """Put the names that the source has otherwise in the place of what was found of them."""
    kept = list(checks)
    for start, end, name in exchanged:
        inside = [check for check in kept if check.start < end and check.end > start]
        if any(check.kind != "name" or check.status == DIFFERS for check in inside):
            continue
        kept = [check for check in kept if check not in inside]
        kept.append(Check("name", point[start:end], start, end, DIFFERS, name))
    return kept


def _with_borrowed(checks: Sequence[Check], borrowed: Iterator[tuple[Fact, str]]) -> list[Check]:
    """Mark the dates that the article has for something else than the figure they are put to."""
    instead = {date.start: own for date, own in borrowed}
    return [
        replace(check, status=DIFFERS, instead=instead[check.start])
        if check.kind == "date" and not check.wrong and check.start in instead
        else check
        for check in checks
    ]


def _turned(point: str, evidence: Sequence[str], article: Source) -> list[Check]:
    found = list(turned(point, evidence))
    if not found:
        return []
    # Where the article says it both ways, nothing is turned.
    everywhere = {(item.start, item.end) for item in turned(point, article.sentences)}
    return [
        Check("negation", point[item.start : item.end], item.start, item.end, DIFFERS, item.instead)
        for item in found
        if (item.start, item.end) in everywhere
    ]


def _span(check: Check) -> range:
    return range(check.start, check.end)
