"""Axes of plots: round numbers to mark, and how they are written."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """A stretch of numbers laid on a stretch of the drawing, in its units."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return where a number lies."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 2)


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Return about ``count`` round numbers from at or below ``low`` to at or above ``high``."""
    if high - low < 1e-9 * max(1.0, abs(low)):
        high = low + max(1.0, abs(low))
    rough = (high - low) / max(1, count)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * one for one in _STEPS if power * one >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def scale_of(values: Sequence[float], start: float, end: float, marks: Sequence[float]) -> Scale:
    """Return the scale that holds the values and the marks."""
    return Scale(min(*values, *marks), max(*values, *marks), start, end)


def tick_text(value: float) -> str:
    """Write the number of a tick as short as it can be told."""
    return f"{value:g}"
