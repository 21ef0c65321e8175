"""Results as they were kept, in JSON, made into what the tasks returned."""

import types
from collections.abc import Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from workbench.errors import LibraryError
from workbench.i18n import _
from workbench.tasks.ask.answer import Answer
from workbench.tasks.compare.comparison import Comparison
from workbench.tasks.result import Result

Record = TypeVar("Record")


def result_from(found: Mapping[str, Any]) -> Result:
    """Return a summary from its JSON; LibraryError where no program wrote that."""
    return _understood(Result, found)


def comparison_from(found: Mapping[str, Any]) -> Comparison:
    """Return a comparison from its JSON; LibraryError where no program wrote that."""
    return _understood(Comparison, found)


def answer_from(found: Mapping[str, Any]) -> Answer:
    """Return an answer from its JSON; LibraryError where no program wrote that."""
    return _understood(Answer, found)


def rebuilt(kind: type[Record], found: Mapping[str, Any]) -> Record:
    """Return a dataclass from what ``asdict`` made of it, or JSON of that.

    What a later program added is passed over, what an earlier one did not know yet has its default.
    Raises ValueError or TypeError where a value is missing or is of another kind.
    """
    if not isinstance(found, Mapping):
        raise TypeError(f"{kind.__name__}: {type(found).__name__}")
    values: dict[str, Any] = {}
    for name, hint, needed in _fields(cast(Hashable, kind)):
        if name in found:
            values[name] = _value(hint, found[name])
        elif needed:
            raise ValueError(f"{kind.__name__}.{name}")
    return kind(**values)


def _understood(kind: type[Record], found: Mapping[str, Any]) -> Record:
    try:
        return rebuilt(kind, found)
    except (ValueError, TypeError) as error:
        raise LibraryError(
            _("a result in the library means nothing ({reason})").format(reason=error),
            fix=_("Save what can be read: workbench library check --repair"),
        ) from error


@cache
def _fields(kind: Any) -> tuple[tuple[str, Any, bool], ...]:
    hints = get_type_hints(kind)
    return tuple(
        (one.name, hints[one.name], one.default is MISSING and one.default_factory is MISSING)
        for one in fields(kind)
    )


def _value(hint: Any, found: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if found is None and type(None) in arguments:
            return None
        (inner,) = (one for one in arguments if one is not type(None))
        return _value(inner, found)
    if origin is tuple:
        if not isinstance(found, list | tuple):
            raise TypeError(f"{hint}: {type(found).__name__}")
        inner = arguments[:1] * len(found) if arguments[1:] == (...,) else arguments
        return tuple(_value(each, one) for each, one in zip(inner, found, strict=True))
    if origin is not None or hint is Any:
        return found
    if is_dataclass(hint) and isinstance(hint, type):
        return rebuilt(hint, found)
    if hint is float and isinstance(found, int):
        return float(found)
    if not isinstance(found, hint) or (isinstance(found, bool) and hint is not bool):
        raise TypeError(f"{hint}: {type(found).__name__}")
    return found
