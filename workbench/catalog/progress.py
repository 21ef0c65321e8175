"""How far a download or a check has come."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Phase = Literal["waiting", "downloading", "verifying"]


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` bytes; speed and time left are the caller's to work out.

    ``source`` is ``hub``, ``mirror``, ``index``, or empty when no source is involved. ``waiting``
    means that another process is pulling the same file.
    """

    done: int
    total: int
    source: str
    phase: Phase


ProgressCallback = Callable[[Progress], None]


def ignore_progress(progress: Progress) -> None:
    """Take a report and show it to nobody."""
