"""What llama.cpp says goes into memory, not over the user's screen."""

import ctypes
import re
from typing import Any

_ERROR = 4  # GGML_LOG_LEVEL_ERROR of ggml.h
_CONTINUED = 5  # GGML_LOG_LEVEL_CONT
_KEPT = 100
_ORIGIN = re.compile(r"^(?:(?:[A-Za-z_~][\w:~<>]*|error loading model): )+")


class NativeLog:
    """The errors llama.cpp logged; the rest is of no use to a user."""

    def __init__(self) -> None:
        self._errors: list[str] = []
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

    def reason(self) -> str:
        """Return the first error since ``clear``, the cause of the others, without its origin."""
        return _ORIGIN.sub("", self._errors[0]) if self._errors else ""

    def _receive(self, level: int, text: bytes, _data: Any) -> None:
        if level != _CONTINUED:
            self._level = level
        if self._level != _ERROR or len(self._errors) >= _KEPT:
            return
        if line := text.decode("utf-8", "replace").strip():
            self._errors.append(line)
