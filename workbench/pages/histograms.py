"""How many there are of each size, as SVG: where most lie, and how far the rest are spread."""

from collections.abc import Sequence
from html import escape

from workbench.pages.scales import scale_of, tick_text, ticks
from workbench.pages.svg import label, line, opened

_WIDTH, _HEIGHT = 360, 170
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 10, 14, 34
_BINS = 16


def histogram(
    values: Sequence[float], title: str, *, colour: int = 0, low: float | None = None
) -> str:
    """Draw how many values lie in each of about sixteen stretches of one size.

    ``low`` is where the first begins, at most the least value; else that is a round number. Values
    that are no numbers are left out.
    """
    values = [value for value in values if abs(value) < float("inf")]
    if not values:
        return ""
    marks = ticks(min(values) if low is None else low, max(values))
    counts = _counts(values, marks[0], marks[-1])
    heights = ticks(0.0, max(counts), 3)
    heights = [mark for mark in heights if mark == int(mark)]
    across = scale_of([], _LEFT, _WIDTH - _RIGHT, marks)
    up = scale_of([float(max(counts))], _HEIGHT - _BOTTOM, _TOP, heights)
    lines = [opened(_WIDTH, _HEIGHT, title)]
    for mark in heights:
        kind = "rule" if mark else "zero"
        lines.append(line(kind, _LEFT, up(mark), _WIDTH - _RIGHT, up(mark)))
        lines.append(label("tick", _LEFT - 6, up(mark) + 4, tick_text(mark), "end"))
    for mark in marks:
        lines.append(label("tick", across(mark), _HEIGHT - _BOTTOM + 16, tick_text(mark), "middle"))
    lines.append(label("axis", (_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 3, title, "middle"))
    size = (marks[-1] - marks[0]) / _BINS
    lines.append(f'<g class="c{colour}">')
    for number, count in enumerate(counts):
        if not count:
            continue
        start, end = marks[0] + number * size, marks[0] + (number + 1) * size
        left, right = across(start), across(end)
        about = escape(f"{tick_text(round(start, 3))} – {tick_text(round(end, 3))}: {count}")
        lines.append(
            f'<rect class="bar" x="{left + 0.5:g}" y="{up(count):g}" width="{right - left - 1:g}"'
            f' height="{up(0) - up(count):g}"><title>{about}</title></rect>'
        )
    return "\n".join([*lines, "</g>", "</svg>"])


def _counts(values: Sequence[float], low: float, high: float) -> list[int]:
    counts = [0] * _BINS
    for value in values:
        place = int((value - low) / (high - low) * _BINS)
        counts[min(max(place, 0), _BINS - 1)] += 1
    return counts
