"""Cutting a line of text where its styles change."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style


class Overlay(NamedTuple):
    """Characters ``start`` to ``end`` of a paragraph, in the style of a component class."""

    start: int
    end: int
    component: str


def cut(
    text: str,
    start: int,
    overlays: Sequence[Overlay],
    plain: Style,
    styles: Mapping[str, Style],
) -> list[Segment]:
    """Return a text that begins at ``start`` of its paragraph, the later overlays above."""
    end = start + len(text)
    inside = [
        Overlay(max(one.start, start), min(one.end, end), one.component)
        for one in overlays
        if one.start < end and one.end > start
    ]
    cuts = sorted({start, end, *(place for one in inside for place in one[:2])})
    found = []
    for low, high in zip(cuts, cuts[1:], strict=False):
        style = plain
        for one in inside:
            if one.start <= low and high <= one.end:
                style += styles[one.component]
        found.append(Segment(text[low - start : high - start], style))
    return found


def selected(segments: Sequence[Segment], span: tuple[int, int], style: Style) -> list[Segment]:
    """Return a line with characters ``span`` of it in another style; an end below 0 is its end."""
    low, high = span
    found = []
    at = 0
    for text, own, _control in segments:
        start = min(len(text), max(0, low - at))
        end = len(text) if high < 0 else min(len(text), max(start, high - at))
        own = own or Style()
        found += [
            Segment(text[:start], own),
            Segment(text[start:end], own + style),
            Segment(text[end:], own),
        ]
        at += len(text)
    return [one for one in found if one.text]
