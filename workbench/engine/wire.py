"""The language client and child speak: one message a line, as JSON, with the number it belongs to.

A line is ``[number, name, fields]``. Every character outside ASCII is escaped, so that a message
holds no line break and any string survives, lone surrogates of odd file names included.
"""

import json
import types
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from workbench.engine.protocol import (
    Done,
    Loading,
    LoadOptions,
    ModelInfo,
    Reading,
    Request,
    Statistics,
    Text,
)


@dataclass(frozen=True, slots=True)
class Load:
    """Load a model in place of the one there is; answered by Loading, then ModelInfo."""

    options: LoadOptions


@dataclass(frozen=True, slots=True)
class Unload:
    """Free the model; answered by Finished."""


@dataclass(frozen=True, slots=True)
class Submit:
    """Run a request; answered by its events, the last of them Done.

    ``more``: another follows at once, and none begins before the last is there.
    """

    request: Request
    more: bool = False


@dataclass(frozen=True, slots=True)
class Prefetch:
    """Read what a request shares, when nothing else is to be done; answered by Finished."""

    request: Request


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop the command of the same number; only that command answers."""


@dataclass(frozen=True, slots=True)
class Count:
    """Count the tokens of each text; answered by Counts."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CountPrompt:
    """Count the tokens of a rendered prompt; answered by Counts."""

    request: Request


@dataclass(frozen=True, slots=True)
class CountReusable:
    """Count the tokens of a prompt that need not be read; answered by Counts."""

    request: Request


@dataclass(frozen=True, slots=True)
class Measure:
    """Ask what the scheduler holds and has done; answered by Statistics."""


@dataclass(frozen=True, slots=True)
class LoadEncoder:
    """Load an embedding or reranking model; answered by Loading, then EncoderInfo."""

    path: str
    threads: int = 0
    gpu_layers: int = -1


@dataclass(frozen=True, slots=True)
class Embed:
    """Turn each text into a vector; answered by Vectors."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rerank:
    """Score how well each text answers a query; answered by Scores."""

    query: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ping:
    """Ask for a sign of life; answered by Pong even while a request runs."""


@dataclass(frozen=True, slots=True)
class Quit:
    """End the process now."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Tokens, in the order asked."""

    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EncoderInfo:
    """What is known of a loaded encoder; ``dimensions`` of its vectors, ``context`` in tokens.

    ``ranks``: it scores pairs of query and text instead of making vectors.
    """

    description: str
    dimensions: int
    context: int
    ranks: bool
    load_seconds: float


@dataclass(frozen=True, slots=True)
class Vectors:
    """One vector a text, in the order asked, each of length 1."""

    vectors: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """One score a text, in the order asked; a higher one is a better answer."""

    scores: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Pong:
    """The process lives."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A command without a result was carried out."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A command could not be carried out; the fields are those of WorkbenchError."""

    what: str
    path: str | None = None
    fix: str | None = None
    cancelled: bool = False


Command = (
    Load
    | Unload
    | Submit
    | Prefetch
    | Cancel
    | Count
    | CountPrompt
    | CountReusable
    | Measure
    | LoadEncoder
    | Embed
    | Rerank
    | Ping
    | Quit
)
Reply = (
    Loading
    | ModelInfo
    | Reading
    | Text
    | Done
    | Counts
    | Statistics
    | EncoderInfo
    | Vectors
    | Scores
    | Pong
    | Finished
    | Failed
)

_KINDS: dict[str, type] = {kind.__name__: kind for kind in (*get_args(Command), *get_args(Reply))}


class WireError(ValueError):
    """A line is not a message of this protocol."""


def encode(number: int, message: Command | Reply) -> bytes:
    """Return the line, its line break included, that carries a message."""
    line = json.dumps([number, type(message).__name__, asdict(message)], separators=(",", ":"))
    return line.encode("ascii") + b"\n"


def decode(line: bytes) -> tuple[int, Any]:
    """Return number and message of a line; WireError where it is not one."""
    try:
        number, name, values = json.loads(line)
        message = _build(_KINDS[name], values)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise WireError(f"not a message: {line[:80]!r}") from error
    if type(number) is not int:
        raise WireError(f"not a message: {line[:80]!r}")
    return number, message


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _build(kind: Any, value: Any) -> Any:
    """Turn parsed JSON into a value of the given type; TypeError where it does not fit."""
    if is_dataclass(kind):
        if type(value) is not dict:
            raise TypeError(f"{value!r} are not fields")
        hints = _hints(kind)  # type: ignore[arg-type]
        unknown = value.keys() - {field.name for field in fields(kind)}
        if unknown:
            raise TypeError(f"unknown fields {unknown}")
        return kind(**{name: _build(hints[name], part) for name, part in value.items()})  # type: ignore[operator]
    origin = get_origin(kind)
    if origin is tuple and isinstance(value, list):
        return tuple(_build(get_args(kind)[0], part) for part in value)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in get_args(kind):
            return None
        return _build(get_args(kind)[0], value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise TypeError(f"{value!r} is not of type {kind}")
    return value
