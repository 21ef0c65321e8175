"""Jobs as TOML files, which a person can write, and what is wrong with one, line by line."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import ParseError, TOMLKitError

from workbench.batch.job import Job, checked
from workbench.engine.openai.address import names_server
from workbench.errors import SettingsError, UsageError, WorkbenchError
from workbench.files import encodable, write_atomically
from workbench.i18n import _
from workbench.settings import settings_with
from workbench.tasks.intake import PREFIX

_TABLES: Mapping[str, tuple[str, ...]] = {
    "": (
        *("task", "inputs", "output", "models", "templates", "questions", "pairs", "group_by"),
        *("spread", "on", "order", "only", "limit", "patience", "notify"),
    ),
    "options": ("length", "script", "characters", "unsupported", "verify", "variables"),
    "reading": ("encoding", "raw", "column", "lines"),
    "report": ("formats", "split_by", "title"),
    "settings": (),
}
"""Which field of a job stands in which table; of ``settings`` every name of theirs."""
_DEFAULTS = {field.name: getattr(Job(), field.name) for field in fields(Job)}


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong in a job file; ``line`` counts from 1, 0 where no line is to blame."""

    line: int
    what: str


def read_job(path: Path) -> Job:
    """Read a job file; UsageError names every wrong key with its line.

    Paths in it are seen from its folder.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(
            _("cannot be read: {reason}").format(reason=error.strerror or type(error).__name__),
            path=path,
            fix=_("Check its name and rights."),
        ) from None
    except UnicodeDecodeError as error:
        raise UsageError(
            _("cannot be read as TOML: {error}").format(error=error), path=path
        ) from None
    try:
        document = tomlkit.parse(text).unwrap()
    except ParseError as error:
        raise UsageError(
            _("line {line}: {what}").format(line=error.line, what=str(error)),
            path=path,
            fix=_("Correct it: see docs/batch.md."),
        ) from None
    except TOMLKitError as error:
        raise UsageError(str(error), path=path, fix=_("Correct it: see docs/batch.md.")) from None
    values, mistakes = _understood(document, text)
    if mistakes:
        told = "; ".join(
            _("line {line}: {what}").format(line=one.line, what=one.what) if one.line else one.what
            for one in sorted(mistakes, key=lambda one: one.line)
        )
        raise UsageError(told, path=path, fix=_("Correct it: see docs/batch.md."))
    folder = path.parent
    return _moved(Job(**values), lambda one: os.path.normpath(folder / Path(one).expanduser()))


def write_job(job: Job, path: Path) -> None:
    """Write a job file that says what differs from the defaults; WorkbenchError where it cannot.

    A file that is there keeps its comments and whatever is not changed.
    """
    checked(job)
    if "-" in job.inputs:
        raise UsageError(
            _("articles of the standard input cannot be saved"), fix=_("Name files instead.")
        )
    folder = path.absolute().parent
    job = _moved(job, lambda one: _seen_from(folder, one))
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, TOMLKitError, UnicodeDecodeError):
        document = tomlkit.document()
    except OSError as error:
        raise _unwritable(path, error) from None
    for table, names in _TABLES.items():
        values = {name: getattr(job, name) for name in names}
        if table == "settings":
            values = dict(job.settings)
        _put(document, table, values)
    try:
        write_atomically(path, encodable(tomlkit.dumps(document)))
    except OSError as error:
        raise _unwritable(path, error) from None


def _put(document: Any, table: str, values: Mapping[str, Any]) -> None:
    known = table == "settings"
    own = values if known else {k: v for k, v in values.items() if v != _DEFAULTS[k]}
    if table and own and table not in document:
        document.add(tomlkit.nl())
        document.add(table, tomlkit.table())
    place = document.get(table, {}) if table else document
    names = set(place) if known else set(values)
    for name in names - set(own):
        if name in place:
            del place[name]
    for name, value in own.items():
        plain = list(value) if isinstance(value, tuple) else value
        if isinstance(plain, Mapping):
            plain = dict(plain)
        if name in place and place[name] == plain:
            continue
        if isinstance(plain, list) and len(plain) > 1:
            plain = tomlkit.item(plain).multiline(True)
        place[name] = plain


def _understood(document: Mapping[str, Any], text: str) -> tuple[dict[str, Any], list[Mistake]]:
    values: dict[str, Any] = {}
    mistakes: list[Mistake] = []
    for key, value in document.items():
        if key in _TABLES and key:
            if not isinstance(value, dict):
                mistakes.append(_wrong(text, "", key, _("must be a table")))
                continue
            for name, inner in value.items():
                _take(text, key, name, inner, values, mistakes)
        else:
            _take(text, "", key, value, values, mistakes)
    return values, mistakes


def _take(
    text: str, table: str, name: str, value: Any, values: dict[str, Any], mistakes: list[Mistake]
) -> None:
    if table == "settings":
        try:
            settings_with(**{name: value})
            values.setdefault("settings", {})[name] = value
        except SettingsError as error:
            mistakes.append(Mistake(line_of(text, table, name), error.what))
        return
    if name not in _TABLES[table]:
        known = ", ".join(_TABLES[table])
        mistakes.append(
            _wrong(text, table, name, _("there is no such key; there are: {names}"), names=known)
        )
        return
    default = _DEFAULTS[name]
    kind, told = _kind_of(name, default)
    found = _converted(value, kind)
    if found is None:
        mistakes.append(_wrong(text, table, name, _("must be {kind}"), kind=told))
        return
    values[name] = found
    if name not in ("inputs", "output", "questions", "pairs", "group_by", "task", "spread"):
        try:
            checked(replace(Job(inputs=("-",), output="-"), **{name: found}))
        except UsageError as error:
            mistakes.append(Mistake(line_of(text, table, name), error.what))


def _kind_of(name: str, default: Any) -> tuple[type[Any], str]:
    if name == "lines" or isinstance(default, bool):
        return bool, _("true or false")
    if isinstance(default, int):
        return int, _("a whole number")
    if isinstance(default, float):
        return float, _("a number")
    if isinstance(default, tuple):
        return tuple, _("a list of texts")
    if isinstance(default, Mapping):
        return dict, _("a table of texts")
    return str, _("a text")


def _converted(value: Any, kind: type[Any]) -> Any:
    """Return a value of the kind, None where it is of another."""
    if kind is tuple:
        fits = isinstance(value, list) and all(isinstance(one, str) for one in value)
        return tuple(value) if fits else None
    if kind is dict:
        fits = isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
        return dict(value) if fits else None
    if kind is float and type(value) is int:
        return float(value)
    return value if type(value) is kind else None


def _wrong(text: str, table: str, name: str, what: str, **told: str) -> Mistake:
    shown = f"{table}.{name}" if table else name
    return Mistake(line_of(text, table, name), f"'{shown}': {what.format(**told)}")


def line_of(text: str, table: str, name: str) -> int:
    """Return the line on which a key stands, from 1; 0 where it is not found."""
    key = rf"(?:{re.escape(name)}|\"{re.escape(name)}\"|'{re.escape(name)}')"
    own = re.compile(rf"\s*{key}\s*[.=]")
    header = re.compile(rf"\s*\[+\s*(?:{re.escape(table)}\s*\.\s*)?{key}\s*[\].]")
    dotted = re.compile(rf"\s*{re.escape(table)}\s*\.\s*{key}\s*=") if table else None
    inline = re.compile(rf"\s*{re.escape(table)}\s*=.*[{{,]\s*{key}\s*=") if table else None
    for number, at, line in _lines(text):
        if at == table and own.match(line):
            return number
        if header.match(line) and (not table or table in line):
            return number
        if at == "" and any(one and one.match(line) for one in (dotted, inline)):
            return number
    return 0


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the number of each line, the table it stands in, and the line."""
    table, quoted = "", ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not quoted and (found := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line)):
            yield number, table, line
            table = found[1].strip("'\"")
            continue
        if not quoted:
            yield number, table, line
        for mark in ('"""', "'''"):
            if (not quoted or quoted == mark) and line.count(mark) % 2:
                quoted = "" if quoted else mark


def _moved(job: Job, move: Callable[[str], str]) -> Job:
    """Have every path of a job moved; what is no path stays."""

    def moved(one: str) -> str:
        return one if not one or one == "-" or one.startswith(PREFIX) else move(one)

    return replace(
        job,
        inputs=tuple(map(moved, job.inputs)),
        output=moved(job.output),
        pairs=moved(job.pairs),
        models=tuple(moved(one) if _is_path(one) else one for one in job.models),
        templates=tuple(moved(one) if _is_path(one) else one for one in job.templates),
    )


def _is_path(name: str) -> bool:
    return not names_server(name) and (
        "/" in name or os.sep in name or name.endswith((".gguf", ".md"))
    )


def _seen_from(folder: Path, one: str) -> str:
    if Path(one).is_absolute():
        return one
    return Path(os.path.relpath(Path(one).expanduser(), folder)).as_posix()


def _unwritable(path: Path, error: OSError) -> WorkbenchError:
    return WorkbenchError(
        _("cannot be written: {reason}").format(reason=error.strerror or error),
        path=path,
        fix=_("Choose another file."),
    )
