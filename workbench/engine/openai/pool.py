"""A few threads that carry out many requests, the most urgent first."""

import heapq
import itertools
import threading
from collections.abc import Callable


class Pool:
    """Runs what is handed in, ``size`` at a time; threads exist only while there is work.

    Of what waits, the highest priority goes first, and of equals what came first. What is handed
    in must not raise.
    """

    def __init__(self, size: int):
        self._size = max(1, size)
        self._lock = threading.Lock()
        self._waiting: list[tuple[int, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._threads = 0

    def hand_in(self, run: Callable[[], None], priority: int = 0) -> None:
        """Have something run as soon as its turn comes; returns at once."""
        with self._lock:
            heapq.heappush(self._waiting, (-priority, next(self._numbers), run))
            if self._threads < self._size:
                self._threads += 1
                threading.Thread(target=self._work, name="openai", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._threads -= 1
                    return
                _priority, _number, run = heapq.heappop(self._waiting)
            run()
