"""Functions of ggml that llama-cpp-python does not bind. Runs in the child only."""

import ctypes
from collections.abc import Sequence
from functools import cache
from typing import Any


def function(name: str, result: Any, arguments: Sequence[Any]) -> Any:
    """Return a C function of ggml; AttributeError where the build has none of that name."""
    for library in _libraries():
        try:
            found = getattr(library, name)
        except AttributeError:
            continue
        found.restype = result
        found.argtypes = list(arguments)
        return found
    raise AttributeError(f"this llama.cpp has no {name}")


@cache
def _libraries() -> tuple[Any, ...]:
    """Return the libraries to look in.

    Loading a symbol through a library finds those it depends on as well, except on Windows; and a
    static build has all of ggml in libllama.
    """
    from llama_cpp import _ctypes_extensions, llama_cpp

    found: list[Any] = [llama_cpp._lib]
    for name in ("ggml", "ggml-base"):
        try:
            found.append(_ctypes_extensions.load_shared_library(name, llama_cpp._base_path))
        except (FileNotFoundError, OSError, RuntimeError):
            continue
    return tuple(found)


def text(value: bytes | None) -> str:
    """Return what a C string says, whatever its bytes."""
    return (value or b"").decode("utf-8", "replace")


Pointer = ctypes.c_void_p
