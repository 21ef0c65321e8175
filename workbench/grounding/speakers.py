"""Statements put into another mouth: 甲表示 in a point for what 乙 says in the source.

Only where both are named and what is said is nearly the same. A source that goes on with 他 or
该负责人 names nobody there, and gives no alarm.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbench.grounding.ngrams import bigrams, shared
from workbench.grounding.people import VERBS, looks_like_person
from workbench.grounding.source import Source

_SAID = re.compile(
    rf"(?P<who>[^，。；！？：、,;!?\n“”《》（）()\s]{{2,24}}?)(?:[\d一二三十]{{1,3}}日|则|也|还|曾|就|随后|日前|当天)*(?P<verb>{VERBS}|[说称](?=[，：:,“]))"
    r"[，：:,]?(?P<what>[^。！？!?\n]{6,})"
)
_LEAST_SAID = 0.6
_LEAST_AHEAD = 0.2


@dataclass(frozen=True, slots=True)
class Misattributed:
    """Who a point says said something (offsets), and who says so in the source."""

    start: int
    end: int
    instead: str


@dataclass(frozen=True, slots=True)
class _Said:
    """A statement: the end of the clause that names the speaker, and what is said."""

    who: str
    start: int
    what: frozenset[str]


def misattributed(point: str, sentences: Sequence[str], article: Source) -> Iterator[Misattributed]:
    """Yield who a point names for what somebody else says in one of the sentences."""
    said = list(_statements(point))
    if not said:
        return
    known = article.names.known
    sources = [(sentence, theirs) for sentence in sentences for theirs in _statements(sentence)]
    for mine in said:
        name = _named(mine.who, known)
        if name is None:
            continue
        grams = set(mine.what)
        own = article.coverage(grams, having=name)
        for sentence, theirs in sources:
            other = _named(theirs.who, known)
            score = shared(grams, theirs.what)
            if (
                other is not None
                and name not in sentence
                and score >= max(_LEAST_SAID, own + _LEAST_AHEAD)
                and not set(name) & set(other)
            ):
                at = mine.start + mine.who.rfind(name)
                yield Misattributed(at, at + len(name), other)
                break


def _statements(text: str) -> Iterator[_Said]:
    for match in _SAID.finditer(text):
        yield _Said(match["who"], match.start("who"), frozenset(bigrams(match["what"])))


def _named(who: str, known: dict[str, str]) -> str | None:
    """Return the person that a subject ends in: 杨永英 of 贵州省人大常委会副主任杨永英."""
    for size in (6, 5, 4, 3, 2):
        name = who[-size:]
        if len(name) == size and known.get(name) == "person":
            return name
    if 2 <= len(who) <= 4 and looks_like_person(who):
        return who
    return None
