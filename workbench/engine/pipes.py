"""What every child process of the engine does with its pipes. Runs in the child only."""

import contextlib
import os
import threading
from collections.abc import Callable

from workbench.engine import wire
from workbench.errors import Cancelled, EngineError, WorkbenchError
from workbench.i18n import _


class Outbox:
    """Where replies go; whole lines, from whichever thread."""

    def __init__(self, descriptor: int):
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, number: int, message: wire.Reply) -> None:
        """Send a reply; without a reader the process has no purpose and ends."""
        line = memoryview(wire.encode(number, message))
        with self._lock:
            while line:
                try:
                    line = line[os.write(self._descriptor, line) :]
                except OSError:
                    os._exit(0)


def own_descriptors() -> tuple[int, int]:
    """Take the pipes for messages alone; return where commands come from and replies go to.

    What native code prints goes where the errors go: into the file the parent gave.
    """
    commands, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return commands, replies


def listen(
    descriptor: int,
    outbox: Outbox,
    take: Callable[[int, wire.Command], None],
    cancel: Callable[[int], None],
    before_end: Callable[[], None] = lambda: None,
) -> None:
    """Read commands; the end of them ends the process at once, whatever it is doing.

    A ping is answered here and a cancel passed on; every other command goes to ``take``.
    """
    with contextlib.suppress(OSError, wire.WireError), os.fdopen(descriptor, "rb") as lines:
        for line in lines:
            number, command = wire.decode(line)
            match command:
                case wire.Ping():
                    outbox.send(number, wire.Pong())
                case wire.Cancel():
                    cancel(number)
                case wire.Quit():
                    break
                case _:
                    take(number, command)
    with contextlib.suppress(Exception):
        before_end()
    os._exit(0)


def failure(error: Exception) -> wire.Failed:
    """Return the reply that says why a command could not be carried out."""
    if isinstance(error, MemoryError):
        error = EngineError(_("the engine process ran out of memory"))
    elif not isinstance(error, WorkbenchError):
        said = f"{type(error).__name__}: {error}"
        error = EngineError(_("the engine failed: {error}").format(error=said))
    path = None if error.path is None else str(error.path)
    return wire.Failed(error.what, path, error.fix, isinstance(error, Cancelled))
