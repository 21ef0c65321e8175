"""What llama.cpp says goes into memory, not over the user's screen."""

import ctypes
import re
from collections import deque
from typing import Any

_ERROR = 4  # GGML_LOG_LEVEL_ERROR of ggml.h
_CONTINUED = 5  # GGML_LOG_LEVEL_CONT
_KEPT = 400
_ORIGIN = re.compile(r"^(?:[A-Za-z_~][\w:~<>]*: )+")
_LOADING = "error loading model: "


class NativeLog:
    """The last lines llama.cpp logged, errors apart."""

    def __init__(self) -> None:
        self._errors: deque[str] = deque(maxlen=_KEPT)
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
        """Return the error that says most of why loading failed, without the function's name."""
        lines = list(self._errors)
        for line in lines:
            if _LOADING in line:
                return line.partition(_LOADING)[2].strip()
        return _ORIGIN.sub("", lines[0]).strip() if lines else ""

    def _receive(self, level: int, text: bytes, _data: Any) -> None:
        if level != _CONTINUED:
            self._level = level
        if self._level == _ERROR and (line := text.decode("utf-8", "replace").strip()):
            self._errors.append(line)
