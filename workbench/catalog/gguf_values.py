"""The key-value pairs of a GGUF: the few that matter are kept, the others passed over."""

import struct
from dataclasses import dataclass, field
from pathlib import Path

from workbench.catalog.bounded import BoundedReader
from workbench.errors import ModelError
from workbench.i18n import _

_MAX_PAIRS = 1 << 16
_MAX_KEY = (1 << 16) - 1
_MAX_STRINGS = 1 << 22
_MAX_KEPT_ARRAY = 4096
_SMALLEST_PAIR = 8 + 1 + 4 + 1
_STRING, _ARRAY = 8, 9
_NUMBERS = {
    0: struct.Struct("<B"),
    1: struct.Struct("<b"),
    2: struct.Struct("<H"),
    3: struct.Struct("<h"),
    4: struct.Struct("<I"),
    5: struct.Struct("<i"),
    6: struct.Struct("<f"),
    7: struct.Struct("<B"),
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
_KEPT_TEXTS = {
    "general.architecture": 256,
    "general.type": 256,
    "general.name": 4096,
    "general.size_label": 256,
    "tokenizer.ggml.model": 256,
    "tokenizer.chat_template": 1 << 20,
}
"""The strings that are kept, with the bytes each may have."""

Value = int | float | str | tuple[int | float, ...]


@dataclass(slots=True)
class Metadata:
    """What was kept: scalars, short arrays of numbers, a few strings, lengths of all arrays."""

    path: Path
    values: dict[str, Value] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)

    def wrong(self, key: str, what: str) -> ModelError:
        """Return the error of a header whose ``key`` has an impossible value."""
        return ModelError(
            _("has a damaged header: {key} {what}").format(key=key, what=what),
            path=self.path,
            fix=_("Fetch the file again."),
        )

    def text(self, key: str) -> str | None:
        """Return a string, or None where the key is absent."""
        value = self.values.get(key)
        if value is None and key not in self.keys:
            return None
        if not isinstance(value, str):
            raise self.wrong(key, _("is not a text"))
        return value

    def number(self, key: str) -> int | None:
        """Return a whole number of 0 or more, or None where the key is absent."""
        value = self.values.get(key)
        if value is None and key not in self.keys:
            return None
        if not isinstance(value, int) or value < 0:
            raise self.wrong(key, _("is not a whole number"))
        return value

    def numbers(self, key: str) -> tuple[int, ...] | None:
        """Return an array of whole numbers, or None where the key is absent or a scalar."""
        value = self.values.get(key)
        if value is None and key in self.lengths:
            raise self.wrong(key, _("is an array of the wrong kind or length"))
        if not isinstance(value, tuple):
            return None
        whole = tuple(item for item in value if isinstance(item, int) and item >= 0)
        if len(whole) != len(value):
            raise self.wrong(key, _("is not an array of whole numbers"))
        return whole

    def first(self, key: str) -> int | None:
        """Return a number that some models give once and some for each layer: the largest."""
        listed = self.numbers(key)
        return max(listed, default=None) if listed is not None else self.number(key)


def read_metadata(reader: BoundedReader, count: int) -> Metadata:
    """Read ``count`` pairs; ModelError for any that llama.cpp would refuse."""
    metadata = Metadata(reader.path)
    if count > _MAX_PAIRS or count * _SMALLEST_PAIR > reader.remaining:
        raise metadata.wrong(_("its list of keys"), _("claims {n} entries").format(n=count))
    for _number in range(count):
        key = _key(reader, metadata)
        if key in metadata.keys:
            raise metadata.wrong(key, _("appears twice"))
        metadata.keys.add(key)
        kind = reader.u32()
        if kind == _STRING:
            _read_string(reader, metadata, key)
        elif kind == _ARRAY:
            _read_array(reader, metadata, key)
        elif kind in _NUMBERS:
            form = _NUMBERS[kind]
            metadata.values[key] = form.unpack(reader.take(form.size))[0]
        else:
            raise metadata.wrong(key, _("is of the unknown type {kind}").format(kind=kind))
    return metadata


def _key(reader: BoundedReader, metadata: Metadata) -> str:
    length = reader.u64()
    if not 0 < length <= _MAX_KEY:
        raise metadata.wrong(_("a key"), _("is {n} bytes long").format(n=length))
    return _decode(reader.take(length), metadata, _("a key"))


def _read_string(reader: BoundedReader, metadata: Metadata, key: str) -> None:
    length = reader.u64()
    if key not in _KEPT_TEXTS:
        reader.skip(length)
        return
    if length > _KEPT_TEXTS[key]:
        reader.need(length)
        raise metadata.wrong(key, _("is {n} bytes long").format(n=length))
    metadata.values[key] = _decode(reader.take(length), metadata, key)


def _read_array(reader: BoundedReader, metadata: Metadata, key: str) -> None:
    kind, count = reader.u32(), reader.u64()
    metadata.lengths[key] = count
    if kind == _STRING:
        if count > _MAX_STRINGS:
            raise metadata.wrong(key, _("claims {n} entries").format(n=count))
        reader.skip_strings(count)
    elif kind in _NUMBERS:
        form = _NUMBERS[kind]
        if count > _MAX_KEPT_ARRAY:
            reader.skip(count * form.size)
        else:
            data = reader.take(count * form.size)
            metadata.values[key] = tuple(value for (value,) in form.iter_unpack(data))
    elif kind == _ARRAY:
        raise metadata.wrong(key, _("is an array of arrays, which llama.cpp does not read"))
    else:
        raise metadata.wrong(key, _("is of the unknown type {kind}").format(kind=kind))


def _decode(data: bytes, metadata: Metadata, key: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise metadata.wrong(key, _("is not UTF-8")) from None
