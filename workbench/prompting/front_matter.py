"""The front matter of a template: YAML read as plain texts, with the line of every key.

Only what stands under ``TYPED`` keys is read as the numbers, truth values and nulls of JSON.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import TemplateError
from workbench.i18n import _

if TYPE_CHECKING:
    import yaml

Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]

TYPED = ("schema",)
_DEEPEST = 16
_WORDS = {"true": True, "false": False, "null": None}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})\Z")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,15}\Z")
_FENCE = re.compile(r"---[ \t]*")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The values of a front matter, and the lines of the file on which its keys stand.

    ``lines`` holds ``variables.reader`` beside ``variables``, and ``schema.anyOf.0.type`` for keys
    within a list. ``body`` is what follows, beginning on line ``body_line``.
    """

    values: dict[str, Value]
    lines: dict[str, int]
    body: str
    body_line: int
    path: Path

    def wrong(self, key: str, what: str, fix: str) -> TemplateError:
        """Return the error that names the line of a key; the first line where it is absent."""
        return wrong(self.path, self.lines.get(key, 1), what, fix)


def wrong(path: Path, line: int, what: str, fix: str) -> TemplateError:
    """Return the error of one line of a template file."""
    return TemplateError(_("line {line}: {what}").format(line=line, what=what), path=path, fix=fix)


def read_front_matter(source: str, path: Path) -> FrontMatter:
    """Split a template into front matter and body; TemplateError names the line and the mend.

    Every scalar is read as the text that stands there: ``title: no`` is no truth value, except
    under ``TYPED`` keys, where what JSON would not quote is read as JSON reads it. Anchors and
    aliases are refused, as they can make a short file endless.
    """
    lines = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not _FENCE.fullmatch(lines[0]):
        raise wrong(
            path,
            1,
            _("there is no front matter"),
            _("Begin the file with a block between --- lines."),
        )
    closing = next((i for i, line in enumerate(lines[1:], 1) if _FENCE.fullmatch(line)), None)
    if closing is None:
        raise wrong(
            path,
            1,
            _("the front matter does not end"),
            _("Put a line of --- between it and the body."),
        )
    node = _compose("\n".join(lines[1:closing]) + "\n", path)
    found: dict[str, int] = {}
    values = _plain(node, found, "", path) if node is not None else {}
    if not isinstance(values, dict):
        raise wrong(
            path, 2, _("the front matter holds no keys"), _("Write one 'key: value' a line.")
        )
    return FrontMatter(values, found, "\n".join(lines[closing + 1 :]), closing + 2, path)


def _compose(block: str, path: Path) -> "yaml.Node | None":
    import yaml

    fix = _("Write one 'key: value' a line; put values that hold a colon in quotes.")
    try:
        depth = 0
        for event in yaml.parse(block, Loader=yaml.SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise _too_deep(path)
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise wrong(
                    path,
                    (event.start_mark.line if event.start_mark else 0) + 2,
                    _("anchors and aliases (& and *) are not used here"),
                    _("Put the value in quotes, or write it out."),
                )
        return yaml.compose(block, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        position = error.position if isinstance(error.position, int) else 0
        raise wrong(
            path,
            block.count("\n", 0, position) + 2,
            _("the front matter holds a control character"),
            _("Delete it."),
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise wrong(
            path,
            # A fault at the very end is reported on the line after it.
            min(mark.line, block.count("\n") - 1) + 2 if mark else 1,
            _("the front matter is not valid YAML: {problem}").format(
                problem=getattr(error, "problem", None) or str(error)
            ),
            fix,
        ) from None
    except RecursionError:
        raise _too_deep(path) from None
    except ValueError as error:  # \U99999999 in a quoted text
        raise wrong(
            path, 1, _("the front matter is not valid YAML: {problem}").format(problem=error), fix
        ) from None


def _plain(
    node: "yaml.Node", lines: dict[str, int], prefix: str, path: Path, *, typed: bool = False
) -> Value:
    """Turn a YAML node into texts, lists and mappings; note the line of every key."""
    import yaml

    if isinstance(node, yaml.ScalarNode):
        unquoted = typed and node.style is None
        return _as_json(node.value) if unquoted else str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [
            _plain(item, lines, f"{prefix}{number}.", path, typed=typed)
            for number, item in enumerate(node.value)
        ]
    found: dict[str, Value] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 2
        if not isinstance(key_node, yaml.ScalarNode):
            raise wrong(path, line, _("a key must be a word"), _("Write 'key: value'."))
        key = str(key_node.value)
        if key in found:
            raise wrong(
                path, line, _("the key {key!r} is there twice").format(key=key), _("Delete one.")
            )
        lines[prefix + key] = line
        inside = typed or (not prefix and key in TYPED)
        found[key] = _plain(value_node, lines, f"{prefix}{key}.", path, typed=inside)
    return found


def _as_json(text: str) -> Value:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text)
    return float(text) if _DECIMAL.match(text) else text


def _too_deep(path: Path) -> TemplateError:
    return wrong(path, 1, _("the front matter is nested too deep"), _("Simplify it."))
