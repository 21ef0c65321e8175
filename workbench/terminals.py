"""A program run in a terminal of its own, as a person would: opened, looked at, closed."""

import contextlib
import os
import select
import struct
import subprocess
import time
from collections.abc import Mapping, Sequence

from workbench.errors import WorkbenchError
from workbench.i18n import _

SECONDS = 120
"""How long it may take to open and to close."""
_AGAIN = 0.5
_ROWS, _COLUMNS = 40, 120
_ALTERNATE_SCREEN = b"\x1b[?1049h"
"""What an application that takes the whole screen begins with (xterm, DECSET 1049)."""
_QUIT = b"\x11"


def open_and_close(
    command: Sequence[str], environment: Mapping[str, str], quit: bytes = _QUIT
) -> bytes:
    """Run a full-screen program until it has drawn, then press the key that ends it.

    Returns what it drew. Raises WorkbenchError where it does not open, does not end within
    SECONDS, ends with an error, or where the system has no such terminals.
    """
    try:
        import fcntl
        import pty
        import termios
    except ImportError:
        raise WorkbenchError(_("this system has no terminals for programs")) from None
    ours, theirs = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**environment, "TERM": "xterm-256color"},
            start_new_session=True,
        )
        os.close(theirs)
        theirs = -1
        try:
            drawn = _until_closed(process, ours, quit)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
    finally:
        os.close(ours)
        if theirs >= 0:
            os.close(theirs)
    if _ALTERNATE_SCREEN not in drawn:
        raise WorkbenchError(
            _("it did not open: {message}").format(message=_last_line(drawn)),
        )
    if process.returncode:
        raise WorkbenchError(
            _("exit status {status}: {message}").format(
                status=process.returncode, message=_last_line(drawn)
            )
        )
    return drawn


def _until_closed(process: "subprocess.Popen[bytes]", terminal: int, quit: bytes) -> bytes:
    drawn = bytearray()
    deadline = time.monotonic() + SECONDS
    press = float("inf")
    while time.monotonic() < deadline:
        ready, _write, _failed = select.select([terminal], [], [], _AGAIN)
        if ready:
            try:
                more = os.read(terminal, 65_536)
            except OSError:  # Linux says so when nobody holds the other end any more
                more = b""
            if not more:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.0, deadline - time.monotonic()))
                break
            drawn += more
            if press == float("inf") and _ALTERNATE_SCREEN in drawn:
                press = time.monotonic() + _AGAIN
        elif process.poll() is not None:
            break
        if time.monotonic() > press:
            # What is pressed before it listens is lost: so again.
            press = time.monotonic() + _AGAIN
            with contextlib.suppress(OSError):
                os.write(terminal, quit)
    else:
        raise WorkbenchError(_("it did not end within {seconds} seconds").format(seconds=SECONDS))
    return bytes(drawn)


def _last_line(drawn: bytes) -> str:
    lines = drawn.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines else ""
