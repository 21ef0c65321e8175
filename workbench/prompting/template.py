"""A prompt template: front matter that says what it is, and a Jinja2 body that asks.

The body is the instruction put after the article. It is rendered once for every call; what it may
use is listed in ``VARIABLES``, to which the front matter adds its own.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from workbench.errors import TemplateError
from workbench.i18n import _
from workbench.settings import LENGTHS

Task = Literal["summarize"]
TASKS = ("summarize",)
OUTPUTS = ("points", "list", "text")
ORDERS = ("text", "date")

VARIABLES = {
    "first": "number of the first passage the call is about",
    "last": "number of the last passage the call is about",
    "opening": "the first characters of that first passage",
    "characters": "characters one point (or the whole text) may have",
    "lines": "points one call may return",
    "title": "title of the article, or an empty text",
    "date": "date of the article as yyyy-mm-dd, or an empty text",
    "length": "short, medium or long",
}

_KEYS = {
    "name",
    "title",
    "title_zh",
    "task",
    "description",
    "description_zh",
    "variables",
    "length",
    "output",
    "order",
    "headline",
}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*\Z")
_FENCE = re.compile(r"\A---[ \t]*\n(.*?\n)---[ \t]*\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Size:
    """How much a length asks for: ``points`` in all, ``characters`` for each."""

    points: int
    characters: int


_DEFAULT_SIZES = {"short": Size(3, 50), "medium": Size(5, 60), "long": Size(9, 70)}


@dataclass(frozen=True, slots=True)
class Template:
    """One template.

    ``output`` is ``points`` (one sentence from each stretch of the article), ``list`` (any number
    of lines from each stretch, also none) or ``text`` (one text about the whole). ``sha256`` is
    that of the file; ``body_line`` the line of the file on which the body begins.
    """

    name: str
    title: str
    task: str
    description: str
    body: str
    path: Path
    sha256: str
    body_line: int
    output: str = "points"
    order: str = "text"
    headline: bool = True
    variables: Mapping[str, str] | None = None
    sizes: Mapping[str, Size] | None = None
    title_zh: str = ""
    description_zh: str = ""

    def size(self, length: str) -> Size:
        """Return how much ``short``, ``medium`` or ``long`` asks of this template."""
        return (self.sizes or _DEFAULT_SIZES)[length]


def parse_template(source: str, path: Path) -> Template:
    """Read a template from its text; TemplateError names the line and the mend."""
    text = source.removeprefix("\ufeff").replace("\r\n", "\n")
    match = _FENCE.match(text)
    if not match:
        raise _wrong(
            path,
            1,
            _("there is no front matter"),
            _("Begin the file with a block between --- lines."),
        )
    front = _front_matter(match.group(1), path)
    lines = _key_lines(match.group(1))
    reader = _Reader(front, lines, path)
    body = text[match.end() :]
    body_line = text.count("\n", 0, match.end()) + 1
    if not body.strip():
        raise _wrong(path, body_line, _("the body is empty"), _("Write what the model is to do."))
    unknown = sorted(set(front) - _KEYS)
    if unknown:
        raise _wrong(
            path,
            lines.get(unknown[0], 1),
            _("there is no key {key!r}").format(key=unknown[0]),
            _("The keys are: {keys}.").format(keys=", ".join(sorted(_KEYS))),
        )
    return Template(
        name=reader.name(),
        title=reader.text("title", required=True),
        task=reader.choice("task", TASKS, "summarize"),
        description=reader.text("description", required=True),
        body=body.strip("\n"),
        path=path,
        sha256=hashlib.sha256(source.encode("utf-8")).hexdigest(),
        body_line=body_line + _leading_blank_lines(body),
        output=reader.choice("output", OUTPUTS, "points"),
        order=reader.choice("order", ORDERS, "text"),
        headline=reader.flag("headline", default=True),
        variables=reader.variables(),
        sizes=reader.sizes(),
        title_zh=reader.text("title_zh"),
        description_zh=reader.text("description_zh"),
    )


def _leading_blank_lines(body: str) -> int:
    return len(body) - len(body.lstrip("\n"))


def _wrong(path: Path, line: int, what: str, fix: str) -> TemplateError:
    return TemplateError(_("line {line}: {what}").format(line=line, what=what), path=path, fix=fix)


def _front_matter(block: str, path: Path) -> dict[str, Any]:
    try:
        front = yaml.safe_load(block)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        raise _wrong(
            path,
            mark.line + 2 if mark else 1,
            _("the front matter is not valid YAML: {problem}").format(problem=problem),
            _("Write one 'key: value' a line; put values that hold a colon in quotes."),
        ) from None
    except RecursionError:
        raise _wrong(path, 1, _("the front matter is nested too deep"), _("Simplify it.")) from None
    if not isinstance(front, dict) or not all(isinstance(key, str) for key in front):
        raise _wrong(
            path, 2, _("the front matter holds no keys"), _("Write one 'key: value' a line.")
        )
    return front


def _key_lines(block: str) -> dict[str, int]:
    lines: dict[str, int] = {}
    for number, line in enumerate(block.split("\n"), start=2):
        if match := re.match(r"([A-Za-z_]+)\s*:", line):
            lines.setdefault(match.group(1), number)
    return lines


class _Reader:
    """Takes typed values out of the front matter, or says what is wrong with them."""

    def __init__(self, front: dict[str, Any], lines: dict[str, int], path: Path):
        self.front = front
        self.lines = lines
        self.path = path

    def wrong(self, key: str, what: str, fix: str) -> TemplateError:
        return _wrong(self.path, self.lines.get(key, 1), what, fix)

    def text(self, key: str, *, required: bool = False) -> str:
        value = self.front.get(key, "")
        if not isinstance(value, str):
            raise self.wrong(key, _("{key} must be a text").format(key=key), _("Put it in quotes."))
        if required and not value.strip():
            raise self.wrong(
                key,
                _("{key} is missing").format(key=key),
                _("Add a line '{key}: …'.").format(key=key),
            )
        return value.strip()

    def name(self) -> str:
        name = self.text("name") or self.path.stem
        if not _NAME.match(name):
            raise self.wrong(
                "name",
                _("{name!r} cannot be a name").format(name=name),
                _("Use lower-case letters, digits and hyphens."),
            )
        return name

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        value = self.front.get(key, default)
        if value not in choices:
            raise self.wrong(
                key,
                _("{key} cannot be {value!r}").format(key=key, value=value),
                _("Choose one of: {names}.").format(names=", ".join(choices)),
            )
        return str(value)

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.front.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(
                key, _("{key} must be true or false").format(key=key), _("Write true or false.")
            )
        return value

    def variables(self) -> dict[str, str]:
        value = self.front.get("variables") or {}
        fix = _("Write a mapping of name to default value under 'variables:'.")
        if not isinstance(value, dict):
            raise self.wrong("variables", _("variables is not a mapping"), fix)
        for name, default in value.items():
            if not (isinstance(name, str) and name.isidentifier()):
                raise self.wrong(
                    "variables", _("{name!r} cannot be a variable").format(name=name), fix
                )
            if name in VARIABLES:
                raise self.wrong(
                    "variables",
                    _("the variable {name!r} is given by the workbench").format(name=name),
                    _("Choose another name."),
                )
            if not isinstance(default, str | int | float):
                raise self.wrong(
                    "variables", _("the default of {name!r} is not a text").format(name=name), fix
                )
        return {name: str(default) for name, default in value.items()}

    def sizes(self) -> dict[str, Size]:
        value = self.front.get("length")
        if value is None:
            return dict(_DEFAULT_SIZES)
        fix = _("Write short, medium and long, each as {points: 5, characters: 60}.")
        if not isinstance(value, dict) or set(value) != set(LENGTHS):
            raise self.wrong("length", _("length must hold short, medium and long"), fix)
        return {name: self._size(name, value[name], fix) for name in LENGTHS}

    def _size(self, name: str, value: Any, fix: str) -> Size:
        if not isinstance(value, dict) or set(value) != {"points", "characters"}:
            raise self.wrong("length", _("length {name!r} is malformed").format(name=name), fix)
        points, characters = value["points"], value["characters"]
        whole = all(isinstance(item, int) and not isinstance(item, bool) for item in value.values())
        if not whole or not (1 <= points <= 50 and 10 <= characters <= 2000):
            raise self.wrong(
                "length",
                _("length {name!r}: points run from 1 to 50, characters from 10 to 2000").format(
                    name=name
                ),
                fix,
            )
        return Size(points, characters)
