"""A program in a terminal of its own, and what it writes there."""

import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from fcntl import ioctl

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]")


class Terminal:
    """Runs ``python ARGUMENTS`` in a pseudo-terminal of a given size."""

    def __init__(
        self, arguments: Sequence[str], variables: Mapping[str, str], size: tuple[int, int]
    ) -> None:
        self.raw = ""
        self._bytes = b""
        self._pid, self._master = pty.fork()
        if self._pid == 0:
            os.environ.update(variables)
            os.execv(sys.executable, [sys.executable, *arguments])
        self.resize(*size)

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size; the program is told, as terminals do."""
        ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        os.kill(self._pid, signal.SIGWINCH)

    def write(self, text: str) -> None:
        """Send what a terminal sends for keys, in one write."""
        os.write(self._master, text.encode("utf-8"))

    @property
    def text(self) -> str:
        """Return what was written, without control sequences."""
        return _CONTROL.sub("", self.raw)

    def wait_for(self, text: str, *, raw: bool = False, seconds: float = 90) -> None:
        """Read until a text was written; fail where that does not come about."""
        deadline = time.monotonic() + seconds
        while text not in (self.raw if raw else self.text):
            if time.monotonic() > deadline or not self._read():
                raise AssertionError(f"{text!r} was not written, but: {self.text[-3000:]}")

    def forget(self) -> None:
        """Look only at what is written from now on."""
        self._bytes, self.raw = b"", ""

    def _read(self) -> bool:
        ready, _writable, _failed = select.select([self._master], [], [], 0.2)
        if ready:
            try:
                self._bytes += os.read(self._master, 65536)
            except OSError:
                return False
            self.raw = self._bytes.decode("utf-8", "ignore")
        return True

    def end(self) -> int:
        """Read to the end and return the exit status; end the program where it does not."""
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self._read():
            pass
        if time.monotonic() >= deadline:
            os.kill(self._pid, signal.SIGKILL)
        # A program that has closed its terminal may take a moment more to end.
        _done, status = os.waitpid(self._pid, 0)
        os.close(self._master)
        return os.waitstatus_to_exitcode(status)
