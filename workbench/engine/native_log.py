"""What llama.cpp says goes into memory, not over the user's screen."""

import ctypes
import re
from collections import defaultdict
from typing import Any

_ERROR = 4  # GGML_LOG_LEVEL_ERROR of ggml.h
_CONTINUED = 5  # GGML_LOG_LEVEL_CONT
_KEPT = 100
_ORIGIN = re.compile(r"^(?:(?:[A-Za-z_~][\w:~<>]*|error loading model): )+")
_MEMORY = re.compile(r"alloc|out of memory", re.IGNORECASE)
_BUFFER = re.compile(
    r"[\w~]+: +(\S+) +(?:\S+ +)*?"
    r"(model|KV|RS|state|LoRA|output|compute) buffer size += +(\d+\.\d+) MiB"
)
_TOLD_AGAIN = ("compute", "output")
_MIB = 1 << 20


def buffer_size(line: str) -> tuple[str, str, int] | None:
    """Return backend, kind and bytes of a line that tells the size of a buffer, else None.

    The kinds are ``model``, ``KV``, ``RS`` and ``state`` (of recurrent layers), ``LoRA``,
    ``output`` and ``compute``.
    """
    match = _BUFFER.match(line)
    return (match[1], match[2], round(float(match[3]) * _MIB)) if match else None


class NativeLog:
    """The errors llama.cpp logged and the sizes of its buffers; the rest is of no use."""

    def __init__(self) -> None:
        self._errors: list[str] = []
        self._buffers: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._level = 0
        self._callback: Any = None

    def capture(self) -> None:
        """Take over the log of llama.cpp; keep this object as long as the library is used."""
        from llama_cpp import llama_cpp

        self._callback = llama_cpp.llama_log_callback(self._receive)
        llama_cpp.llama_log_set(self._callback, ctypes.c_void_p(0))

    def clear(self) -> None:
        """Forget what was logged so far."""
        self._errors.clear()
        self._buffers.clear()

    def reason(self) -> str:
        """Return the first error since ``clear``, the cause of the others, without its origin."""
        return _ORIGIN.sub("", self._errors[0]) if self._errors else ""

    @property
    def short_of_memory(self) -> bool:
        """Say whether an error since ``clear`` is about memory that could not be had."""
        return any(_MEMORY.search(line) for line in self._errors)

    def buffer_bytes(self, *kinds: str) -> int:
        """Return the bytes of all buffers of these kinds since ``clear``, on all backends."""
        return sum(size for (_backend, kind), size in self._buffers.items() if kind in kinds)

    def _receive(self, level: int, text: bytes, _data: Any) -> None:
        if level != _CONTINUED:
            self._level = level
        if b" buffer size = " in text:
            self._note(buffer_size(text.decode("utf-8", "replace")))
        if self._level != _ERROR or len(self._errors) >= _KEPT:
            return
        if line := text.decode("utf-8", "replace").strip():
            self._errors.append(line)

    def _note(self, told: tuple[str, str, int] | None) -> None:
        if told is None:
            return
        backend, kind, size = told
        if kind in _TOLD_AGAIN:
            # Told anew each time room is reserved, such as for other adapters.
            self._buffers[backend, kind] = size
        else:
            self._buffers[backend, kind] += size
