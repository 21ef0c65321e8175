"""Reading comprehension in SQuAD's layout, and in the one CMRC 2018 was first published in.

SQuAD (Rajpurkar et al. 2016; ``is_impossible`` since 2.0, 2018) is ``data[].paragraphs[]`` with
``context`` and ``qas[]``; DRCD and the SQuAD edition of CMRC 2018 follow it. CMRC 2018's own
edition is an array of ``context_text`` with ``qas[]`` of ``query_text`` and plain ``answers``.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from workbench.evaluation.datasets.faults import read_text, wrong
from workbench.evaluation.items import QUESTION, Raw
from workbench.i18n import _


def read_squad(path: Path, notices: list[str]) -> Iterator[Raw]:
    """Yield the questions of a file; UsageError says what is wrong and where.

    Questions without a text or an answer, as published datasets have a few, are left out; a line in
    ``notices`` says how many.
    """
    reader = _Reader(path)
    yield from reader.items(_parsed(path))
    if reader.empty:
        notices.append(
            _(
                "{path}: {count} questions without text or answer are left out, first {place}"
            ).format(path=path, count=len(reader.empty), place=reader.empty[0])
        )


def _parsed(path: Path) -> Any:
    text = read_text(path)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise wrong(
            path,
            _("is not JSON: {reason}").format(reason=error.msg),
            _("Correct it, or name it .jsonl where each line is an object."),
            line=error.lineno,
        ) from None
    except RecursionError:
        raise wrong(path, _("is nested too deep"), _("Give another file.")) from None


class _Reader:
    """Goes through one file, knowing the place it is at."""

    def __init__(self, path: Path):
        self._path = path
        self.empty: list[str] = []

    def items(self, value: Any) -> Iterator[Raw]:
        if isinstance(value, list):
            yield from self._original(value)
            return
        for number, entry in enumerate(self._list(value, "data", "")):
            at = f"data[{number}]"
            title = self._optional(entry, "title", at)
            for index, paragraph in enumerate(self._list(entry, "paragraphs", at)):
                place = f"{at}.paragraphs[{index}]"
                context = self._text(paragraph, "context", place)
                for which, question in enumerate(self._list(paragraph, "qas", place)):
                    found = self._question(question, f"{place}.qas[{which}]", title, context)
                    if found is not None:
                        yield found

    def _original(self, entries: list[Any]) -> Iterator[Raw]:
        for number, entry in enumerate(entries):
            at = f"[{number}]"
            context = self._text(entry, "context_text", at)
            title = self._optional(entry, "title", at)
            for which, question in enumerate(self._list(entry, "qas", at)):
                place = f"{at}.qas[{which}]"
                asked = self._written(question, "query_text", place)
                answers = self._answers(question, place)
                if not asked:
                    self.empty.append(place)
                    continue
                yield Raw(
                    self._optional(question, "query_id", place) or place,
                    QUESTION,
                    context,
                    title,
                    asked,
                    answers,
                    bool(answers),
                )

    def _question(self, value: Any, place: str, title: str, context: str) -> Raw | None:
        question = self._written(value, "question", place)
        impossible = value.get("is_impossible", False)
        if not isinstance(impossible, bool):
            self._fail(place, _("is_impossible is neither true nor false"))
        answers = () if impossible else self._answers(value, place)
        if not question or (not answers and not impossible):
            self.empty.append(place)
            return None
        name = self._optional(value, "id", place) or place
        return Raw(name, QUESTION, context, title, question, answers, not impossible)

    def _answers(self, value: Any, place: str) -> tuple[str, ...]:
        found = []
        for number, answer in enumerate(self._list(value, "answers", place)):
            at = f"{place}.answers[{number}]"
            text = answer if isinstance(answer, str) else self._written(answer, "text", at)
            if text.strip():
                found.append(text.strip())
        return tuple(dict.fromkeys(found))

    def _list(self, value: Any, key: str, place: str) -> list[Any]:
        found = value.get(key) if isinstance(value, dict) else None
        if not isinstance(found, list):
            self._fail(place, _("{key} is not there, or is not an array").format(key=key))
        return found

    def _text(self, value: Any, key: str, place: str) -> str:
        if not self._written(value, key, place):
            self._fail(place, _("{key} is empty").format(key=key))
        return str(value[key])

    def _written(self, value: Any, key: str, place: str) -> str:
        found = value.get(key) if isinstance(value, dict) else None
        if not isinstance(found, str):
            self._fail(place, _("{key} is not there, or is not a text").format(key=key))
        return found.strip()

    def _optional(self, value: Any, key: str, place: str) -> str:
        found = value.get(key) if isinstance(value, dict) else None
        if found is None:
            return ""
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
        if not isinstance(found, str):
            self._fail(place, _("{key} is not a text").format(key=key))
        return found.strip()

    def _fail(self, place: str, what: str) -> NoReturn:
        raise wrong(
            self._path,
            _("{place}: {what}").format(place=place, what=what) if place else what,
            _("It must be in the layout of SQuAD: see docs/evaluation.md."),
        )
