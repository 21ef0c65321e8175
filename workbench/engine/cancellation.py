"""A flag that stops native code, raised by one thread while another computes."""

import ctypes
import threading


class Cancellation:
    """Which command is to stop; the flag is read by llama.cpp between the nodes of its graph.

    A Python callback at each node would cost more than many a node, so the callback is the C
    library's ``strlen`` and the flag a string of two bytes: length 0 is go on, 1 is stop.
    """

    def __init__(self) -> None:
        self.flag = ctypes.create_string_buffer(2)
        self._lock = threading.Lock()
        self._running: int | None = None
        self._early: set[int] = set()

    def begin(self, number: int) -> None:
        """Let a command run; the flag rises at once if it was cancelled while it waited."""
        with self._lock:
            self._running = number
            self.flag[0] = b"\x01" if number in self._early else b"\x00"
            # Commands run in the order of their numbers.
            self._early = {early for early in self._early if early > number}

    def end(self) -> None:
        """Say that the command is over, so that a late cancel hits nothing."""
        with self._lock:
            self._running = None
            self.flag[0] = b"\x00"

    def cancel(self, number: int) -> None:
        """Stop a command that runs or waits; one that is over is left alone."""
        with self._lock:
            if number == self._running:
                self.flag[0] = b"\x01"
            else:
                self._early.add(number)

    @property
    def raised(self) -> bool:
        """Whether the running command is to stop."""
        return self.flag[0] != b"\x00"


def flag_reader() -> int | None:
    """Return the address of ``strlen``, or None where the C library cannot be asked for it."""
    try:
        library = ctypes.CDLL(None)
        return ctypes.cast(library.strlen, ctypes.c_void_p).value
    except (AttributeError, OSError, TypeError):
        return None
