"""A program in a pseudo-terminal: what is written to it, and when what it writes comes."""

import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from fcntl import ioctl

_CONTROL = re.compile(
    rb"\x1b\[[0-9;?<>=]*\$?[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][A-Z0-9]|\x1b[=>]"
)
_SYNCHRONIZED = b"\x1b[?2026$p"
_RESIZE_IN_BAND = b"\x1b[?2048$p"


class Terminal:
    """Runs a command as a terminal of the xterm kind does that draws a frame at a time."""

    def __init__(
        self, command: Sequence[str], variables: Mapping[str, str], size: tuple[int, int]
    ) -> None:
        self.seen = bytearray()
        """All that was written since `forget`."""
        columns, lines = size
        place = {**os.environ, **variables, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        place |= {"COLUMNS": str(columns), "LINES": str(lines)}
        self.started = time.perf_counter()
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], list(command), place)
        ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def write(self, keys: str) -> float:
        """Send keys and return the time when that was done."""
        os.write(self._master, keys.encode())
        return time.perf_counter()

    def read(self, seconds: float) -> float | None:
        """Wait so long for output; return the time when it came, None where there was none."""
        ready, _writable, _failed = select.select([self._master], [], [], max(0.0, seconds))
        if not ready:
            return None
        came = time.perf_counter()
        try:
            new = os.read(self._master, 1 << 18)
        except OSError:
            raise ChildProcessError(f"the program has ended: {self.text[-800:]}") from None
        if _SYNCHRONIZED in new:
            self.write("\x1b[?2026;2$y")
        if _RESIZE_IN_BAND in new:
            self.write("\x1b[?2048;0$y")
        self.seen += new
        return came

    @property
    def text(self) -> str:
        """Return what was written since `forget`, without control sequences."""
        return _CONTROL.sub(b"", bytes(self.seen)).decode("utf-8", "replace")

    def forget(self) -> None:
        """Look only at what is written from now on."""
        self.seen.clear()

    def wait_for(self, *words: str, seconds: float = 60) -> float:
        """Read until all these words were written; return the time when the last came."""
        deadline = time.perf_counter() + seconds
        came = time.perf_counter()
        while not all(word in self.text for word in words):
            now = self.read(deadline - time.perf_counter())
            if now is None:
                raise TimeoutError(f"{words} were not written, but: {self.text[-800:]}")
            came = now
        return came

    def settle(self, quiet: float, seconds: float = 30) -> None:
        """Read until nothing is written for so long, at most for so many seconds."""
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline and self.read(quiet) is not None:
            pass

    def end(self, keys: str, patience: float = 20) -> None:
        """Ask the program to end, and end it where it does not."""
        deadline = time.perf_counter() + patience
        try:
            self.write(keys)
            while time.perf_counter() < deadline:
                self.read(0.2)
                done, _status = os.waitpid(self.pid, os.WNOHANG)
                if done:
                    break
            else:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        except ChildProcessError:  # the terminal is closed: what is left is to wait
            os.waitpid(self.pid, 0)
        os.close(self._master)
