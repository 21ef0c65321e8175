"""Structured fields: asked for under the schema of a template, joined over parts, fact-checked."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.engine.protocol import Done, Request, Sampling
from workbench.grounding.alignment import bigrams
from workbench.grounding.checks import SUPPORTED, UNSUPPORTED, Check, Source, check_facts
from workbench.tasks import prompts
from workbench.tasks.finishing import PointFinisher
from workbench.tasks.material import Material
from workbench.tasks.plan import Part
from workbench.tasks.rescript import Rescripter
from workbench.tasks.result import WEAK_SUPPORT, Citation, FieldCheck
from workbench.tasks.summary import schema_values
from workbench.tasks.wording import in_chinese_marks

_TOKENS_A_CHARACTER = 1.3
_LAYOUT_TOKENS = 24
_LEAST_TOKENS = 160
_NAME_CHARACTERS = 12
_BETTER = 0.15
_REPEATED = 0.5
_STATEMENT = 8
"""Bigrams below which values are figures or labels, alike and yet not the same."""
_NOT_SAID = re.compile(r"^(?:无|没有|未知|未提及|不详|未说明|N/?A|null|none|-*)$", re.IGNORECASE)
_DESCRIBES = re.compile("[的了在是和与有]")
_NOT_WORD = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Fields:
    """What was found, each value checked; how many entries were dropped, and how many cut off."""

    values: dict[str, Any]
    checks: tuple[FieldCheck, ...]
    dropped: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Found:
    """The value one stretch of an article gave; ``broken``: the answer went on, and was stopped."""

    stretch: Part
    value: dict[str, Any]
    broken: bool


def request(
    segment: str, instruction: str, schema: Mapping[str, Any], tokens: int, sampling: Sampling
) -> Request:
    """Ask about a stretch under a schema."""
    plain = prompts.request(segment, instruction, max_tokens=tokens, stop=(), sampling=sampling)
    return replace(plain, schema=json.dumps(schema, ensure_ascii=False))


def answer_tokens(entries: int, characters: int) -> int:
    """Return how many tokens so many entries of that size may take."""
    return max(_LEAST_TOKENS, int(entries * (characters * _TOKENS_A_CHARACTER + _LAYOUT_TOKENS)))


def read(done: Done, stretch: Part, schema: Mapping[str, Any]) -> Found | None:
    """Return the value of an answer, what was whole of one that breaks off; None if nothing was."""
    value = schema_values.parsed(done.text, schema)
    return None if value is None else Found(stretch, value, done.finish == "length")


def read_all(
    answers: Sequence[Done], stretches: Sequence[Part], schema: Mapping[str, Any]
) -> list[Found]:
    """Return the values of the answers about several stretches, without those that have none."""
    found = [read(done, part, schema) for done, part in zip(answers, stretches, strict=True)]
    return [one for one in found if one is not None]


class FieldChecker:
    """Checks the fields of one article and brings them into the script of the result."""

    def __init__(
        self,
        material: Material,
        rescript: Rescripter,
        finisher: PointFinisher,
        schema: Mapping[str, Any],
    ):
        self._material = material
        self._schema = schema
        self._rescript = rescript
        self._finisher = finisher
        self._plain = _plain(f"{material.title}\n{material.plain_text}")

    def finish(self, found: Sequence[Found], *, drop: bool) -> Fields:
        """Join, check and convert; ``drop`` leaves out entries the article does not bear out."""
        stretches: dict[str, Part] = {}
        sound: list[dict[str, Any]] = []
        dropped = 0
        for one in found:
            value, bad = self._pruned(one, drop=drop)
            dropped += bad
            sound.append(value)
            for _path, leaf in schema_values.leaves(value):
                stretches.setdefault(str(leaf), one.stretch)
        whole = _without_repeats(schema_values.joined(sound))
        joined, left_out = schema_values.limited(whole, self._schema)
        checks = tuple(
            self._check(path, leaf, stretches.get(str(leaf)))
            for path, leaf in schema_values.leaves(joined)
            if self._is_stated(path, leaf)
        )
        left_out += sum(one.broken for one in found)
        return Fields(self._in_script(joined), checks, dropped, left_out)

    def _pruned(self, one: Found, *, drop: bool) -> tuple[dict[str, Any], int]:
        """Take empty entries out of lists, with ``drop`` also those that are not borne out."""
        bad = 0
        found: dict[str, Any] = {}
        for name, value in one.value.items():
            if not isinstance(value, list):
                if drop and self._is_wrong(value, f"/{name}", one.stretch):
                    bad += 1
                    continue
                found[name] = value
                continue
            kept = []
            for number, entry in enumerate(value):
                path = f"/{name}/{number}"
                if not any(self._is_stated(*leaf) for leaf in schema_values.leaves(entry, path)):
                    continue
                if drop and self._is_wrong(entry, path, one.stretch):
                    bad += 1
                    continue
                kept.append(entry)
            found[name] = kept
        return found, bad

    def _is_wrong(self, value: Any, path: str, stretch: Part) -> bool:
        return any(
            self._check(place, leaf, stretch).unsupported
            for place, leaf in schema_values.leaves(value, path)
            if self._is_stated(place, leaf)
        )

    def _is_stated(self, path: str, leaf: str | float) -> bool:
        """Say whether a value claims something of the article."""
        return not _says_nothing(leaf) and not schema_values.is_chosen(path, self._schema)

    def _check(self, path: str, leaf: str | float, stretch: Part | None) -> FieldCheck:
        """Look a value up in its stretch, its facts in the article."""
        material = self._material
        text = self._worded(leaf)
        inside = (
            None if stretch is None else material.sentences_between(stretch.first, stretch.last)
        )
        aligned = material.aligner.align(text, inside)
        anywhere = material.aligner.align(text)
        if aligned.support < WEAK_SUPPORT and anywhere.support > aligned.support + _BETTER:
            aligned = anywhere  # a small model tells of other stretches too
        sentences, support = aligned.sentences, aligned.support
        literal = _plain(text)
        holding = [i for i in inside or () if literal in _plain(material.sentences[i].text)]
        if holding and literal:
            sentences, support = (holding[0],), 1.0
        evidence = "\n".join(material.sentences[index].text for index in sentences)
        checks = check_facts(text, Source(evidence, date=material.article.date), material.source)
        if not checks and literal and len(text) <= _NAME_CHARACTERS:
            # A name or a role: nothing in its form gives it away, so it is looked up whole.
            if literal in self._plain:
                checks = (Check("name", text, 0, len(text), SUPPORTED),)
            elif support < WEAK_SUPPORT and not _DESCRIBES.search(text):
                checks = (Check("name", text, 0, len(text), UNSUPPORTED),)
        shown = self._rescript(text)
        return FieldCheck(
            path=path,
            text=shown,
            citations=tuple(self._cited(index) for index in sentences),
            checks=self._finisher.moved(checks, text, shown),
            support=support,
        )

    def _cited(self, index: int) -> Citation:
        sentence = self._material.sentences[index]
        start, end = sentence.span.start, sentence.span.end
        return Citation(sentence.passage, start, end, self._material.article.text[start:end])

    def _in_script(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._in_script(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._in_script(inner) for inner in value]
        return self._rescript(self._worded(value)) if isinstance(value, str) else value

    def _worded(self, leaf: str | float) -> str:
        return in_chinese_marks(self._material.in_own_names(str(leaf)))


def _says_nothing(leaf: str | float) -> bool:
    return isinstance(leaf, str) and bool(_NOT_SAID.match(leaf.strip()))


def _plain(text: str) -> str:
    return _NOT_WORD.sub("", text).lower()


def _without_repeats(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out entries that begin like an earlier one and mostly say what it does."""
    found = dict(fields)
    for name, value in fields.items():
        if isinstance(value, list):
            kept: list[Any] = []
            for entry in value:
                if not any(_says_again(entry, other) for other in kept):
                    kept.append(entry)
            found[name] = kept
    return found


def _says_again(entry: Any, other: Any) -> bool:
    if not (isinstance(entry, dict) and isinstance(other, dict) and entry and other):
        return False
    (first, *rest), (same, *others) = list(entry.values()), list(other.values())
    if first != same or len(rest) != len(others):
        return False
    grams, known = bigrams("".join(map(str, rest))), bigrams("".join(map(str, others)))
    fewer = min(len(grams), len(known))
    return fewer >= _STATEMENT and len(grams & known) >= _REPEATED * fewer
