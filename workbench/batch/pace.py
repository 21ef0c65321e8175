"""How fast a batch goes and how long it will take, without promising more than is known."""

import time
from collections import deque
from collections.abc import Callable

WINDOW = 900.0
"""Seconds of the past that the pace is taken from."""
_ENOUGH_SECONDS = 60.0
_ENOUGH_PIECES = 4


class Pace:
    """Counts what was done of ``total``, in units of weight; not thread-safe.

    What was done in earlier runs counts as done, but not towards the pace. The time left is told
    only once a minute was measured: before that, the first articles say nothing of the rest.
    """

    def __init__(self, total: float, clock: Callable[[], float] = time.monotonic):
        self.total = total
        self.done = 0.0
        self.tokens = 0
        self._clock = clock
        self._began: float | None = None
        self._past: deque[tuple[float, float, int]] = deque()
        self._pieces = 0

    def begin(self) -> None:
        """Start the clock: a model is loaded and work begins."""
        self._began = self._began if self._began is not None else self._clock()

    def pause(self) -> None:
        """Stop the clock, as while the next model is loaded; the pace is taken anew after it."""
        self._began = None
        self._past.clear()
        self._pieces = 0

    def skip(self, weight: float) -> None:
        """Count what had been done before, or what turns out to be no work."""
        self.done += weight

    def add(self, weight: float, tokens: int) -> None:
        """Count a piece that was done now; ``tokens`` were read and written for it."""
        now = self._clock()
        self.done += weight
        self.tokens += tokens
        self._pieces += 1
        self._past.append((now, weight, tokens))
        while self._past and self._past[0][0] < now - WINDOW:
            self._past.popleft()

    @property
    def share(self) -> float:
        """How much of everything is done, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 1.0

    @property
    def tokens_a_second(self) -> float:
        """Tokens read and written a second of late; 0 where nothing is known."""
        return sum(tokens for _when, _weight, tokens in self._past) / self._seconds()

    @property
    def seconds_left(self) -> float | None:
        """How long the rest will take, None while that is not known."""
        if self._began is None or self._pieces < _ENOUGH_PIECES:
            return None
        if self._clock() - self._began < _ENOUGH_SECONDS:
            return None
        done = sum(weight for _when, weight, _tokens in self._past)
        return max(0.0, self.total - self.done) * self._seconds() / done if done else None

    def _seconds(self) -> float:
        if self._began is None:
            return 1.0
        return max(1e-6, min(WINDOW, self._clock() - self._began))
