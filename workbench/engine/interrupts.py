"""What may stop native code: a flag that one thread raises while another computes."""

import ctypes
import threading
from collections.abc import Iterable


class Interrupts:
    """Which commands are to stop; the flag is read by llama.cpp between the nodes of its graph.

    A Python callback at each node would cost more than many a node, so the callback is the C
    library's ``strlen`` and the flag a string of two bytes: length 0 is go on, 1 is stop.
    """

    def __init__(self) -> None:
        self.flag = ctypes.create_string_buffer(2)
        self._lock = threading.Lock()
        self._known: set[int] = set()
        self._cancelled: set[int] = set()
        self._computing: frozenset[int] = frozenset()
        self._yields = False
        self._repeats = False

    def expect(self, number: int) -> None:
        """Say that a command has come; what is computed only to use the time stops for it."""
        with self._lock:
            self._known.add(number)
            if self._yields:
                self.flag[0] = b"\x01"

    def forget(self, number: int) -> None:
        """Say that a command is over, so that a late cancel hits nothing."""
        with self._lock:
            self._known.discard(number)
            self._cancelled.discard(number)

    def cancel(self, number: int) -> None:
        """Stop a command that runs or waits; one that is over is left alone.

        What is computed for others goes on, for it would be computed again; where one step of it
        takes so long that a second cancel of the same command comes, it stops all the same.
        """
        with self._lock:
            if number not in self._known:
                return
            again = number in self._cancelled
            self._cancelled.add(number)
            if number in self._computing or (again and self._repeats):
                self.flag[0] = b"\x01"

    def cancelled(self, number: int) -> bool:
        """Tell whether a command is to stop."""
        with self._lock:
            return number in self._cancelled

    def begin(self, numbers: Iterable[int], *, yields: bool = False, repeats: bool = False) -> None:
        """Compute for these commands; the flag is up at once where one is to stop already.

        ``yields``: stop for any command that comes. ``repeats``: what is stopped for the sake of
        another is computed again.
        """
        with self._lock:
            self._computing = frozenset(numbers)
            self._yields = yields
            self._repeats = repeats
            stop = not self._computing.isdisjoint(self._cancelled)
            stop = stop or (yields and not self._known <= self._computing)
            self.flag[0] = b"\x01" if stop else b"\x00"

    def end(self) -> None:
        """Say that nothing is computed any more."""
        with self._lock:
            self._computing = frozenset()
            self._yields = self._repeats = False
            self.flag[0] = b"\x00"

    @property
    def raised(self) -> bool:
        """Whether what is computed is to stop."""
        return self.flag[0] != b"\x00"


def flag_reader() -> int | None:
    """Return the address of ``strlen``, or None where the C library cannot be asked for it."""
    try:
        library = ctypes.CDLL(None)
        return ctypes.cast(library.strlen, ctypes.c_void_p).value
    except (AttributeError, OSError, TypeError):
        return None
