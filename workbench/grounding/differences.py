"""Facts about one thing across articles: found without a model, told to agree or to differ.

Two figures of two articles are taken to be about one thing by the context they share against the
context that sets them apart, Tversky's ratio model (1977, "Features of similarity") over character
bigrams and names, each weighted by how rare it is in all the articles (Spärck Jones 1972) and by
how close to the figure it stands. A bigram that only one of them has counts little where the other
article never uses it, so that other words for the same do no harm, and much where that article does
use it, but about something else: 一期 and 二期, 东馆 and 西馆.

A difference that is none costs a reader more than one that is missed, so a pair has to pass for
one thing in several ways before two values of it are said to differ.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from workbench.grounding.attributes import other_things
from workbench.grounding.bounds import Verdict, compare
from workbench.grounding.parallels import swapped_names
from workbench.grounding.periods import published
from workbench.grounding.slots import find_slots
from workbench.grounding.stances import alike_sentences, opposed
from workbench.grounding.statements import (
    AROUND,
    IN_CLAUSE,
    Gram,
    Reading,
    Statement,
    Text,
    currency_fits,
)

AGREE = "agree"
DIFFER = "differ"
CHANGES = "changes"
"""Verdicts: the same value, another value, and another value for another time."""

_ORDER = (AGREE, DIFFER, CHANGES)
_KNOWN_ELSEWHERE = 0.75
_UNKNOWN = 0.18
_NAME_WEIGHT = 2.0
_RELATED = 0.15
_RELATED_AT_ALL = 0.08
_FAINT = 0.15
_SAME_THING = 0.52
_SAME_ATTRIBUTE_TOO = 0.42
_SAME_ATTRIBUTE_ALONE = 0.33
_ALONE = 0.6
_SAME_ATTRIBUTE = 2.0
_SAME_TIME = 2.0
_MAIN_SUBJECT = 0.2
"""A name in this share of an article's sentences is what it is about."""
_SAME_CLAUSE = 0.35
_MUCH_AROUND = 20
_SAME_EVENT = 0.53
_SAME_VALUE = 0.30
_SAME_PLAIN_VALUE = 0.40
_LEAST_SHARED = 2.2
_TELLING_DIGITS = 3
"""A value of so many digits is rarely the same by chance."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Where an article says something: ``start`` and ``end`` in the sentence, Simplified."""

    article: int
    sentence: int
    start: int
    end: int
    when: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What two or more articles say of one thing.

    ``kind`` is that of the fact, or ``name`` or ``stance``; ``subject`` says in the articles' own
    words what it is about; ``values`` holds what each mention says; ``score`` from 0 to 1 how much
    speaks for one thing.
    """

    kind: str
    verdict: str
    subject: str
    mentions: tuple[Mention, ...]
    values: tuple[str, ...]
    score: float


@dataclass(frozen=True, slots=True)
class _Pair:
    one: Statement
    other: Statement
    score: float
    verdict: str


def find_differences(texts: Sequence[Text]) -> list[Finding]:
    """Find what the articles state of the same things; each in the order of the first article."""
    return Comparison(texts).findings()


class Comparison:
    """Articles held against each other."""

    def __init__(self, texts: Sequence[Text]):
        self.readings = [Reading(number, text) for number, text in enumerate(texts)]
        names = set().union(*(reading.own_names for reading in self.readings), set())
        for reading in self.readings:
            reading.know(names)
        sentences = [grams for reading in self.readings for grams in reading.sentence_grams]
        self._total = max(2, len(sentences))
        self._counts = Counter(gram for grams in sentences for gram in grams)
        self._parallel: dict[tuple[int, int], bool] = {}

    def weight(self, gram: Gram) -> float:
        """Return how telling a gram is: rare ones and names more."""
        rarity = math.log(1 + self._total / self._counts.get(gram, 1))
        return rarity * (_NAME_WEIGHT if gram[0] == "=" else 1.0)

    def findings(self) -> list[Finding]:
        """Return every finding, in the order of the first article that is in it."""
        pairs: list[_Pair] = []
        for number, one in enumerate(self.readings):
            for other in self.readings[number + 1 :]:
                pairs += self._pairs(one, other)
        found = [self._finding(group) for group in _groups(pairs)]
        found += find_slots(self)
        found += opposed(self)
        return sorted(
            found, key=lambda one: (one.mentions[0].article, one.mentions[0].sentence, one.kind)
        )

    @cached_property
    def relations(self) -> dict[tuple[int, int], float]:
        """Return for each two articles the share of the words of the one with fewer they share."""
        weights = {
            reading.number: math.fsum(map(self.weight, reading.known)) or 1.0
            for reading in self.readings
        }
        found = {}
        for one, other in combinations(self.readings, 2):
            shared = math.fsum(map(self.weight, one.known & other.known))
            share = shared / min(weights[one.number], weights[other.number])
            found[one.number, other.number] = found[other.number, one.number] = share
        return found

    def unknown(self, one: int, other: int) -> float:
        """Return how much a word counts that the other article does not use at all.

        In articles on one subject it is mostly another word for the same; in others it is not.
        """
        related = min(1.0, self.relations[one, other] / _RELATED)
        return _KNOWN_ELSEWHERE - (_KNOWN_ELSEWHERE - _UNKNOWN) * related

    def similarity(self, one: Statement, other: Statement) -> tuple[float, float]:
        """Return how much speaks for two figures being about one thing, and the weight shared."""
        shared = self._shared(one, other)
        apart = self._apart(one, other) + self._apart(other, one)
        return shared / (shared + apart or 1.0), shared

    def sentence_likeness(self, one: int, i: int, other: int, j: int) -> float:
        """Return how much two sentences say the same, by the words they share and do not."""
        mine, theirs = self.readings[one], self.readings[other]
        first, second = mine.sentence_grams[i], theirs.sentence_grams[j]
        unknown = self.unknown(one, other)
        shared = math.fsum(map(self.weight, first & second))
        apart = math.fsum(
            self.weight(gram) * (_KNOWN_ELSEWHERE if gram in article.known else unknown)
            for grams, article in ((first - second, theirs), (second - first, mine))
            for gram in grams
        )
        return shared / (shared + apart or 1.0)

    def _shared(self, one: Statement, other: Statement) -> float:
        parts = [
            self.weight(gram) * min(closeness, other.around[gram])
            for gram, closeness in one.near.items()
            if gram in other.around
        ]
        parts += [
            self.weight(gram) * min(closeness, AROUND)
            for gram, closeness in other.near.items()
            if gram not in one.near and gram in one.around
        ]
        if one.attributes & other.attributes:
            parts.append(_SAME_ATTRIBUTE)
        if one.kind != "date" and one.when.said and one.when == other.when:
            parts.append(_SAME_TIME)
        return math.fsum(parts)

    def _apart(self, one: Statement, other: Statement) -> float:
        known = self.readings[other.article].known
        unknown = self.unknown(one.article, other.article)
        return math.fsum(
            self.weight(gram)
            * max(0.0, closeness - other.around.get(gram, 0.0))
            * (_KNOWN_ELSEWHERE if gram in known else unknown)
            for gram, closeness in one.near.items()
        )

    def _pairs(self, one: Reading, other: Reading) -> list[_Pair]:
        """Match the figures of two articles one to one, those of equal value first."""
        scored: list[tuple[Statement, Statement, float, float]] = []
        scores: dict[int, list[float]] = defaultdict(list)
        for mine in one.statements:
            for theirs in other.statements:
                if not _comparable(mine, theirs):
                    continue
                score, shared = self.similarity(mine, theirs)
                if score < _FAINT:
                    continue
                scored.append((mine, theirs, score, shared))
                if self._may_differ(mine, theirs) and not self._of_other_times(mine, theirs):
                    scores[id(mine)].append(score)
                    scores[id(theirs)].append(score)
        candidates = []
        for mine, theirs, score, shared in scored:
            rival = max(_second(scores[id(mine)], score), _second(scores[id(theirs)], score))
            verdict = self._judge(mine, theirs, score, shared, rival)
            if verdict is not None:
                candidates.append(_Pair(mine, theirs, round(score, 4), verdict))
        candidates.sort(key=lambda pair: (_ORDER.index(pair.verdict), -pair.score))
        taken: set[int] = set()
        kept = []
        for pair in candidates:
            if id(pair.one) not in taken and id(pair.other) not in taken:
                taken |= {id(pair.one), id(pair.other)}
                kept.append(pair)
        return kept

    def _judge(
        self, one: Statement, other: Statement, score: float, shared: float, rival: float
    ) -> str | None:
        """Return the verdict on two figures, None where nothing can be said.

        ``rival`` is the best score that either has with anything else in the other article.
        """
        same = _same_value(one, other)
        if same is Verdict.UNCLEAR:
            return None
        alike = bool(one.attributes & other.attributes)
        dated = one.kind == "date"
        if same is Verdict.AGREE and not one.direction * other.direction < 0:
            if not dated and self._of_other_times(one, other):
                return None
            enough = _SAME_VALUE if alike or _telling(one) else _SAME_PLAIN_VALUE
            return AGREE if score >= enough and shared >= _LEAST_SHARED / 2 else None
        if shared < _LEAST_SHARED or score < rival or not self._may_differ(one, other):
            return None
        if dated:
            enough = _SAME_EVENT
        elif not alike or self.relations[one.article, other.article] < _RELATED_AT_ALL:
            enough = _SAME_THING
        else:
            enough = _SAME_ATTRIBUTE_ALONE if rival < _ALONE * score else _SAME_ATTRIBUTE_TOO
        if score < enough or not (alike or self._alike_nearby(one, other)):
            return None
        if self.parallel(one.article, other.article):
            return None
        if not dated and one.when.excludes(other.when):
            return CHANGES
        if not dated and (one.when.blurs(other.when) or self._of_other_times(one, other)):
            return None
        if self._says_too(one, other) or self._says_too(other, one):
            return None
        return DIFFER

    def _may_differ(self, one: Statement, other: Statement) -> bool:
        """Say whether two values would contradict each other: of one thing, as far as is told."""
        mine, theirs = self._established(one.names), self._established(other.names)
        if not _of_one_kind(one, other) or (mine and theirs and not mine & theirs):
            return False
        return not (
            self._named_apart(mine & _going_with(one, other), other)
            or self._named_apart(theirs & _going_with(other, one), one)
        )

    def _named_apart(self, names: Iterable[Gram], other: Statement) -> bool:
        """Say whether a name is one the other article uses too, only not of this figure.

        What an article is about goes without saying in most of its sentences.
        """
        article = self.readings[other.article]
        for name in names:
            if name in article.known and name not in other.around:
                told = sum(name in grams for grams in article.sentence_grams)
                if told < _MAIN_SUBJECT * len(article.sentence_grams):
                    return True
        return False

    def _alike_nearby(self, one: Statement, other: Statement) -> bool:
        """Say whether the clauses themselves say the same, not only what stands around them.

        A date often has a clause to itself, and in a short sentence all stands near.
        """
        if one.kind == "date" or min(len(one.near), len(other.near)) <= _MUCH_AROUND:
            return True
        return min(self._nearby(one, other), self._nearby(other, one)) >= _SAME_CLAUSE

    def _nearby(self, one: Statement, other: Statement) -> float:
        known = self.readings[other.article].known
        unknown = self.unknown(one.article, other.article)
        shared, apart = [], []
        for gram, closeness in one.near.items():
            if closeness < IN_CLAUSE:
                continue
            if gram in other.near:
                shared.append(self.weight(gram))
            else:
                apart.append(self.weight(gram) * (_KNOWN_ELSEWHERE if gram in known else unknown))
        return math.fsum(shared) / (math.fsum((*shared, *apart)) or 1.0)

    def parallel(self, one: int, other: int) -> bool:
        """Say whether two articles have one form and speak of two things."""
        key = (min(one, other), max(one, other))
        if key not in self._parallel:
            alike = [(i, j) for i, j, _score in alike_sentences(self, *key)]
            self._parallel[key] = swapped_names(self.readings[key[0]], self.readings[key[1]], alike)
        return self._parallel[key]

    def _established(self, names: Iterable[Gram]) -> set[Gram]:
        """Return the names that come again or are Latin; others may be none."""
        return {name for name in names if name.isascii() or self._counts[name] > 1}

    def _of_other_times(self, one: Statement, other: Statement) -> bool:
        """Say whether one speaks of a year that cannot be the other's, said or of its article."""
        if one.kind == "date":
            return False
        if one.when.excludes(other.when):
            return True
        for mine, theirs in ((one, other), (other, one)):
            published_in = published(self.readings[theirs.article].text.date).year
            other_year = mine.when.year not in (None, published_in)
            if other_year and published_in and not theirs.when.said:
                return True
        return False

    def _says_too(self, one: Statement, other: Statement) -> bool:
        """Say whether the sentence of one figure also gives the value of the other."""
        facts = self.readings[one.article].facts[one.sentence]
        return any(
            fact.kind == other.fact.kind and fact.value == other.fact.value for fact in facts
        )

    def _finding(self, pairs: list[_Pair]) -> Finding:
        statements = {id(one): one for pair in pairs for one in (pair.one, pair.other)}
        ordered = sorted(statements.values(), key=lambda one: (one.article, one.sentence))
        verdicts = {pair.verdict for pair in pairs}
        verdict = next(one for one in (DIFFER, CHANGES, AGREE) if one in verdicts)
        return Finding(
            kind=ordered[0].fact.kind,
            verdict=verdict,
            subject=self.subject(pairs[0].one, pairs[0].other),
            mentions=tuple(
                Mention(one.article, one.sentence, *shown_span(one), when=str(one.when))
                for one in ordered
            ),
            values=tuple(
                self.readings[one.article].text.sentences[one.sentence][slice(*shown_span(one))]
                for one in ordered
            ),
            score=min(pair.score for pair in pairs),
        )

    def subject(self, one: Statement, other: Statement) -> str:
        """Name what two figures are about: the telling words of the first that both have."""
        reading = self.readings[one.article]
        text = reading.text.sentences[one.sentence]
        return self.label(text, set(one.near) & set(other.around), one.clause)

    def label(self, text: str, shared: Iterable[Gram], clause: tuple[int, int]) -> str:
        """Return the stretches of a sentence that hold shared grams, the clause's first."""
        return shared_words(text, set(shared), clause)


