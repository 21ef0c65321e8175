"""Texts divided at what is marked in them."""

from collections.abc import Iterable
from typing import Any


def pieces(text: str, spans: Iterable[tuple[int, int]]) -> list[dict[str, Any]]:
    """Divide a text at the spans that are marked in it; those that overlap become one."""
    found: list[dict[str, Any]] = []
    at = 0
    for first, end in sorted(spans):
        if end <= max(at, first):
            continue
        start = max(at, first)
        if start > at:
            found.append({"text": text[at:start], "found": False})
        found.append({"text": text[start:end], "found": True})
        at = end
    if at < len(text):
        found.append({"text": text[at:], "found": False})
    return found
