"""Records of a JSON file of any size, built one at a time from the events of a streaming parser."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workbench.articles.formats import limits
from workbench.articles.formats.stream import Utf8Stream
from workbench.i18n import _

RECORD = 4 * limits.TEXT
"""Bytes of one record: an article with all that is said of it."""
_PIECE = 65_536


class BrokenJson(Exception):
    """A file stops being JSON, or nests or grows beyond what is read."""


@dataclass(frozen=True, slots=True)
class Record:
    """A value and the keys that lead to the list it is an item of.

    ``remainder``: it is no item but what stands around the lists.
    """

    path: tuple[str, ...]
    value: Any
    remainder: bool = False


def records(stream: Utf8Stream) -> Iterator[Record]:
    """Yield each object or list in the outermost lists; last, what stands around these lists.

    An object whose values are objects with the same keys is as good as a list. BrokenJson where the
    file cannot be read on; what was yielded before stands.
    """
    import ijson

    keys: list[str] = []
    remainder = _Remainder()
    builder: _Builder | None = None
    in_list = False
    try:
        for event, value in ijson.basic_parse(stream, buf_size=_PIECE, use_float=True):
            if builder is not None:
                if builder.take(event, value):
                    yield Record(tuple(keys), builder.value)
                    builder = None
                    stream.renew()
            elif event == "map_key":
                keys[-1] = value
            elif in_list and event in {"start_map", "start_array"}:
                builder = _Builder(event)
            elif event == "start_map":
                keys.append("")
            elif event == "end_map":
                keys.pop()
            elif event == "start_array":
                in_list = True
            elif event == "end_array":
                in_list = False
            else:
                remainder.put(keys, value, in_list=in_list)
            if len(keys) > limits.DEPTH:
                raise BrokenJson(_("it is nested too deeply"))
    except OverflowError:
        raise BrokenJson(
            _("one record takes more than {limit} MB").format(limit=RECORD // 1024**2)
        ) from None
    except (ijson.JSONError, ValueError) as error:
        yield from remainder.records()
        raise BrokenJson(_told(error)) from None
    yield from remainder.records()


def _told(error: Exception) -> str:
    """Return what the parser says, without the piece of the file it shows below."""
    said = error.args[0] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    lines = text.strip().splitlines()
    return " ".join(lines[0].split()).rstrip(".")[:200] if lines else type(error).__name__


class _Builder:
    """One value, put together from events."""

    def __init__(self, event: str) -> None:
        self.value: Any = {} if event == "start_map" else []
        self._open: list[Any] = [self.value]
        self._keys: list[str] = [""]

    def take(self, event: str, value: Any) -> bool:
        """Add an event; True when the value is complete."""
        if event == "map_key":
            self._keys[-1] = value
        elif event in {"start_map", "start_array"}:
            if len(self._open) > limits.DEPTH:
                raise BrokenJson(_("it is nested too deeply"))
            inner: Any = {} if event == "start_map" else []
            self._add(inner)
            self._open.append(inner)
            self._keys.append("")
        elif event in {"end_map", "end_array"}:
            self._open.pop()
            self._keys.pop()
        else:
            self._add(value)
        return not self._open

    def _add(self, value: Any) -> None:
        container = self._open[-1]
        if isinstance(container, dict):
            container[self._keys[-1]] = value
        else:
            container.append(value)


class _Remainder:
    """Single values outside all records, with the objects they stand in."""

    def __init__(self) -> None:
        self._value: Any = {}
        self._size = 0

    def put(self, keys: list[str], value: Any, *, in_list: bool) -> None:
        """Keep a value under its keys; values of a list are kept as a list."""
        self._size += sys.getsizeof(value) + 200
        if self._size > 4 * RECORD:
            raise OverflowError
        place = self._value
        *outer, last = keys or [""]
        for key in outer:
            inner = place.get(key)
            if not isinstance(inner, dict):
                inner = place[key] = {}
            place = inner
        if in_list:
            kept = place.get(last)
            if isinstance(kept, list):
                kept.append(value)
            else:
                place[last] = [value]
        else:
            place[last] = value

    def records(self) -> Iterator[Record]:
        """Yield what was kept: an object's objects of one kind each, else as a whole."""
        inner = list(self._value.values())
        if len(inner) >= 2 and all(isinstance(one, dict) and one for one in inner):
            common = set(inner[0]).intersection(*inner[1:])
            if common:
                for one in inner:
                    yield Record((), one)
                return
        if list(self._value) == [""]:
            yield Record((), self._value[""], remainder=True)
        elif self._value:
            yield Record((), self._value, remainder=True)
