"""What the user expects of an article, in a file beside it.

``NAME.facts.txt`` is written by hand, a line each: ``460万元|460 万`` (any of these must be said),
``/早市.{0,4}新棚/`` (a regular expression), ``!涨价`` (must not be said), ``= …`` (a summary to
compare with), ``? question => answer|answer`` (no answer: the text does not say), ``# a remark``.
``NAME.facts.toml`` says the same as ``facts``, ``forbidden``, ``references`` and ``[[questions]]``.
"""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.evaluation.datasets.faults import read_text, wrong
from workbench.evaluation.items import ExpectedFact
from workbench.i18n import _

SUFFIXES = (".facts.txt", ".facts.toml")
_ARROW = re.compile(r"\s*(?:=>|＝>|⇒)\s*")
_TOML_LINE = re.compile(r"\(at line (\d+)")
_KEYS = {"facts", "forbidden", "references", "questions"}


@dataclass(slots=True)
class Expectations:
    """What one file says; a question has its answers, none where the text does not say."""

    expected: list[ExpectedFact] = field(default_factory=list)
    forbidden: list[ExpectedFact] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    questions: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    @property
    def asks_for_summary(self) -> bool:
        """Say whether anything is expected of a summary."""
        return bool(self.expected or self.forbidden or self.references)


def read_expectations(path: Path) -> Expectations:
    """Read one file; UsageError names the line that is wrong."""
    found = _from_toml(path) if path.suffix == ".toml" else _from_lines(path)
    if not found.asks_for_summary and not found.questions:
        raise wrong(path, _("expects nothing"), _("Write one fact a line: see docs/evaluation.md."))
    return found


def fact_of(text: str) -> ExpectedFact:
    """Read one fact: alternatives between ``|``, or a regular expression between slashes.

    ValueError says what is wrong with it.
    """
    text = text.strip()
    if len(text) > 2 and text.startswith("/") and text.endswith("/"):
        pattern = text[1:-1]
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(
                _("is not a regular expression: {reason}").format(reason=error)
            ) from None
        return ExpectedFact(text, (pattern,), pattern=True)
    alternatives = tuple(one.strip() for one in text.split("|"))
    if not all(alternatives):
        raise ValueError(_("an alternative is empty"))
    return ExpectedFact(text, alternatives)


def _from_lines(path: Path) -> Expectations:
    found = Expectations()
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        try:
            _add(found, text)
        except ValueError as error:
            raise wrong(path, str(error), _("Correct the line."), line=number) from None
    return found


def _add(found: Expectations, text: str) -> None:
    if text[0] in "?？":
        question, *answers = _ARROW.split(text[1:].strip(), maxsplit=1)
        if not answers or not question:
            raise ValueError(_("a question is written '? question => answer'"))
        given = tuple(one.strip() for one in answers[0].split("|") if one.strip())
        found.questions.append((question, given))
    elif text[0] in "!！":
        found.forbidden.append(fact_of(text[1:]))
    elif text.startswith("=") and text[1:].strip():
        found.references.append(text[1:].strip())
    else:
        found.expected.append(fact_of(text))


def _from_toml(path: Path) -> Expectations:
    try:
        table = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        at = _TOML_LINE.search(str(error))
        raise wrong(
            path,
            _("is not TOML: {reason}").format(reason=error),
            _("Correct it."),
            line=int(at[1]) if at else None,
        ) from None
    if unknown := sorted(set(table) - _KEYS):
        raise wrong(
            path,
            _("there is no key {key!r}").format(key=unknown[0]),
            _("The keys are: {names}.").format(names=", ".join(sorted(_KEYS))),
        )
    found = Expectations(
        expected=_facts(path, table, "facts"),
        forbidden=_facts(path, table, "forbidden"),
        references=_texts(path, table, "references"),
    )
    questions = table.get("questions", [])
    if not isinstance(questions, list):
        raise _of_kind(path, "questions", _("an array of tables"))
    for entry in questions:
        question = entry.get("question") if isinstance(entry, dict) else None
        if not isinstance(question, str) or not question.strip():
            raise _of_kind(path, "questions.question", _("a text"))
        answers = _texts(path, entry, "answers")
        found.questions.append((question.strip(), tuple(answers)))
    return found


def _facts(path: Path, table: dict[str, Any], key: str) -> list[ExpectedFact]:
    facts = []
    for text in _texts(path, table, key):
        try:
            facts.append(fact_of(text))
        except ValueError as error:
            raise wrong(path, f"{key}, {text!r}: {error}", _("Correct it.")) from None
    return facts


def _texts(path: Path, table: dict[str, Any], key: str) -> list[str]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _of_kind(path, key, _("an array of texts"))
    return [one.strip() for one in value if one.strip()]


def _of_kind(path: Path, key: str, kind: str) -> Exception:
    return wrong(path, _("{key} is not {kind}").format(key=key, kind=kind), _("Correct it."))
