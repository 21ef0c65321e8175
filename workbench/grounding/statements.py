"""The figures of an article, each with what tells what it is about.

A figure says nothing alone. What it is about stands around it: in its clause, in the sentence, in
the one before, in the title. That context is kept as character bigrams and names, each with how
close to the figure it stands, so that two contexts can be weighed against each other.
"""

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from workbench.grounding import attributes, measures
from workbench.grounding.bounds import Bounds, bounds
from workbench.grounding.currencies import CALLED_YUAN, YUAN
from workbench.grounding.facts import Fact, extract_facts
from workbench.grounding.numerals import NUMERAL_CHARACTERS, narrow
from workbench.grounding.periods import Period, period_of, published, resolved

_CLAUSE = re.compile(r"(?:[^，,；;：:。！？!?、]|(?<=\d),(?=\d)|(?<=\d):(?=\d)|、)+")
_HANZI = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
# Particles and light words: pairs with them say nothing of what a sentence is about.
_LIGHT = frozenset("的了是在和与有为也就都而及或等这那其被把将对从到于以之所个一")
# Quotations that finance pages put behind a company's name; they change by the second.
_TICKER = re.compile(r"[(（]-?\d+(?:\.\d+)?[,，] ?-?\d+(?:\.\d+)?[,，] ?-?\d+(?:\.\d+)?%[)）]")
_DATELINE = re.compile(
    r"[ ]?(?:[电讯]|消息|\d{1,2}[时点:：]|中午|夜间|白天)"
    r"|[，,]?(?:[^，,。；;]{0,24}?)(?:获悉|记者[^，,。]{0,12}(?:从|在)|消息|报道|讯[，,])"
)
_RANGE = re.compile(r"[ ]?(?:至|到|[-—–~～]{1,2})[ ]?[\d一二三四五六七八九十百]")
_ROUND_SIGN = "@"
_ROUND = re.compile(r"(?:Pre-)?[A-F]\d?[+＋]?轮|天使轮|种子轮|第[一二三四五六七八九十]+轮")
_HAS_NUMBER = re.compile(rf"[\d{NUMERAL_CHARACTERS}]")
_HEAD_BEFORE = 8
_HEAD_AFTER = 6
_NEAR_TIE = 2
_BARE_CLAUSE = 3
IN_HEAD, IN_CLAUSE, IN_NEXT_CLAUSE, IN_SENTENCE, AROUND = 1.3, 1.0, 0.7, 0.5, 0.3
"""How much a gram counts by where it stands, seen from the figure."""

Gram = str
KINDS = ("amount", "percent", "number", "duration", "rank", "date")
_ONE = Decimal(1)


