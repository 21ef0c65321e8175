"""The pieces plots are made of; colours and type come from the style sheet of the page."""

from html import escape


def opened(width: float, height: float, title: str) -> str:
    """Begin a drawing of this size, in its own units, that says what it shows."""
    return f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title)}">'


def line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    """Draw a line; ``kind`` is its class in the style sheet."""
    return f'<line class="{kind}" x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"/>'


def label(kind: str, x: float, y: float, text: str, anchor: str) -> str:
    """Write a text; ``anchor`` is ``start``, ``middle`` or ``end``."""
    return f'<text class="{kind}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(text)}</text>'
