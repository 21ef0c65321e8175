"""A prompt template: front matter that says what it is, and a Jinja2 body that asks.

The body is the instruction put after the article. It is rendered once for every call; what it may
use is listed by ``variables_of`` its task, to which the front matter adds its own.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from workbench.errors import TemplateError
from workbench.i18n import _
from workbench.prompting.front_matter import FrontMatter, Value, read_front_matter, wrong
from workbench.settings import LENGTHS

Task = Literal["summarize", "compare", "ask"]
TASKS = ("summarize", "compare", "ask")
OUTPUTS = ("points", "list", "text", "fields")
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
    "question": "what the user asks",
    "factoid": "whether a name, a time or a figure is asked for, and not why, how or what",
    "evidence": "the sentences of those passages most worth reporting",
}
_OF_STRETCHES = (
    *("first", "last", "opening", "evidence"),
    *("characters", "lines", "title", "date", "length"),
)
_OF_TASK = {
    "summarize": _OF_STRETCHES,
    "compare": _OF_STRETCHES,
    "ask": ("question", "factoid", "title", "date", "characters", "length"),
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
    "schema",
}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")
_VARIABLE = re.compile(r"[^\W\d_]\w*\Z")
_WHOLE = re.compile(r"[0-9]{1,9}\Z")
# Words of the template language.
_RESERVED = frozenset(
    (
        "and",
        "or",
        "not",
        "in",
        "is",
        "if",
        "else",
        "elif",
        "for",
        "set",
        "true",
        "false",
        "none",
        "loop",
    )
)
_MOST_POINTS = 50
_CHARACTERS = (10, 2000)
_LONGEST = 40_000


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
    of lines from each stretch, also none), ``text`` (one text about the whole) or ``fields`` (what
    ``schema`` asks for, a JSON Schema of an object). ``sha256`` is that of the file; ``body_line``
    the line of the file on which the body begins; ``lines`` those of the keys, as ``schema.type``.
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
    schema: Mapping[str, Any] | None = None
    lines: Mapping[str, int] = field(default_factory=dict)

    def size(self, length: str) -> Size:
        """Return how much ``short``, ``medium`` or ``long`` asks of this template."""
        return (self.sizes or _DEFAULT_SIZES)[length]


def variables_of(task: str) -> tuple[str, ...]:
    """Return the variables the workbench gives to the templates of a task."""
    return _OF_TASK[task]


def parse_template(source: str, path: Path) -> Template:
    """Read a template from its text; TemplateError names the line and the mend."""
    if len(source) > _LONGEST:
        raise TemplateError(
            _("is too long for a template: {number} characters, where {most} are read").format(
                number=len(source), most=_LONGEST
            ),
            path=path,
            fix=_("Shorten it."),
        )
    front = read_front_matter(source, path)
    body = front.body
    if not body.strip():
        raise wrong(
            path, front.body_line, _("the body is empty"), _("Write what the model is to do.")
        )
    unknown = [key for key in front.values if key not in _KEYS]
    if unknown:
        raise front.wrong(
            unknown[0],
            _("there is no key {key!r}").format(key=unknown[0]),
            _("The keys are: {keys}.").format(keys=", ".join(sorted(_KEYS))),
        )
    reader = _Reader(front)
    task = reader.choice("task", TASKS, "summarize")
    schema = reader.schema(task)
    return Template(
        name=reader.name(),
        title=reader.text("title", required=True),
        task=task,
        description=reader.text("description", required=True),
        body=body.strip("\n"),
        path=path,
        sha256=hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest(),
        body_line=front.body_line + len(body) - len(body.lstrip("\n")),
        output=reader.output(schema),
        order=reader.choice("order", ORDERS, "text"),
        headline=reader.flag("headline", default=True),
        variables=reader.variables(task),
        sizes=reader.sizes(),
        title_zh=reader.text("title_zh"),
        description_zh=reader.text("description_zh"),
        schema=schema,
        lines=front.lines,
    )


def check_name(name: str, path: Path, line: int = 1) -> str:
    """Return a name that can be a template's; TemplateError for one that cannot."""
    if not _NAME.match(name):
        raise wrong(
            path,
            line,
            _("{name!r} cannot be a name").format(name=name),
            _("Use lower-case letters, digits and hyphens, 64 at most."),
        )
    return name


