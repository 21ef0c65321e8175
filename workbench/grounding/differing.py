"""What a source says in place of a fact of a point: another figure for one thing, another name.

Two texts speak of the same thing where what stands around the figure or name is the same: the unit,
the currency, the words before and after. The sentence that says otherwise must be the one the point
is about: it covers the point better than every sentence that has what the point has.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbench.grounding.facts import Fact, extract_facts
from workbench.grounding.names import form, squeeze
from workbench.grounding.ngrams import bigrams, shared
from workbench.grounding.organisations import name_key
from workbench.grounding.people import looks_like_person
from workbench.grounding.source import Source

_WINDOW = 12
_LEAST_CONTEXT = 4
_LEAST_COVERED = 0.5
_LEAST_AHEAD = 0.12
_LONGEST_NAME = 14
_MOST_COMPARED = 60
_LONGEST_TITLE = 40
_LONGEST_ORGANISATION = 10
_LATIN = re.compile("[A-Za-z0-9][A-Za-z0-9 .+&'-]*")
_OPENING = frozenset("“《「『")
_CLOSING = frozenset("”》」』")
_EDGE = frozenset("，。；！？：、\n“”《》（）() 　,;:!?")


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of a point where the source has another text; ``context`` characters agree."""

    start: int
    end: int
    context: int


def stated_instead(
    point: str, fact: Fact, stated: Sequence[Fact], evidence: Sequence[tuple[str, Sequence[Fact]]]
) -> str:
    """Return the figure that the evidence gives in place of a fact, empty where none fits.

    ``stated`` are the facts of the point, ``evidence`` the sentences it is about with their facts;
    only figures of the same kind and unit, that the point does not give itself, can stand in place.
    """
    own = {repr(other.value) for other in stated if other.kind == fact.kind}
    best, score = "", 0.0
    for sentence, facts in evidence:
        for other in facts:
            if other.kind != fact.kind or repr(other.value) in own or not _alike(fact, other):
                continue
            found = _likeness(point, fact, sentence, other)
            if found > score:
                best, score = other.text, found
    return best if score >= 1 else ""


def same_slot(point: str, fact: Fact, sentence: str, other: Fact) -> bool:
    """Say whether two facts stand between the same words, so that one was put for the other."""
    before = _common_end(point[: fact.start], sentence[: other.start])
    after = _common_start(point[fact.end :], sentence[other.end :])
    return before >= 2 and after >= 1 and before + after >= _LEAST_CONTEXT


def ahead(point: str, fact_text: str, sentence: str, article: Source, start: int) -> bool:
    """Say whether a sentence covers a point clearly better than all that have ``fact_text``."""
    grams = bigrams(_sentence_around(point, start))
    covered = shared(grams, bigrams(sentence))
    return (
        covered >= _LEAST_COVERED
        and covered >= article.coverage(grams, having=fact_text) + _LEAST_AHEAD
    )


def exchanged_names(
    point: str, sentences: Sequence[str], article: Source
) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and the source's name where a point has another name of the same form."""
    known = article.names.known
    plain = squeeze(point)
    for sentence in sentences:
        for name in sorted(known, key=len, reverse=True):
            at = sentence.find(name)
            if at < 0 or squeeze(name) in plain:
                continue
            slot = _slot(point, sentence, at, at + len(name))
            if slot is None:
                continue
            other = point[slot.start : slot.end]
            if _abbreviates(other, name) or _same_key(other, name):
                continue
            quoted = (
                sentence[at - 1 : at] in _OPENING and point[slot.start - 1 : slot.start] in _OPENING
            )
            if not quoted and not _fits(other, known[name], known):
                continue
            if ahead(point, other, sentence, article, slot.start):
                yield slot.start, slot.end, name


