"""Texts with references in tables: TSV, CSV and JSONL, columns by name or by number."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Literal

from workbench.evaluation.datasets.faults import LONGEST_LINE, not_utf8, unreadable, wrong
from workbench.evaluation.items import QUESTION, SUMMARY, Raw
from workbench.i18n import _

DELIMITERS = {".tsv": "\t", ".tab": "\t", ".txt": "\t", ".csv": ","}
JSON_LINES = frozenset({".jsonl", ".ndjson", ".jl"})

_NAMES = {
    "text": (
        "text",
        "article",
        "content",
        "context",
        "abst",
        "abstract",
        "document",
        "正文",
        "文章",
        "内容",
        "摘要",
    ),
    "reference": (
        "reference",
        "summary",
        "target",
        "highlights",
        "answer",
        "answers",
        "参考",
        "答案",
        "abstract",
        "abst",
        "摘要",
        "title",
        "标题",
    ),
    "question": ("question", "query", "问题"),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold what: names of the heading, keys, or numbers from 1; empty: found out."""

    text: str = ""
    reference: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The columns of one file, each as its rows give them."""

    text: Any
    reference: Any
    question: Any = None


class Table:
    """One file, read row by row; ``notices`` say which columns were taken where none were named."""

    def __init__(self, path: Path, columns: Columns):
        self._path = path
        self._columns = columns
        self.notices: list[str] = []

    def items(self) -> Iterator[Raw]:
        """Yield the items of the file; UsageError names the line that is wrong."""
        suffix = self._path.suffix.lower()
        yield from self._json_rows() if suffix in JSON_LINES else self._rows(suffix)

    def _rows(self, suffix: str) -> Iterator[Raw]:
        delimiter = DELIMITERS.get(suffix, "\t")
        # In a TSV quotes are characters like others: texts begin with them and do not end so.
        quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if delimiter == "," else csv.QUOTE_NONE
        csv.field_size_limit(LONGEST_LINE)
        with _opened(self._path) as lines:
            reader = csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=True)
            chosen: _Chosen | None = None
            width = 0
            try:
                for row in reader:
                    line = reader.line_num
                    if not any(cell.strip() for cell in row):
                        continue
                    if chosen is None:
                        chosen, headed = self._choose(row)
                        width = len(row)
                        if headed:
                            continue
                    if len(row) != width:
                        raise wrong(
                            self._path,
                            _("has {found} columns where the first line has {width}").format(
                                found=len(row), width=width
                            ),
                            _("Correct the line."),
                            line=line,
                        )
                    yield self._item(row, chosen, line)
            except csv.Error as error:
                raise wrong(
                    self._path, str(error), _("Correct it."), line=reader.line_num
                ) from None

    def _json_rows(self) -> Iterator[Raw]:
        chosen: _Chosen | None = None
        with _opened(self._path) as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                except (json.JSONDecodeError, RecursionError) as error:
                    reason = getattr(error, "msg", _("nested too deep"))
                    raise wrong(
                        self._path,
                        _("is not JSON: {reason}").format(reason=reason),
                        _("Each line must be an object."),
                        line=number,
                    ) from None
                if not isinstance(row, dict):
                    raise wrong(
                        self._path,
                        _("is not an object"),
                        _('Write {"text": "…", "reference": "…"} on each line.'),
                        line=number,
                    )
                chosen = chosen or self._choose_keys(list(row))
                yield self._item(row, chosen, number)

    def _choose_keys(self, keys: Sequence[str]) -> _Chosen:
        named = self._named(keys)
        if named is None:
            raise self._unknown(keys)
        return _Chosen(*named)

    def _choose(self, row: Sequence[str]) -> tuple[_Chosen, bool]:
        """Return the columns, and whether the row is a heading."""
        heading = [cell.strip() for cell in row]
        given = [one for one in astuple(self._columns) if one]
        if given and all(one.isdecimal() for one in given):
            return self._numbered(heading)
        named = self._named(heading)
        if named is not None:
            return _Chosen(*(None if one is None else heading.index(one) for one in named)), True
        if given or len(row) not in (2, 3):
            raise self._unknown(heading[:12])
        self.notices.append(
            _("{path}: column {text} is taken for the text, {reference} for the reference").format(
                path=self._path, text=len(row) - 1, reference=len(row)
            )
        )
        return _Chosen(len(row) - 2, len(row) - 1), False

    def _numbered(self, row: Sequence[str]) -> tuple[_Chosen, bool]:
        """Return the columns of these numbers; the first row may name them all the same."""
        numbers = {role: int(getattr(self._columns, role) or 0) for role in _NAMES}
        least = {"text": 1, "reference": 1, "question": 0}
        if not all(least[role] <= number <= len(row) for role, number in numbers.items()):
            raise wrong(
                self._path,
                _("has {count} columns").format(count=len(row)),
                _("Give --text and --reference, numbers from 1 or names of the heading."),
                line=1,
            )
        used = {role: number - 1 for role, number in numbers.items() if number}
        headed = all(row[index].lower() in _NAMES[role] for role, index in used.items())
        return _Chosen(used["text"], used["reference"], used.get("question")), headed

    def _named(self, names: Sequence[str]) -> tuple[str, str, str | None] | None:
        """Return the names of the columns for text, reference and question.

        None where one that was given, or one of the first two, is not there.
        """
        lowered = {name.lower(): name for name in reversed(names)}
        found: dict[str, str | None] = {}
        for role, usual in _NAMES.items():
            given = getattr(self._columns, role)
            if given and given not in names:
                return None
            known = (lowered[name] for name in usual if name in lowered)
            taken = found.values()
            found[role] = given or next((name for name in known if name not in taken), None)
        text, reference = found["text"], found["reference"]
        if text is None or reference is None or text == reference:
            return None
        return text, reference, found["question"]

    def _unknown(self, names: Sequence[str]) -> Exception:
        return wrong(
            self._path,
            _(
                "there is no telling which column is the text and which the reference: {names}"
            ).format(names=", ".join(name[:20] for name in names)),
            _("Give --text and --reference, numbers from 1 or names of the heading."),
            line=1,
        )

    def _item(self, row: Any, chosen: _Chosen, line: int) -> Raw:
        text = self._cell(row, chosen.text, line)
        question = "" if chosen.question is None else self._cell(row, chosen.question, line)
        references = self._references(row, chosen.reference, line, empty=bool(question))
        return Raw(
            f"line {line}",
            QUESTION if question else SUMMARY,
            text,
            question=question,
            references=references,
            answerable=bool(references) if question else None,
        )

    def _references(self, row: Any, column: Any, line: int, *, empty: bool) -> tuple[str, ...]:
        """Return the references of a row; a question without one is not answered by its text."""
        value = row.get(column) if isinstance(row, dict) else row[column]
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) for one in values if one is not None):
            raise wrong(
                self._path,
                _("{column} is not a text, nor an array of texts").format(column=column),
                _("Correct the line."),
                line=line,
            )
        found = tuple(dict.fromkeys(one.strip() for one in values if one and one.strip()))
        if not found and not empty:
            raise self._empty(column, line)
        return found

    def _cell(self, row: Any, column: Any, line: int) -> str:
        value = row.get(column) if isinstance(row, dict) else row[column]
        if not isinstance(value, str) or not value.strip():
            raise self._empty(column, line)
        return value.strip()

    def _empty(self, column: Any, line: int) -> Exception:
        name = column if isinstance(column, str) else column + 1
        return wrong(
            self._path,
            _("column {column} is empty or no text").format(column=name),
            _("Correct the line."),
            line=line,
        )


class _opened:  # noqa: N801 - used as a context manager
    """The lines of a UTF-8 file, their ends kept; UsageError where one is in another encoding."""

    def __init__(self, path: Path):
        self._path = path

    def __enter__(self) -> Iterator[str]:
        try:
            self._stream = self._path.open("rb")
        except OSError as error:
            raise unreadable(self._path, error) from None
        return self._lines()

    def __exit__(self, *_about: object) -> None:
        self._stream.close()

    def _lines(self) -> Iterator[str]:
        number = 0
        while line := self._stream.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise wrong(
                    self._path,
                    _("is longer than any article"),
                    _("Put each article on a line of its own."),
                    line=number,
                )
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                raise not_utf8(self._path, number) from None
