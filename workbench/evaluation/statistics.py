"""Means with confidence intervals, and the difference of two configurations on the same items.

Intervals are percentile bootstrap intervals (Efron 1979) over items: what another sample of items
would change. With few items they are rough.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from workbench.evaluation.metrics.case import Ratio

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RESAMPLES = 2000
LEVEL = 0.95
_SEED = 20_240_229


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over ``count`` items, and the interval that holds it in 95 of 100 samples."""

    mean: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more one configuration has of something than another, on the same items.

    ``wins`` and ``losses`` count the items where it has more and less.
    """

    mean: float
    low: float
    high: float
    count: int
    wins: int
    losses: int

    @property
    def certain(self) -> bool:
        """Say whether the interval leaves no doubt about the sign."""
        return self.low > 0 or self.high < 0


def estimate(found: Sequence[Ratio]) -> Estimate | None:
    """Return the ratio of the sums and its interval; None where there is nothing to divide by."""
    parts, wholes = _columns(found)
    if not len(found) or wholes.sum() <= 0:
        return None
    mean = float(parts.sum() / wholes.sum())
    low, high = _interval(_resampled(parts, wholes, _drawn(len(found))), mean)
    return Estimate(mean, low, high, len(found))


def difference(ours: Mapping[str, Ratio], theirs: Mapping[str, Ratio]) -> Difference | None:
    """Return what ``ours`` has more than ``theirs`` on the items that both have.

    Items are drawn once for both, so that what makes an item hard for both cancels out.
    """
    common = sorted(ours.keys() & theirs.keys())
    mine, other = [ours[key] for key in common], [theirs[key] for key in common]
    parts, wholes = _columns(mine)
    other_parts, other_wholes = _columns(other)
    if not common or wholes.sum() <= 0 or other_wholes.sum() <= 0:
        return None
    mean = float(parts.sum() / wholes.sum() - other_parts.sum() / other_wholes.sum())
    drawn = _drawn(len(common))
    resampled = _resampled(parts, wholes, drawn) - _resampled(other_parts, other_wholes, drawn)
    low, high = _interval(resampled, mean)
    pairs = [(_value(one), _value(two)) for one, two in zip(mine, other, strict=True)]
    wins = sum(one > two for one, two in pairs)
    losses = sum(one < two for one, two in pairs)
    return Difference(mean, low, high, len(common), wins, losses)


def _value(ratio: Ratio) -> float:
    return ratio.part / ratio.whole if ratio.whole else 0.0


def _columns(found: Sequence[Ratio]) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    import numpy as np

    table = np.array(found, dtype=np.float64).reshape(len(found), 2)
    return table[:, 0], table[:, 1]


@lru_cache(maxsize=2)
def _drawn(count: int) -> "NDArray[np.float64]":
    """Return how often each item is in each resample, a row a resample."""
    import numpy as np

    generator = np.random.default_rng(_SEED)
    shares = np.full(count, 1.0 / count)
    return generator.multinomial(count, shares, size=RESAMPLES).astype(np.float64)


def _resampled(
    parts: "NDArray[np.float64]", wholes: "NDArray[np.float64]", drawn: "NDArray[np.float64]"
) -> "NDArray[np.float64]":
    import numpy as np

    above, below = drawn @ parts, drawn @ wholes
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


def _interval(resampled: "NDArray[np.float64]", mean: float) -> tuple[float, float]:
    import numpy as np

    tail = 100 * (1 - LEVEL) / 2
    low, high = np.nanpercentile(resampled, [tail, 100 - tail])
    # What was found lies in its own interval, also where floats say otherwise by a hair.
    return min(float(low), mean), max(float(high), mean)