@dataclass(frozen=True)
class Text:
    """An article to be compared: its sentences in Simplified script, its date as yyyy-mm-dd."""

    sentences: Sequence[str]
    date: str | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A figure in a sentence of an article, and what it is about.

    ``unit`` is the currency, the kind of percentage or the measure; ``clause`` the span of the
    clause in the sentence; ``near`` the grams in the sentence, ``around`` those and others close
    by, with how close; ``attributes`` the classes of the attribute words nearest to the figure.
    ``frames`` says that a date only tells when other figures of its sentence hold.
    """

    article: int
    sentence: int
    fact: Fact
    unit: measures.Unit
    bounds: Bounds | None
    when: Period
    clause: tuple[int, int]
    near: Mapping[Gram, float]
    around: Mapping[Gram, float]
    names: frozenset[Gram]
    labels: frozenset[Gram]
    attributes: frozenset[int]
    scopes: frozenset[int]
    wide_scopes: frozenset[int]
    direction: int
    planned: bool
    former: bool
    frames: bool

    @property
    def kind(self) -> str:
        """Return the kind of the figure; durations and numbers can be of one thing."""
        return "number" if self.fact.kind == "duration" else self.fact.kind

    @property
    def numbered(self) -> frozenset[Gram]:
        """Return what the clause calls by a number; rounds of funding are not always told."""
        return frozenset(label for label in self.labels if label[0] != _ROUND_SIGN)


class Reading:
    """One article read for comparison: the grams of its sentences and its statements."""

    def __init__(self, number: int, text: Text, names: Iterable[str] = ()):
        self.number = number
        self.text = text
        self.plain = [narrow(sentence) for sentence in text.sentences]
        day = day_of(text.date)
        self.facts = [extract_facts(sentence, published=day) for sentence in text.sentences]
        self._names = sorted(set(names), key=len, reverse=True)

    @cached_property
    def own_names(self) -> set[str]:
        """Return the names that the article shows as such by their form: quoted, Latin, foreign."""
        return {
            str(fact.value)
            for facts in self.facts
            for fact in facts
            if fact.kind == "name" and 2 <= len(str(fact.value)) <= 12
        }

    def know(self, names: Iterable[str]) -> None:
        """Look for these names too: 光年之外 is quoted in one article and bare in the other."""
        self._names = sorted({*self._names, *names}, key=len, reverse=True)

    @cached_property
    def sentence_grams(self) -> list[frozenset[Gram]]:
        """Return the grams of each sentence."""
        return [frozenset(self.grams(index)) for index in range(len(self.plain))]

    @cached_property
    def title_grams(self) -> frozenset[Gram]:
        """Return the grams of the title."""
        return frozenset(hanzi_pairs(narrow(self.text.title)))

    @cached_property
    def known(self) -> frozenset[Gram]:
        """Return every gram of the article."""
        return frozenset().union(*self.sentence_grams, self.title_grams)

    @cached_property
    def statements(self) -> list[Statement]:
        """Return every figure of the article with its context."""
        return [
            statement
            for index in range(len(self.plain))
            for fact in self.facts[index]
            if fact.kind in KINDS and (statement := self._statement(index, fact)) is not None
        ]

    def grams(self, index: int, start: int = 0, end: int | None = None) -> set[Gram]:
        """Return the grams of a stretch of a sentence, figures left out."""
        text = self.plain[index]
        end = len(text) if end is None else end
        masked = list(text[start:end])
        for fact in self.facts[index]:
            if fact.kind != "name":
                for at in range(max(fact.start, start), min(fact.end, end)):
                    masked[at - start] = " "
        return set(hanzi_pairs("".join(masked))) | self._names_in(text[start:end])

    def _names_in(self, text: str) -> set[Gram]:
        lower = text.lower()
        found = set()
        for name in self._names:
            if name.isascii():
                pattern = r"[\W_]*".join(map(re.escape, name))
                hit = re.search(rf"(?<![a-z0-9]){pattern}(?![a-z0-9]|\.\d)", lower) is not None
            else:
                hit = name in lower
            if hit:
                found.add(f"={name}")
        return found

    def clauses(self, index: int) -> list[tuple[int, int]]:
        """Return the spans of the clauses of a sentence."""
        return [match.span() for match in _CLAUSE.finditer(self.plain[index])]

    def _statement(self, index: int, fact: Fact) -> Statement | None:
        text = self.plain[index]
        clauses = self.clauses(index)
        place = next((i for i, (a, b) in enumerate(clauses) if a <= fact.start < b), None)
        if place is None:
            return None
        clause = clauses[place]
        if any(match.start() < fact.start < match.end() for match in _TICKER.finditer(text)):
            return None
        if _is_no_figure(fact, text):
            return None
        number = fact.kind in ("number", "duration")
        if number and measures.is_label(text, fact.start, fact.end):
            return None
        unit = _unit(fact, text)
        if unit is None:
            return None
        near = self._near(index, clauses, place, fact, unit.end)
        around = dict(near)
        for gram in self._beside(index):
            around.setdefault(gram, AROUND)
        inside = text[clause[0] : clause[1]]
        words = _nearest(inside, fact.start - clause[0], unit.end - clause[0])
        return Statement(
            article=self.number,
            sentence=index,
            fact=fact,
            unit=unit,
            bounds=_bounds(fact, text, unit),
            when=self._when(index, fact, clause),
            clause=clause,
            near=near,
            around=around,
            names=frozenset(gram for gram in near if gram[0] == "="),
            labels=self._labels(index, clause),
            attributes=words,
            scopes=attributes.scopes(inside),
            wide_scopes=attributes.scopes(text),
            direction=attributes.direction(words),
            planned=attributes.is_planned(inside),
            former=attributes.is_former(text[clause[0] : fact.start]),
            frames=fact.kind == "date" and self._frames(index, fact, clause),
        )

    def _near(
        self,
        index: int,
        clauses: list[tuple[int, int]],
        place: int,
        fact: Fact,
        unit_end: int,
    ) -> dict[Gram, float]:
        near: dict[Gram, float] = {}
        start, end = clauses[place]
        head = (max(start, fact.start - _HEAD_BEFORE), min(end, unit_end + _HEAD_AFTER))
        layers: list[tuple[float, int, int]] = [(IN_HEAD, *head), (IN_CLAUSE, start, end)]
        for distance in (-1, 1):
            if 0 <= place + distance < len(clauses):
                layers.append((IN_NEXT_CLAUSE, *clauses[place + distance]))
        layers.append((IN_SENTENCE, 0, len(self.plain[index])))
        for closeness, first, last in layers:
            for gram in self.grams(index, first, last):
                near.setdefault(gram, closeness)
        return near

    def _beside(self, index: int) -> set[Gram]:
        """Return what stands in the sentences before one, and in the title."""
        found = set(self.title_grams)
        for before in range(max(0, index - 2), index):
            found |= self.sentence_grams[before]
        return found

    def _when(self, index: int, fact: Fact, clause: tuple[int, int]) -> Period:
        if fact.kind == "date":
            return resolved(fact.value, published(self.text.date))
        return period_of(self.plain[index], self.facts[index], clause, fact.start, self.text.date)

    def _frames(self, index: int, date: Fact, clause: tuple[int, int]) -> bool:
        figures = [one for one in self.facts[index] if one.kind in KINDS and one.kind != "date"]
        if any(clause[0] <= one.start < clause[1] for one in figures):
            return True
        text = self.plain[index]
        rest = text[clause[0] : date.start] + text[date.end : clause[1]]
        return len(rest) <= _BARE_CLAUSE and any(one.start >= clause[1] for one in figures)

    def _labels(self, index: int, clause: tuple[int, int]) -> frozenset[Gram]:
        """Return what is named by a number up to the end of a clause: 3号线; and rounds: B轮."""
        text = self.plain[index]
        numbered = {
            f"#{fact.value}{text[fact.end : fact.end + 1]}"
            for fact in self.facts[index]
            if fact.kind == "number"
            and fact.start < clause[1]
            and measures.is_label(text, fact.start, fact.end)
        }
        rounds = _ROUND.findall(text, *clause) or _ROUND.findall(text)
        return frozenset(numbered | {f"{_ROUND_SIGN}{name}" for name in rounds})


def hanzi_pairs(text: str) -> Iterable[Gram]:
    """Yield the pairs of Hanzi of a text that have no light word in them."""
    for run in _HANZI.findall(text):
        for at in range(len(run) - 1):
            pair = run[at : at + 2]
            if pair[0] not in _LIGHT and pair[1] not in _LIGHT:
                yield pair


def _unit(fact: Fact, text: str) -> measures.Unit | None:
    """Return the unit of a figure, None for a value that cannot be compared."""
    value = fact.value
    match fact.kind:
        case "amount":
            return measures.Unit("money", _ONE, fact.end)
        case "percent":
            key = "points" if isinstance(value, tuple) else "percent"
            return measures.Unit(key, _ONE, fact.end)
        case "duration":
            return measures.Unit(f"duration {value[1]}", _ONE, fact.end)
        case "date" | "rank":
            return measures.Unit(fact.kind, _ONE, fact.end)
    return measures.unit_after(text, fact.end)


def _bounds(fact: Fact, text: str, unit: measures.Unit) -> Bounds | None:
    if fact.kind == "date":
        return None
    value: Any = fact.value[0] if isinstance(fact.value, tuple) else fact.value
    found = bounds(text, fact.start, fact.end, float(Fraction(value)), float(unit.factor))
    # The last place written of 两年半 says nothing of how exact its value in months is.
    return replace(found, step=0.0) if fact.kind == "duration" else found


def _is_no_figure(fact: Fact, text: str) -> bool:
    """Say whether a fact only looks like a figure: a dateline, a code, the first end of a range.

    去年 and 昨天 say when something was.
    """
    after = text[fact.end :]
    if fact.kind == "date":
        return not _HAS_NUMBER.search(fact.text) or _DATELINE.match(after) is not None
    if fact.kind == "number":
        bracketed = text[: fact.start].endswith(("(", "（")) and after.startswith((")", "）"))
        return bracketed or fact.text.startswith("00") or _RANGE.match(after) is not None
    return False


def day_of(date: str | None) -> datetime.date | None:
    """Return the day an article is of; None where it is not known to the day."""
    when = published(date)
    if when.year and when.month and when.day:
        try:
            return datetime.date(when.year, when.month, when.day)
        except ValueError:
            return None
    return None


def currency_fits(one: Fact, other: Fact) -> bool:
    """Say whether two amounts can be in one currency; plain 元 may be of several."""
    mine, theirs = one.value[1], other.value[1]
    return mine == theirs or (YUAN in (mine, theirs) and {mine, theirs} <= CALLED_YUAN)


def _nearest(clause: str, start: int, end: int) -> frozenset[int]:
    """Return the classes of the attribute words nearest to a figure in its clause."""
    found = []
    for first, last, number in attributes.attribute_words(clause):
        distance = start - last if last <= start else first - end
        if distance >= 0:
            found.append((distance, number))
    if not found:
        return frozenset()
    least = min(distance for distance, _number in found)
    return frozenset(number for distance, number in found if distance <= least + _NEAR_TIE)
