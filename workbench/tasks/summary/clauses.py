"""Shortening a sentence by its clauses: the least informative go first."""

import re
from collections.abc import Callable, Sequence

from workbench.grounding.facts import extract_facts
from workbench.tasks.summary.salience import content_bigrams
from workbench.tasks.wording import (
    AFTER_A_CHANGE,
    LEAST_CHARACTERS,
    SENTENCE_END,
    is_balanced,
    leads_on,
)

_CLAUSE = re.compile(r"[^，；;。！？!?]*[，；;。！？!?”’」]*")
_LEANS_BACK = re.compile(
    r"^(?:其中|前者|后者|其(?!他|余|实)|该|此|这|对此|那|包括|例如|比如|如|即|分别|以|从而|以便|使|使得|导致|等|"
    rf"{AFTER_A_CHANGE})"
)
_PREDICATE = re.compile(r"^(?:被|是|将|为|已|可|能|会|有|让|使|成|达|位于|属于|获|均|都|并非|不)")
_CONTRASTS = re.compile(r"^(?:但是?|而且?|却|并且?|且|也(?!门)|还|则|又|不过|然而)")
_BREAKS = f"{SENTENCE_END}；;"
_ASIDE = re.compile(r"[（(][^（）()]{1,24}[)）]")
_LEAST_ECHO = 4
_FIGURES = ("amount", "percent", "number", "duration", "rank")

Worth = Callable[[str], float]


def split_clauses(text: str) -> list[str]:
    """Divide a text into clauses, each with the mark that ends it; quotations stay whole."""
    found: list[str] = []
    for clause in _CLAUSE.findall(text):
        if not clause:
            continue
        if found and not is_balanced(found[-1]):
            found[-1] += clause
        else:
            found.append(clause)
    return found


def worth_of(told: Sequence[str] = (), subject: str = "") -> Worth:
    """Return how much a clause is worth: its facts, and what it shares with the ``subject``.

    What was ``told`` elsewhere is worth little.
    """
    known = frozenset(gram for text in told for gram in content_bigrams(text))
    about = content_bigrams(subject)

    def worth(clause: str) -> float:
        facts = {fact.text: fact for fact in extract_facts(clause)}
        fresh = [fact for fact in facts.values() if not any(fact.text in text for text in told)]
        score = sum(1.0 if fact.kind in _FIGURES else 0.6 for fact in fresh)
        grams = content_bigrams(clause)
        score += 0.06 * len(grams - known)
        return score + 0.12 * len(grams & about)

    return worth


def leans_back(clause: str) -> bool:
    """Say whether a clause means nothing without the one before it."""
    return bool(_LEANS_BACK.match(clause) or _CONTRASTS.match(clause))


def without_asides(text: str) -> str:
    """Return a text without brackets that hold no digit."""
    return _ASIDE.sub(lambda m: m.group() if re.search(r"\d", m.group()) else "", text)


def without_echoes(text: str) -> str:
    """Return a text without clauses that the one beside them says whole: 引发争议，引发争议."""
    clauses = split_clauses(text)
    said = [_bare(clause) for clause in clauses]
    for number in range(len(clauses) - 1, -1, -1):
        beside = [said[at] for at in (number - 1, number + 1) if 0 <= at < len(said)]
        if len(said[number]) >= _LEAST_ECHO and any(said[number] in other for other in beside):
            del clauses[number], said[number]
    return _joined(clauses, False) if len(clauses) < len(split_clauses(text)) else text


def compressed(text: str, characters: int, worth: Worth) -> str | None:
    """Drop clauses until ``text`` has at most ``characters``; None where that cannot be.

    The clause that goes is the one worth least for its length. The first one names who the text is
    about, so it stays unless it only leads on to another.
    """
    clauses = split_clauses(text)
    beheaded = False
    while clauses and len(_joined(clauses, beheaded)) > characters:
        candidates = [
            (worth(clauses[number]) / (len(clauses[number]) + 4), -number)
            for number in range(len(clauses))
            if _can_go(clauses, number)
        ]
        if not candidates:
            return None
        gone = -min(candidates)[1]
        end = gone + 1
        while end < len(clauses) and _LEANS_BACK.match(clauses[end]):
            end += 1
        del clauses[gone:end]
        beheaded = beheaded or gone == 0
    if not clauses:
        return None
    short = _joined(clauses, beheaded)
    whole = len(short) >= LEAST_CHARACTERS and is_balanced(short)
    return short if whole and not leads_on(_bare(clauses[-1])) else None


def shrunk(text: str, worth: Worth) -> str | None:
    """Drop one clause, the one worth least for its length; None where none can go."""
    return compressed(text, len(text) - 1, worth)


def _can_go(clauses: list[str], number: int) -> bool:
    """Say whether a clause can be left out.

    The one that opens a sentence names who it is about: it goes only if it leads on to another, or
    with its whole sentence.
    """
    if len(clauses) == 1:
        return False
    opens = number == 0 or clauses[number - 1][-1] in _BREAKS
    closes = number + 1 == len(clauses) or clauses[number][-1] in _BREAKS
    if opens and not closes and not leads_on(_bare(clauses[number])):
        return False
    if number == 1 and not opens and _PREDICATE.match(clauses[1]):
        return False  # the first clause is its subject
    # What is left behind must not lead on to nothing.
    before = clauses[number - 1] if number else ""
    return not (closes and before and before[-1] not in _BREAKS and leads_on(_bare(before)))


def _bare(clause: str) -> str:
    return clause.rstrip("，；;。！？!?")


def _linked(clause: str) -> str:
    """Return a clause that others follow: what was a sentence becomes part of one."""
    return f"{clause[:-1]}；" if clause[-1] in "。；;" else clause


def _joined(clauses: Sequence[str], beheaded: bool) -> str:
    text = "".join(_linked(clause) for clause in clauses[:-1]) + clauses[-1]
    if beheaded:
        text = _CONTRASTS.sub("", text, count=1)
    return text if text[-1:] in SENTENCE_END else f"{_bare(text)}。"
