"""The part of a file's bytes that its encoding is judged by: little, and all of it telling."""

import re

_ENOUGH = 1800
"""Bytes from the beginning, some 900 characters, and half of that from the middle and the end."""
BRIEF = 512
"""Bytes for a first look."""
_WINDOW = 1 << 20
_SHORT_WINDOW = 1 << 16
_RUNS = re.compile(rb"[\x80-\xff]+")
# A pair may end in an ASCII byte, and a character of GB 18030 holds two of them.
_TELLING = re.compile(
    rb"[\x00-\x08\x80-\xff](?:[\x09-\x7f]{0,3}[\x00-\x08\x80-\xff])*[\x09-\x7f]{0,2}"
)
# No multi-byte encoding uses these bytes inside a character, besides UTF-16 and UTF-32.
_BOUNDARY = re.compile(rb"[\x00-\x2f\x3a-\x3f]")
_ASCII_TEXT = bytes(range(0x09, 0x0E)) + b"\x1b" + bytes(range(0x20, 0x7F))


def telling(data: bytes) -> list[bytes]:
    """Return the stretches beyond ASCII, from the beginning, the middle and the end of the data.

    Markup and English between them say nothing. Each window begins where a character does.
    """
    size = len(data)
    if size <= _ENOUGH:
        return [_stretches(data, 0, size, _ENOUGH)]
    windows = [_stretches(data, 0, _WINDOW, _ENOUGH)]
    for start in (size // 2, size - _SHORT_WINDOW // 16):
        start = max(start, min(size, 2 * _ENOUGH))
        boundary = _BOUNDARY.search(data, start, start + _SHORT_WINDOW)
        if boundary:
            end = boundary.end() + _SHORT_WINDOW
            windows.append(_stretches(data, boundary.end(), end, _ENOUGH // 2))
    return windows


def beginnings(windows: list[bytes]) -> bytes:
    """Return a little of each window: enough to see which encodings have no hope."""
    return b"\n".join(window[: BRIEF // len(windows)] for window in windows)


def _stretches(data: bytes, start: int, end: int, enough: int) -> bytes:
    parts: list[bytes] = []
    length = 0
    for match in _TELLING.finditer(data, start, end):
        part = match.group()
        if length + len(part) > enough:
            cut = _last_boundary(part, enough - length)
            parts.append(part[:cut])
            break
        parts.append(part)
        length += len(part)
    return b"\n".join(parts)


def _last_boundary(part: bytes, most: int) -> int:
    """Return where to cut a stretch: behind a byte that ends a character in any encoding."""
    cut = max((match.end() for match in _BOUNDARY.finditer(part, 0, most)), default=0)
    return cut if cut > most // 2 else most


def paired(data: bytes) -> bytes:
    """Return the beginning and the middle of the data, cut between pairs of bytes."""
    if len(data) <= 2 * _ENOUGH:
        return data
    middle = len(data) // 8 * 4
    return data[:_ENOUGH] + data[middle : middle + _ENOUGH]


def beyond_ascii(data: bytes) -> int:
    """Count the bytes that are no ASCII text: those from 0x80 up, and controls."""
    return len(data.translate(None, _ASCII_TEXT))


def cut_character(data: bytes) -> int:
    """Return how many bytes at the end begin a character of UTF-8 that is cut off."""
    for length in range(1, min(3, len(data)) + 1):
        byte = data[-length]
        if byte >= 0xC2:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return length if needed > length else 0
        if byte < 0x80:
            break
    return 0


def stands_alone(data: bytes) -> bool:
    """Tell whether bytes beyond ASCII hardly ever follow one another, as Hanzi in bytes do."""
    runs = _RUNS.findall(data)
    return sum(len(run) == 1 for run in runs) * 10 >= 9 * len(runs)
