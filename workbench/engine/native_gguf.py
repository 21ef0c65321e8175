"""What ggml's own reader says of a GGUF file, weights unread. Runs in the child only.

It is the reader that loads the file a moment later, so both see the same.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_STRING, _ARRAY = 8, 9  # enum gguf_type of gguf.h
_FLOAT32 = 6
_MOST_ELEMENTS = 4096  # a number for each layer; the arrays of the vocabulary are of no use here
_INTEGERS = {
    0: "u8",
    1: "i8",
    2: "u16",
    3: "i16",
    4: "u32",
    5: "i32",
    10: "u64",
    11: "i64",
}


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor's name, number of its type in ggml.h, four dimensions, and size in bytes."""

    name: str
    type: int
    shape: tuple[int, ...]
    bytes: int


@dataclass(frozen=True, slots=True)
class GgufFacts:
    """Texts, whole numbers, f32 and short arrays of integers of the metadata, and the tensors.

    ``keys`` are those of all metadata, of whatever type.
    """

    keys: frozenset[str]
    values: dict[str, str | int | float | tuple[int, ...]]
    tensors: tuple[Tensor, ...]

    def text(self, key: str) -> str:
        """Return a text of the metadata; empty where there is none of that name and type."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int:
        """Return a whole number of the metadata; 0 where there is none of that name and type."""
        value = self.values.get(key)
        return value if isinstance(value, int) else 0


def read_facts(path: str) -> GgufFacts | None:
    """Return what is in the file, None where ggml cannot read it; the reason is in its log."""
    import ctypes

    from workbench.engine.ggml_library import Pointer, function

    class Parameters(ctypes.Structure):
        """gguf_init_params: no weights, and no context to put tensors in."""

        _fields_ = (("no_alloc", ctypes.c_bool), ("ctx", ctypes.c_void_p))

    opened = function("gguf_init_from_file", Pointer, [ctypes.c_char_p, Parameters])
    context = opened(os.fsencode(path), Parameters(True, None))
    if not context:
        return None
    try:
        return GgufFacts(_keys(context), _values(context), _tensors(context))
    finally:
        function("gguf_free", None, [Pointer])(context)


def _asker(context: int, result: Any) -> Callable[..., Any]:
    import ctypes

    from workbench.engine.ggml_library import Pointer, function

    def ask(name: str, number: int, kind: Any = result) -> Any:
        return function(name, kind, [Pointer, ctypes.c_int64])(context, number)

    return ask


def _keys(context: int) -> frozenset[str]:
    import ctypes

    from workbench.engine.ggml_library import Pointer, function, text

    ask = _asker(context, ctypes.c_char_p)
    count = function("gguf_get_n_kv", ctypes.c_int64, [Pointer])(context)
    return frozenset(text(ask("gguf_get_key", number)) for number in range(count))


def _values(context: int) -> dict[str, str | int | float | tuple[int, ...]]:
    import ctypes

    from workbench.engine.ggml_library import Pointer, function, text

    ask = _asker(context, ctypes.c_int)
    count = function("gguf_get_n_kv", ctypes.c_int64, [Pointer])(context)
    found: dict[str, str | int | float | tuple[int, ...]] = {}
    for number in range(count):
        key = text(ask("gguf_get_key", number, ctypes.c_char_p))
        kind = ask("gguf_get_kv_type", number)
        if kind == _STRING:
            found[key] = text(ask("gguf_get_val_str", number, ctypes.c_char_p))
        elif kind == _FLOAT32:
            found[key] = ask("gguf_get_val_f32", number, ctypes.c_float)
        elif kind in _INTEGERS:
            found[key] = ask(f"gguf_get_val_{_INTEGERS[kind]}", number, _integer(kind))
        elif kind == _ARRAY and (element := ask("gguf_get_arr_type", number)) in _INTEGERS:
            length = ask("gguf_get_arr_n", number, ctypes.c_size_t)
            data = ask("gguf_get_arr_data", number, ctypes.POINTER(_integer(element)))
            if 0 < length <= _MOST_ELEMENTS:
                found[key] = tuple(data[:length])
    return found


def _integer(kind: int) -> Any:
    import ctypes

    name = _INTEGERS[kind]
    return getattr(ctypes, f"c_{'u' if name[0] == 'u' else ''}int{name[1:]}")


def _tensors(context: int) -> tuple[Tensor, ...]:
    import ctypes

    from workbench.engine.ggml_library import Pointer, function, text

    ask = _asker(context, ctypes.c_int)
    count = function("gguf_get_n_tensors", ctypes.c_int64, [Pointer])(context)
    return tuple(
        Tensor(
            text(ask("gguf_get_tensor_name", number, ctypes.c_char_p)),
            ask("gguf_get_tensor_type", number),
            tuple(ask("gguf_get_tensor_ne", number, ctypes.POINTER(ctypes.c_int64))[:4]),
            ask("gguf_get_tensor_size", number, ctypes.c_size_t),
        )
        for number in range(count)
    )
