"""Plots as SVG, made by pure functions; colours and type come from the page's style sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from workbench.pages.scales import Scale, scale_of, tick_text, ticks
from workbench.pages.svg import label, line, opened

_WIDTH, _HEIGHT = 1000, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 24, 18, 48
_ROW, _ROWS_WIDTH, _ROWS_LEFT, _ROWS_RIGHT = 24, 360, 34, 62


@dataclass(frozen=True, slots=True)
class Dot:
    """A configuration on a plot: its rank, the number of its colour, and what to say of it."""

    number: int
    colour: int
    x: float
    y: float
    low: float
    high: float
    title: str
    text: str = ""
    """What is written behind it, in rows."""


def scatter(dots: Sequence[Dot], x_title: str, y_title: str, *, percent: bool) -> str:
    """Draw dots by two values, the interval of the upright one as a line, their ranks inside."""
    if not dots:
        return ""
    factor = 100.0 if percent else 1.0
    ys = [value * factor for dot in dots for value in (dot.low, dot.high, dot.y)]
    x_marks = ticks(0.0, max(dot.x for dot in dots) * 1.04)
    y_marks = ticks(min(ys), max(ys))
    across = scale_of([0.0], _LEFT, _WIDTH - _RIGHT, x_marks)
    up = scale_of(ys, _HEIGHT - _BOTTOM, _TOP, y_marks)
    lines = [opened(_WIDTH, _HEIGHT, f"{y_title} / {x_title}")]
    for mark in y_marks:
        lines.append(line("rule", _LEFT, up(mark), _WIDTH - _RIGHT, up(mark)))
        lines.append(label("tick", _LEFT - 8, up(mark) + 4, tick_text(mark), "end"))
    for mark in x_marks:
        lines.append(line("rule", across(mark), _TOP, across(mark), _HEIGHT - _BOTTOM))
        lines.append(label("tick", across(mark), _HEIGHT - _BOTTOM + 18, tick_text(mark), "middle"))
    lines.append(label("axis", (_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 8, x_title, "middle"))
    lines.append(label("axis", _LEFT, _TOP - 6, y_title, "start"))
    # The best come last, so that they lie on top.
    for dot in sorted(dots, key=lambda one: -one.number):
        x = across(dot.x)
        lines.append(f'<g class="c{dot.colour}"><title>{escape(dot.title)}</title>')
        lines.append(line("whisker", x, up(dot.low * factor), x, up(dot.high * factor)))
        lines.append(f'<circle class="dot" cx="{x}" cy="{up(dot.y * factor)}" r="10"/>')
        lines.append(label("inside", x, up(dot.y * factor) + 4, str(dot.number), "middle"))
        lines.append("</g>")
    return "\n".join([*lines, "</svg>"])


def bars(dots: Sequence[Dot], title: str, *, percent: bool) -> str:
    """Draw a bar a row from 0 to ``x``, with the interval as a line."""
    factor = 100.0 if percent else 1.0
    highest = max((value * factor for dot in dots for value in (dot.high, dot.x)), default=1.0)
    marks = ticks(0.0, highest or 1.0, 4)
    across = scale_of([0.0], _ROWS_LEFT, _ROWS_WIDTH - _ROWS_RIGHT, marks)
    return _rows(dots, title, across, marks, factor, bar=True)


def forest(dots: Sequence[Dot], title: str, *, percent: bool) -> str:
    """Draw a dot a row at ``x`` with its interval, about a line at 0."""
    factor = 100.0 if percent else 1.0
    values = [0.0, *(value * factor for dot in dots for value in (dot.low, dot.high))]
    marks = ticks(min(values), max(values), 4)
    across = scale_of(values, _ROWS_LEFT, _ROWS_WIDTH - _ROWS_RIGHT, marks)
    return _rows(dots, title, across, marks, factor, bar=False)


def _rows(
    dots: Sequence[Dot],
    title: str,
    across: Scale,
    marks: Sequence[float],
    factor: float,
    *,
    bar: bool,
) -> str:
    bottom = 6 + _ROW * len(dots)
    lines = [opened(_ROWS_WIDTH, bottom + 22, title)]
    for mark in marks:
        kind = "zero" if not mark else "rule"
        lines.append(line(kind, across(mark), 2, across(mark), bottom))
        lines.append(label("tick", across(mark), bottom + 15, tick_text(mark), "middle"))
    for row, dot in enumerate(dots):
        middle = 6 + _ROW * row + _ROW / 2
        x, low, high = (across(value * factor) for value in (dot.x, dot.low, dot.high))
        lines.append(f'<g class="c{dot.colour}"><title>{escape(dot.title)}</title>')
        lines.append(label("rank", _ROWS_LEFT - 8, middle + 4, str(dot.number), "end"))
        if bar:
            start = across(0.0)
            lines.append(
                f'<rect class="bar" x="{start}" y="{middle - 7}" rx="2"'
                f' width="{max(0.0, round(x - start, 2))}" height="14"/>'
            )
        lines.append(line("whisker", low, middle, high, middle))
        if not bar:
            lines.append(f'<circle class="dot" cx="{x}" cy="{middle}" r="5"/>')
        lines.append(label("value", _ROWS_WIDTH - 4, middle + 4, dot.text, "end") + "</g>")
    return "\n".join([*lines, "</svg>"])
