"""The process that takes PDF files apart, as its user sees it: started once, watched, ended."""

import atexit
import contextlib
import json
import os
import select
import struct
import subprocess
import sys
import threading
import time
from typing import Any

from workbench.errors import ArticleError
from workbench.i18n import _

PATIENCE = 60.0
"""Seconds one file may take."""
_LARGEST_ANSWER = 2 * 1024**3
_MODULE = "workbench.articles.formats.pdf_child"

_lock = threading.Lock()
_running: dict[int, "_Child"] = {}


def take_apart(data: bytes) -> dict[str, Any]:
    """Return what the child says of a PDF; ArticleError where it dies of it or is never done."""
    with _lock:
        # A process that was forked must not speak to its parent's child.
        child = _running.get(os.getpid())
        if child is None or not child.alive:
            child = _running[os.getpid()] = _Child()
        try:
            return child.ask(data)
        except BaseException:
            # Whatever it would still say answers nothing that is asked from here on.
            child.end()
            raise


class _Child:
    def __init__(self) -> None:
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", _MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            raise ArticleError(
                _(
                    "cannot be read: the process that reads PDF files does not start: {reason}"
                ).format(reason=error.strerror),
                fix=_("Close other programs and try again."),
            ) from None
        atexit.register(self.end)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, data: bytes) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        assert self._process.stdin is not None
        os.set_blocking(self._process.stdin.fileno(), False)
        rest = memoryview(struct.pack(">Q", len(data)) + data)
        try:
            while rest:
                _wait([], [self._process.stdin], deadline)
                rest = rest[self._process.stdin.write(rest[: 1 << 20]) or 0 :]
            size = struct.unpack(">Q", self._read(8, deadline))[0]
            if size > _LARGEST_ANSWER:
                raise _died()
            found: dict[str, Any] = json.loads(self._read(size, deadline))
        except (OSError, EOFError, ValueError):
            raise _died() from None
        return found

    def _read(self, size: int, deadline: float) -> bytes:
        assert self._process.stdout is not None
        pieces: list[bytes] = []
        while size:
            _wait([self._process.stdout], [], deadline)
            piece = os.read(self._process.stdout.fileno(), min(size, 1 << 20))
            if not piece:
                raise EOFError
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def end(self) -> None:
        atexit.unregister(self.end)
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


def _wait(readable: list[Any], writable: list[Any], deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0 or not any(select.select(readable, writable, [], left)):
        raise ArticleError(
            _("takes longer than {seconds} seconds to read").format(seconds=round(PATIENCE)),
            fix=_("Split it, or save its text as .txt."),
        )


def _died() -> ArticleError:
    return ArticleError(
        _("is a PDF that cannot be read: reading it crashes or takes too much memory"),
        fix=_("Save it once more with another program, or its text as .txt."),
    )