def _slot(point: str, sentence: str, start: int, end: int) -> Slot | None:
    """Find where a point has something else between what stands around a name of a sentence."""
    best: Slot | None = None
    left, right = sentence[:start], sentence[end:]
    for position in range(len(point)):
        if not _may_meet(point[position - 1 : position] if position else "", left[-1:]):
            continue
        before = _common_end(point[:position], left)
        quoted = point[position - 1 : position] in _OPENING
        edges, longest = (_CLOSING, _LONGEST_TITLE) if quoted else (_EDGE, _LONGEST_NAME)
        for stop in range(position + 1, min(len(point), position + longest) + 1):
            if point[stop - 1] in edges:
                break
            if not _may_meet(point[stop : stop + 1], right[:1]):
                continue
            after = _common_start(point[stop:], right)
            if before + after >= _LEAST_CONTEXT:
                found = Slot(position, stop, before + after)
                if best is None or found.context > best.context:
                    best = found
    return best


def _may_meet(one: str, other: str) -> bool:
    """Say whether two characters are the same, or both the edge of a clause."""
    return one == other or (_is_edge(one) and _is_edge(other))


def _fits(other: str, kind: str, known: dict[str, str]) -> bool:
    """Say whether a text can stand where a name of this form does."""
    if len(other) < 2:
        return False
    if other in known:
        return known[other] == kind
    if kind == "person":
        return looks_like_person(other)
    if kind == "latin":
        return _LATIN.fullmatch(other) is not None
    if kind == "organisation" and (len(other) > _LONGEST_ORGANISATION or name_key(other) is None):
        return False
    return bool(kind) and form(other) == kind


def _abbreviates(one: str, other: str) -> bool:
    """Say whether one name is the other in short: 北大 of 北京大学."""
    short, long = sorted((squeeze(one), squeeze(other)), key=len)
    rest = iter(long)
    return all(char in rest for char in short)


def _same_key(one: str, other: str) -> bool:
    """Say whether the same word identifies two organisations: 云岭集团 and 云岭公司."""
    key = name_key(one)
    return key is not None and key == name_key(other)


def _alike(fact: Fact, other: Fact) -> bool:
    """Say whether two facts of one kind are of the same nature: one currency, one fineness."""
    match fact.kind:
        case "amount":
            return bool(fact.value[1] == other.value[1])
        case "date":
            return [part is None for part in fact.value] == [part is None for part in other.value]
        case "percent":
            return isinstance(fact.value, tuple) == isinstance(other.value, tuple)
        case "name":
            return False
    return True


def _likeness(point: str, fact: Fact, sentence: str, other: Fact) -> float:
    """Return how like the surroundings of two figures are; below 1 they are of other things."""
    before = _common_end(point[: fact.start], sentence[: other.start])
    after = _common_start(point[fact.end :], sentence[other.end :])
    if fact.kind == "number" and not after:
        return 0.0
    here = bigrams(_around(point, fact.start, fact.end))
    there = bigrams(_around(sentence, other.start, other.end))
    return min(before, 4) / 2 + min(after, 4) / 2 + 4 * shared(here, there)


def _around(text: str, start: int, end: int) -> str:
    return text[max(0, start - _WINDOW) : start] + "\n" + text[end : end + _WINDOW // 2]


def _sentence_around(text: str, position: int) -> str:
    """Return the sentence of a text around a position."""
    start = max(text.rfind(sign, 0, position) for sign in "。！？\n") + 1
    ends = [end for sign in "。！？\n" if (end := text.find(sign, position)) >= 0]
    return text[start : min(ends, default=len(text))]


def _common_end(one: str, other: str) -> int:
    """Return how many characters two texts have in common at the end; an edge of both counts 1."""
    count, most = 0, min(len(one), len(other), _MOST_COMPARED)
    while count < most and one[-1 - count] == other[-1 - count]:
        count += 1
    if count == 0 and _is_edge(one[-1:]) and _is_edge(other[-1:]):
        return 1
    return count


def _common_start(one: str, other: str) -> int:
    """Return how many characters two texts have in common at the start."""
    count, most = 0, min(len(one), len(other), _MOST_COMPARED)
    while count < most and one[count] == other[count]:
        count += 1
    if count == 0 and _is_edge(one[:1]) and _is_edge(other[:1]):
        return 1
    return count


def _is_edge(char: str) -> bool:
    return not char or char in _EDGE


def facts_of(sentences: Sequence[str], article: Source) -> list[tuple[str, Sequence[Fact]]]:
    """Return sentences with their facts, dates resolved as the article's are."""
    return [
        (sentence, extract_facts(sentence, published=article.published)) for sentence in sentences
    ]