def _going_with(one: Statement, other: Statement) -> frozenset[Gram]:
    """Return the names of a sentence that may be what its figure is of.

    They are those of its own clause, unless it has one there that does not stand by the other
    figure: what is called otherwise is told by all names there are.
    """
    own = frozenset(name for name in one.names if one.near[name] >= IN_CLAUSE)
    return own if own <= other.around.keys() else one.names


def shared_words(text: str, shared: set[Gram], clause: tuple[int, int], most: int = 3) -> str:
    """Return up to ``most`` runs of ``text`` made of shared pairs, the longest, in their order."""
    held = bytearray(len(text))
    for at in range(len(text) - 1):
        if text[at : at + 2] in shared:
            held[at] = held[at + 1] = 1
    lower = text.lower()
    for gram in shared:
        if gram[0] == "=" and (at := lower.find(gram[1:])) >= 0:
            held[at : at + len(gram) - 1] = b"\x01" * (len(gram) - 1)
    runs = []
    start = None
    for at in range(len(text) + 1):
        if at < len(text) and held[at]:
            start = at if start is None else start
        elif start is not None:
            runs.append((start, at))
            start = None

    def worth(run: tuple[int, int]) -> float:
        inside = clause[0] <= run[0] < clause[1]
        return (run[1] - run[0]) * (1.5 if inside else 1.0)

    chosen = sorted(sorted(runs, key=worth, reverse=True)[:most])
    return " ".join(dict.fromkeys(text[a:b] for a, b in chosen))


