"""What a value of JSON holds: texts by the path of their keys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str, ...]
"""Keys from the outermost; lists on the way have none."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text, the path of keys to it, and the texts beside it and around it by their paths."""

    path: Path
    value: str
    around: Mapping[str, str] = field(default_factory=dict)


def texts(value: Any, path: Path = (), around: Mapping[str, str] | None = None) -> Iterator[Text]:
    """Yield every text in a value, in order; a list of texts counts as one, a line each.

    What stands around a text is of the same object and of those it is in; nearer goes first.
    """
    around = around or {}
    if (whole := _as_text(value)) is not None:
        yield Text(path, whole, around)
    elif isinstance(value, dict):
        strings = {key: text for key, one in value.items() if (text := _field(one)) is not None}
        # Nearer ones come later, so that they replace those of the same name further out.
        here = {**around, **{".".join((*path, key)): text for key, text in strings.items()}}
        for key, one in value.items():
            yield from texts(one, (*path, str(key)), here)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one, path, around)


def _as_text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return "\n".join(value)
    return None


def _field(value: Any) -> str | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return str(value)[:40]
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return "、".join(value)
    return value if isinstance(value, str) else None


def fields_of(text: Text) -> dict[str, str]:
    """Return what stands around a text, by path, from the nearest outwards."""
    own = ".".join(text.path)
    ranked = sorted(text.around, key=lambda name: -name.count("."))
    return {name: text.around[name] for name in ranked if name != own}
