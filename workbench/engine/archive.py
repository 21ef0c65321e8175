"""What of the KV cache outlives the process: read back before work, written beside it.

Runs in the child only.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from workbench.engine.states import StateStore

if TYPE_CHECKING:
    from workbench.engine.adapters import AdapterSet

SHORTEST = 256
"""Tokens below which a state is not worth its file."""
_WAITING = 2
"""States that may wait to be written; each can be hundreds of megabytes."""


class Archive:
    """The states of one loaded model, each under the fingerprint of all that its bytes depend on.

    Saving happens in a thread of its own; where the disk is slower than the model, states are not
    kept.
    """

    def __init__(self, store: StateStore, fingerprint: Callable[["AdapterSet"], str]):
        self._store = store
        self._fingerprint = fingerprint
        self._queue: queue.Queue[tuple[str, tuple[int, ...], bytearray] | None] = queue.Queue(
            _WAITING
        )
        self._written = threading.Event()
        self._written.set()
        self._thread = threading.Thread(target=self._write, name="state writer", daemon=True)
        self._thread.start()

    def find(
        self, tokens: Sequence[int], ends: Sequence[int], saved: int, adapters: "AdapterSet"
    ) -> tuple[int, memoryview] | None:
        """Return the longest stored beginning that saves clearly more than ``saved`` tokens."""
        wanted = {end for end in ends[:-1] if end >= saved + SHORTEST}
        if not wanted:
            return None
        stored = self._store.longest(
            self._fingerprint(adapters), tokens, accept=lambda length: length in wanted
        )
        state = None if stored is None else self._store.load(stored)
        return None if stored is None or state is None else (stored.length, state)

    def keep(
        self, tokens: tuple[int, ...], adapters: "AdapterSet", state: Callable[[], bytearray]
    ) -> None:
        """Store a beginning unless it is there; ``state`` is asked for only where it is needed."""
        if len(tokens) < SHORTEST or self._queue.full():
            return
        fingerprint = self._fingerprint(adapters)
        # The store looks for what is shorter than the tokens it is given.
        there = self._store.longest(
            fingerprint, (*tokens, 0), accept=lambda length: length == len(tokens)
        )
        if there is None and (data := state()):
            self._written.clear()
            self._queue.put((fingerprint, tokens, data))

    def wait(self, seconds: float) -> None:
        """Wait at most so long until what is to be kept is written."""
        self._written.wait(seconds)

    def close(self) -> None:
        """Wait until what is to be kept is written."""
        self._queue.put(None)
        self._thread.join()

    def _write(self) -> None:
        while (item := self._queue.get()) is not None:
            self._store.save(*item)
            if self._queue.empty():
                self._written.set()