def shown_span(statement: Statement) -> tuple[int, int]:
    """Return the span of a figure with its measure: 128个."""
    fact = statement.fact
    return fact.start, max(fact.end, statement.unit.end)


def _comparable(one: Statement, other: Statement) -> bool:
    """Say whether two figures could be of one thing, by kind, unit and the names of numbers."""
    if one.kind != other.kind or not one.unit.fits(other.unit):
        return False
    if one.kind == "amount" and not currency_fits(one.fact, other.fact):
        return False
    return not (one.labels and other.labels and not one.labels & other.labels)


def _of_one_kind(one: Statement, other: Statement) -> bool:
    """Say whether two figures have one attribute, scope and stage, as far as words tell."""
    if one.attributes and other.attributes and not one.attributes & other.attributes:
        return False
    if not (one.scopes <= other.wide_scopes and other.scopes <= one.wide_scopes):
        return False
    if other_things(one.wide_scopes) != other_things(other.wide_scopes):
        return False
    if one.frames or other.frames:
        return False
    if one.planned != other.planned or one.former != other.former:
        return False
    return one.numbered == other.numbered


def _second(scores: Sequence[float], own: float) -> float:
    """Return the best of the scores beside one that is ``own``."""
    left = sorted(scores, reverse=True)
    if own in left:
        left.remove(own)
    return left[0] if left else 0.0


