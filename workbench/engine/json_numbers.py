"""GBNF alternatives for the JSON numbers between two bounds."""

import math

_DIGITS = 16
"""How long a number gets where nothing bounds it."""

_LARGEST_BOUND = 10**9
_FRACTION = '("." [0-9]{1,6})?'


def integers(
    minimum: float | None = None,
    maximum: float | None = None,
    above: float | None = None,
    below: float | None = None,
) -> list[str]:
    """Return alternatives for the integers within all bounds that are given; none where none is.

    ``above`` and ``below`` are exclusive. Where there is no bound, a number has at most 16 digits.
    """
    low, high = -math.inf, math.inf
    if minimum is not None:
        low = math.ceil(minimum)
    if above is not None:
        low = max(low, math.floor(above) + 1)
    if maximum is not None:
        high = math.floor(maximum)
    if below is not None:
        high = min(high, math.ceil(below) - 1)
    bounds = [abs(int(bound)) for bound in (low, high) if math.isfinite(bound)]
    widest = 10 ** max(_DIGITS, *(len(str(bound)) for bound in bounds), 0) - 1
    least = int(low) if math.isfinite(low) else -widest
    most = int(high) if math.isfinite(high) else widest
    alternatives = []
    if least < 0 and least <= most:
        alternatives += [f'"-" {part}' for part in _natural(max(1, -most), -least)]
    if most >= 0:
        alternatives += _natural(max(0, least), most)
    return alternatives


def numbers(
    minimum: float | None = None,
    maximum: float | None = None,
    above: float | None = None,
    below: float | None = None,
) -> list[str]:
    """Return alternatives for the numbers within bounds that are integers, six decimals at most.

    ValueError where a bound is no integer, or a thousand million and more.
    """
    for bound in (minimum, maximum, above, below):
        if bound is not None and (bound != int(bound) or abs(bound) >= _LARGEST_BOUND):
            raise ValueError(bound)
    lows = [
        (int(value), exclusive)
        for value, exclusive in ((minimum, False), (above, True))
        if value is not None
    ]
    highs = [
        (int(value), exclusive)
        for value, exclusive in ((maximum, False), (below, True))
        if value is not None
    ]
    low, over = max(lows, default=(-_LARGEST_BOUND, False))
    high, under = min(
        highs, key=lambda bound: (bound[0], not bound[1]), default=(_LARGEST_BOUND, False)
    )
    alternatives = []
    if low < 0:
        # Zero is written without a sign.
        negative = _decimals(max(0, -high), under or high >= 0, -low, over)
        alternatives += [f'"-" {part}' for part in negative]
    if high >= 0:
        start = (low, over) if low >= 0 else (0, False)
        alternatives += _decimals(*start, high, under)
    return alternatives


def _decimals(low: int, over: bool, high: int, under: bool) -> list[str]:
    """Return alternatives for what lies between two natural numbers, either left out if asked."""
    if low > high:
        return []
    if low == high:
        return [] if over or under else [f'"{low}"']
    first = f'"{low}" "." [0-9]{{0,5}} [1-9]' if over else f'"{low}" {_FRACTION}'
    alternatives = [first]
    alternatives += [f"{part} {_FRACTION}" for part in _natural(low + 1, high - 1)]
    if not under:
        alternatives.append(f'"{high}" ".0"?')
    return alternatives


def _natural(low: int, high: int) -> list[str]:
    """Return alternatives for the natural numbers from low to high."""
    alternatives = []
    while low <= high:
        # Numbers of one length at a time.
        end = min(high, 10 ** len(str(low)) - 1)
        alternatives += _same_length(str(low), str(end))
        low = end + 1
    return alternatives


def _same_length(low: str, high: str) -> list[str]:
    if low == high:
        return [f'"{low}"']
    common = next(
        index for index, (one, other) in enumerate(zip(low, high, strict=True)) if one != other
    )
    prefix, low, high = low[:common], low[common:], high[common:]
    rest = len(low) - 1
    first, last = int(low[0]), int(high[0])
    alternatives = []
    if rest and low[1:].strip("0"):
        inner = _same_length(low[1:], "9" * rest)
        alternatives += [f'"{first}" {part}' for part in inner]
        first += 1
    after = []
    if rest and high[1:].strip("9"):
        after = [f'"{last}" {part}' for part in _same_length("0" * rest, high[1:])]
        last -= 1
    if first <= last:
        digits = f" [0-9]{{{rest}}}" if rest else ""
        alternatives.append(f"[{first}-{last}]{digits}")
    alternatives += after
    return [f'"{prefix}" {part}' for part in alternatives] if prefix else alternatives