class _Reader:
    """Takes typed values out of the front matter, or says what is wrong with them."""

    def __init__(self, front: FrontMatter):
        self.front = front
        self.wrong = front.wrong

    def text(self, key: str, *, required: bool = False) -> str:
        value = self.front.values.get(key, "")
        if not isinstance(value, str):
            raise self.wrong(key, _("{key} must be a text").format(key=key), _("Put it in quotes."))
        line = " ".join(value.split())
        if required and not line:
            raise self.wrong(
                key,
                _("{key} is missing").format(key=key),
                _("Add a line '{key}: …'.").format(key=key),
            )
        if not line.isprintable():
            raise self.wrong(
                key, _("{key} holds a control character").format(key=key), _("Delete it.")
            )
        return line

    def name(self) -> str:
        name = self.text("name", required=True)
        return check_name(name, self.front.path, self.front.lines.get("name", 1))

    def choice(self, key: str, choices: tuple[str, ...], default: str) -> str:
        value = self.front.values.get(key, default)
        if value not in choices:
            raise self.wrong(
                key,
                _("{key} cannot be {value!r}").format(key=key, value=value),
                _("Choose one of: {names}.").format(names=", ".join(choices)),
            )
        return str(value)

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.front.values.get(key, "true" if default else "false")
        if value not in ("true", "false"):
            raise self.wrong(
                key, _("{key} must be true or false").format(key=key), _("Write true or false.")
            )
        return value == "true"

    def output(self, schema: Mapping[str, Any] | None) -> str:
        output = self.choice("output", OUTPUTS, "points" if schema is None else "fields")
        if output == "fields" and schema is None:
            raise self.wrong(
                "output",
                _("output is fields, and there is no schema"),
                _("Add 'schema:' with a JSON Schema, or choose another output."),
            )
        if output != "fields" and schema is not None:
            raise self.wrong(
                "output",
                _("there is a schema, and output is {output}").format(output=output),
                _("Write 'output: fields', or take the schema out."),
            )
        return output

    def schema(self, task: str) -> Mapping[str, Any] | None:
        """Return the JSON Schema of an object; the engine says whether it can hold to it."""
        if "schema" not in self.front.values:
            return None
        if task != "summarize":
            raise self.wrong(
                "schema",
                _("a schema is only for templates that summarize"),
                _("Take it out, or write 'task: summarize'."),
            )
        value = self.front.values["schema"]
        properties = value.get("properties") if isinstance(value, dict) else None
        if not (
            isinstance(value, dict)
            and value.get("type") == "object"
            and isinstance(properties, dict)
            and properties
        ):
            raise self.wrong(
                "schema",
                _("schema is not that of an object with properties"),
                _("Write 'type: object', and 'properties:' with one schema a field."),
            )
        return value

    def variables(self, task: str) -> dict[str, str]:
        value = self.front.values.get("variables") or {}
        fix = _("Write a mapping of name to default value under 'variables:'.")
        if not isinstance(value, dict):
            raise self.wrong("variables", _("variables is not a mapping"), fix)
        return {name: self._variable(task, name, default, fix) for name, default in value.items()}

    def _variable(self, task: str, name: str, default: Value, fix: str) -> str:
        key = f"variables.{name}"
        if not _VARIABLE.match(name) or name in _RESERVED:
            raise self.wrong(
                key,
                _("{name!r} cannot be a variable").format(name=name),
                _("Use letters, digits and _, beginning with a letter."),
            )
        if name in variables_of(task):
            raise self.wrong(
                key,
                _("the variable {name!r} is given by the workbench").format(name=name),
                _("Choose another name."),
            )
        if not isinstance(default, str):
            raise self.wrong(key, _("the default of {name!r} is not a text").format(name=name), fix)
        return default

    def sizes(self) -> dict[str, Size]:
        value = self.front.values.get("length")
        if value is None:
            return dict(_DEFAULT_SIZES)
        fix = _("Write short, medium and long, each as {points: 5, characters: 60}.")
        if not isinstance(value, dict) or set(value) != set(LENGTHS):
            raise self.wrong("length", _("length must hold short, medium and long"), fix)
        return {name: self._size(name, value[name], fix) for name in LENGTHS}

    def _size(self, name: str, value: Value, fix: str) -> Size:
        key = f"length.{name}"
        if not isinstance(value, dict) or set(value) != {"points", "characters"}:
            raise self.wrong(key, _("length {name!r} is malformed").format(name=name), fix)
        points, characters = _whole(value["points"]), _whole(value["characters"])
        least, most = _CHARACTERS
        if not (1 <= points <= _MOST_POINTS and least <= characters <= most):
            raise self.wrong(
                key,
                _("length {name!r}: points run from 1 to 50, characters from 10 to 2000").format(
                    name=name
                ),
                fix,
            )
        return Size(points, characters)


def _whole(value: Value) -> int:
    """Return a whole number written in ASCII digits, else -1."""
    return int(value) if isinstance(value, str) and _WHOLE.match(value) else -1