def _same_value(one: Statement, other: Statement) -> Verdict:
    if one.kind == "date":
        return _same_date(one, other)
    if one.bounds is None or other.bounds is None:
        equal = one.fact.value == other.fact.value
        return Verdict.AGREE if equal else Verdict.UNCLEAR
    return compare(one.bounds, other.bounds)


def _same_date(one: Statement, other: Statement) -> Verdict:
    mine, theirs = one.when, other.when
    said = [bool(one_part) for one_part in (mine.year, mine.month, mine.day)]
    if said != [bool(part) for part in (theirs.year, theirs.month, theirs.day)]:
        # 5月 and 5月28日 agree as far as they go; 2023年 and 5月28日 say nothing of each other.
        both = mine.month and theirs.month
        if not both:
            return Verdict.UNCLEAR
        return Verdict.UNCLEAR if mine.excludes(theirs) else Verdict.AGREE
    return Verdict.DIFFER if mine.excludes(theirs) else Verdict.AGREE


def _telling(statement: Statement) -> bool:
    """Say whether a value is rarely the same by chance."""
    if statement.kind == "date":
        return bool(statement.when.month and statement.when.day)
    digits = f"{statement.bounds.value:.12g}".strip("0.") if statement.bounds else ""
    return len(digits.replace(".", "")) >= _TELLING_DIGITS or statement.kind == "amount"


def _groups(pairs: Sequence[_Pair]) -> list[list[_Pair]]:
    """Join pairs that share a figure, so that a fact of five articles is one finding."""
    root: dict[int, int] = {}

    def find(key: int) -> int:
        while root.setdefault(key, key) != key:
            key = root[key]
        return key

    for pair in pairs:
        root[find(id(pair.one))] = find(id(pair.other))
    groups: dict[int, list[_Pair]] = defaultdict(list)
    for pair in pairs:
        groups[find(id(pair.one))].append(pair)
    return list(groups.values())
