"""When to try again, and how long to wait before."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TypeVar

from workbench.errors import EngineError

Value = TypeVar("Value")
Pause = Callable[[float, threading.Event], object]
"""Waits so many seconds, or until the event is set."""

BUSY = frozenset({429, 502, 503, 504})
"""The HTTP statuses of a server that may well answer in a moment."""


class Unavailable(Exception):
    """A try failed in a way that may pass; ``asked`` is the seconds the server wants left alone."""

    def __init__(self, error: EngineError, asked: float | None = None):
        super().__init__(error.what)
        self.error = error
        self.asked = asked


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential pauses with jitter: seconds before the second try, the longest, tries in all."""

    attempts: int = 5
    first: float = 0.5
    longest: float = 8.0
    patience: float = 60.0
    """The longest pause a server may ask for."""
    chance: Callable[[], float] = field(default=random.random)

    def seconds(self, failures: int, asked: float | None = None) -> float:
        """Return the pause after so many failures, half of it fixed and half left to chance."""
        full = min(self.longest, self.first * 2.0 ** (failures - 1))
        pause = full * (0.5 + self.chance() / 2)
        return pause if asked is None else min(self.patience, max(pause, asked))


def wait(seconds: float, stopping: threading.Event) -> None:
    """Wait, but no longer than until the request is stopped."""
    stopping.wait(seconds)


def with_retries(
    run: Callable[[], Value], backoff: Backoff, pause: Pause, stopping: threading.Event
) -> Value:
    """Run until it succeeds, raises anything but Unavailable, or the tries are used up.

    Raises the error of the last try.
    """
    failures = 0
    while True:
        try:
            return run()
        except Unavailable as failure:
            failures += 1
            if failures >= backoff.attempts or stopping.is_set():
                raise failure.error from None
            pause(backoff.seconds(failures, failure.asked), stopping)


def retry_after(header: str | None, now: float) -> float | None:
    """Return the seconds a Retry-After header asks for, None where it says nothing sound.

    ``now`` in seconds since the epoch, for the form that gives a date.
    """
    if header is None:
        return None
    header = header.strip()
    if header.isascii() and header.isdecimal() and len(header) < 10:
        return float(header)
    try:
        date = parsedate_to_datetime(header)
    except (ValueError, TypeError, OverflowError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, date.timestamp() - now)
