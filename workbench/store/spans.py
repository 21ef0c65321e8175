"""The sentences of a passage in a few bytes: there are dozens of them in every article."""

import struct
from collections.abc import Sequence

from workbench.articles.model import Span

_SMALL, _LARGE = b"1", b"4"


def packed(sentences: Sequence[Span], start: int) -> bytes:
    """Pack spans, ascending from ``start``: for each the gap before it and its length.

    One byte a number where all are below 256, else four (little-endian), told by the first byte.
    """
    numbers = []
    for sentence in sentences:
        numbers += [sentence.start - start, sentence.end - sentence.start]
        start = sentence.end
    try:
        return _SMALL + bytes(numbers)
    except ValueError:
        return _LARGE + struct.pack(f"<{len(numbers)}I", *numbers)


def unpacked(data: bytes, start: int) -> tuple[Span, ...]:
    """Return the spans that ``packed`` was given; ValueError where the bytes are not its own."""
    kind, body = data[:1], data[1:]
    if kind == _LARGE and len(body) % 8 == 0:
        numbers: Sequence[int] = struct.unpack(f"<{len(body) // 4}I", body)
    elif kind == _SMALL and len(body) % 2 == 0:
        numbers = body
    else:
        raise ValueError("not packed spans")
    spans = []
    for gap, length in zip(numbers[::2], numbers[1::2], strict=True):
        spans.append(Span(start + gap, start + gap + length))
        start += gap + length
    return tuple(spans)
