"""File names as a person reads them, also where their bytes are in another encoding."""

import re

# PEP 383: a byte of a name that is not UTF-8 comes as U+DC80 to U+DCFF.
_BYTE = re.compile("[\udc80-\udcff]")
# What holds such bytes, with what in it passed for UTF-8 by chance, and second bytes in ASCII.
_RUN = re.compile("[^\x00-\x3f\x7f]*[\udc80-\udcff][^\x00-\x3f\x7f]*")
_LEAST_COMMON = 0.6


def readable(text: str) -> str:
    """Return a text that holds file names, bytes in GBK or Big5 shown as the characters they are.

    Which of the two it is shows in how many pairs of bytes lie where each keeps its common
    characters (level 1 of GB 2312: rows B0 to D7; of Big5: A4 to C6). Other bytes become U+FFFD.
    """
    if not _BYTE.search(text):
        return text
    pairs = [pair for run in _RUN.findall(text) for pair in _pairs(_encoded(run))]
    simplified = sum(0xB0 <= lead <= 0xD7 and trail >= 0xA1 for lead, trail in pairs)
    traditional = sum(0xA4 <= lead <= 0xC6 for lead, _trail in pairs)
    common, codec = max((simplified, "gbk"), (traditional, "big5"), key=lambda found: found[0])
    if common >= _LEAST_COMMON * len(pairs):
        text = _RUN.sub(lambda run: _decoded(run.group(), codec), text)
    return _BYTE.sub("\ufffd", text)


def plain(name: str) -> str:
    """Return a name, or the path of a part, as one that a folder takes."""
    shown = readable(name)
    return "".join(char if char.isprintable() and char not in "/\\" else "_" for char in shown)


def beginning(name: str, room: int) -> str:
    """Return as much of the beginning of a name as has room in so many bytes."""
    return name.encode("utf-8", "replace")[:room].decode("utf-8", "ignore")


def ending(name: str, room: int) -> str:
    """Return as much of the end of a name as has room in so many bytes."""
    return name.encode("utf-8", "replace")[-room:].decode("utf-8", "ignore")


def _encoded(run: str) -> bytes:
    return run.encode("utf-8", "surrogateescape") if _is_whole(run) else b""


def _is_whole(run: str) -> bool:
    """Tell whether a run can be bytes again: other lone surrogates come from no file name."""
    return not any("\ud800" <= char <= "\udc7f" or "\udd00" <= char <= "\udfff" for char in run)


def _decoded(run: str, codec: str) -> str:
    try:
        return _encoded(run).decode(codec) or run
    except UnicodeDecodeError:
        return run


def _pairs(data: bytes) -> list[tuple[int, int]]:
    """Divide bytes as both codecs do: one from 81 on begins a character of two."""
    found, at = [], 0
    while at < len(data) - 1:
        if data[at] >= 0x81:
            found.append((data[at], data[at + 1]))
            at += 1
        at += 1
    return found
