"""Structured fields as lines that a person reads, each with its passages and what is wrong."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.tasks.result import FieldCheck


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a heading (no checks), a single value, or an entry of a list."""

    depth: int
    text: str
    checks: tuple[FieldCheck, ...] = ()


def rows(fields: Mapping[str, Any], checks: Sequence[FieldCheck]) -> Iterator[Row]:
    """Lay fields out: a list under its name, an entry a line, its values in order."""
    for name, value in fields.items():
        path = f"/{_escaped(name)}"
        if not isinstance(value, list):
            yield Row(0, f"{name}: {_said(value)}", _below(checks, path))
            continue
        yield Row(0, f"{name}: {'' if value else '-'}".rstrip())
        for number, entry in enumerate(value):
            yield Row(1, _said(entry), _below(checks, f"{path}/{number}"))


def _below(checks: Sequence[FieldCheck], path: str) -> tuple[FieldCheck, ...]:
    return tuple(one for one in checks if one.path == path or one.path.startswith(f"{path}/"))


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(
            f"{name}: {_plain(inner)}" for name, inner in value.items() if inner not in ("", None)
        )
    return _plain(value)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
