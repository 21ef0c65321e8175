"""What of the KV cache outlives the process: read back before work, written beside it.

Runs in the child only.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from workbench.engine.layout import SHORTEST_STATE
from workbench.engine.states import StateStore, Stored

if TYPE_CHECKING:
    from workbench.engine.adapters import AdapterSet

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
        self._thread = threading.Thread(target=self._write, name="state writer", daemon=True)
        self._thread.start()

    def find(
        self, tokens: Sequence[int], ends: Sequence[int], saved: int, adapters: "AdapterSet"
    ) -> tuple[Stored, memoryview] | None:
        """Return the longest whole beginning that saves clearly more than ``saved`` tokens.

        Damaged ones on the way to it are removed.
        """
        wanted = {end for end in ends[:-1] if end >= saved + SHORTEST_STATE}
        fingerprint = self._fingerprint(adapters) if wanted else ""
        while wanted:
            stored = self._store.longest(fingerprint, tokens, accept=wanted.__contains__)
            if stored is None:
                return None
            if (state := self._store.load(stored)) is not None:
                return stored, state
        return None

    def longest(
        self, tokens: Sequence[int], ends: Sequence[int], saved: int, adapters: "AdapterSet"
    ) -> int:
        """Return how many tokens ``find`` would save, no file read; ``saved`` at least."""
        wanted = {end for end in ends[:-1] if end >= saved + SHORTEST_STATE}
        if not wanted:
            return saved
        stored = self._store.longest(
            self._fingerprint(adapters), tokens, accept=wanted.__contains__
        )
        return stored.length if stored else saved

    def refuse(self, stored: Stored) -> None:
        """Remove a state that llama.cpp does not take, so that it is not read in vain again."""
        self._store.remove(stored)

    def keep(
        self, tokens: tuple[int, ...], adapters: "AdapterSet", state: Callable[[], bytearray]
    ) -> bool:
        """Store a beginning unless it is there; ``state`` is asked for only where it is needed.

        False where it is not kept: it is short, or there is no memory for it.
        """
        if len(tokens) < SHORTEST_STATE or self._queue.full():
            return False
        fingerprint = self._fingerprint(adapters)
        # The store looks for what is shorter than the tokens it is given.
        there = self._store.longest(
            fingerprint, (*tokens, 0), accept=lambda length: length == len(tokens)
        )
        if there is not None:
            return True
        with suppress(MemoryError):
            if data := state():
                self._queue.put((fingerprint, tokens, data))
                return True
        return False

    def wait(self, seconds: float) -> None:
        """Wait at most so long until what is to be kept is written."""
        pending = self._queue.all_tasks_done
        with pending:
            pending.wait_for(lambda: not self._queue.unfinished_tasks, seconds)

    def close(self) -> None:
        """Wait until what is to be kept is written."""
        self._queue.put(None)
        self._thread.join()

    def _write(self) -> None:
        while (item := self._queue.get()) is not None:
            self._store.save(*item)
            self._queue.task_done()
        self._queue.task_done()
