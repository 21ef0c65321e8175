"""Text that was read in a wrong encoding and saved again, undone where nothing was lost."""

import re
from dataclasses import dataclass

from workbench.articles.charsets.names import BIG5
from workbench.articles.charsets.plausibility import chinese, cost, is_hanzi, japanese, korean

_MISREAD_AS = ("cp1252", "gb18030", "cp950", "cp932", "cp949", "big5hkscs")
_MEANT = ("utf-8", "gb18030", "big5", "cp950", "big5hkscs")
_SAMPLE = 200
_SUSPICIOUS = 12.5
"""Bits a character beyond ASCII costs in text that may be garbled; Chinese news costs 9 to 10."""
_READABLE = 12.0
_GLANCE, _PLAIN = 120, 11.0
"""Characters that are enough to see that nothing is garbled, and what they then cost at most."""
_GAIN = 60.0
"""Bits by which the text must become likelier to be sure that it had been garbled."""
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_HOLES = re.compile("[?\ufffd]+")
# Windows-1252 as browsers read it: its five holes are controls (WHATWG Encoding Standard, 9).
_WESTERN = {
    ord(bytes((byte,)).decode("cp1252")): byte
    for byte in range(0x80, 0xA0)
    if byte not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}


@dataclass(frozen=True, slots=True)
class Misreading:
    """Text restored, the encoding it was in and the one it had been read in by mistake.

    ``complete`` is False where characters were lost for good; ``text`` is then the readable rest.
    """

    text: str
    meant: str
    misread_as: str
    complete: bool


def find_misreading(text: str) -> Misreading | None:
    """Return what garbled text was, None where it is not garbled or one cannot be sure.

    Characters of UTF-8, GB 18030 or Big5 read as Windows-1252, or as one another, turn into letters
    with accents or into rare Hanzi, and back: the way back is walked for each pair of encodings,
    and believed where it leads to frequent characters and comes to the same text again.
    """
    part = _part(text)
    beyond = [char for char in part if char > "\x7f"]
    if len(beyond) < 6 or chinese().of("".join(beyond[:_GLANCE])) < _PLAIN * len(beyond[:_GLANCE]):
        return None
    joined = "".join(beyond)
    if chinese().of(joined) < _SUSPICIOUS * len(beyond):
        return None
    if min(japanese().of(joined), korean().of(joined)) < _READABLE * len(beyond):
        return None
    return _undone(text, part) or _lossy(part)


def _part(text: str) -> str:
    """Return the beginning of what is beyond ASCII, as whole lines where they are short."""
    first = _BEYOND_ASCII.search(text)
    start = text.rfind("\n", 0, first.start()) + 1 if first else 0
    end = text.find("\n", start + _SAMPLE)
    return text[start : end if 0 <= end < start + 3 * _SAMPLE else start + 3 * _SAMPLE]


def _undone(text: str, part: str) -> Misreading | None:
    best, most = None, _GAIN
    for misread_as in _MISREAD_AS:
        data = _bytes_of(part, misread_as)
        for meant in _MEANT if data is not None else ():
            if meant == misread_as or (meant in BIG5 and misread_as in BIG5):
                continue
            assert data is not None
            # The part may end inside a character.
            restored = data.decode(meant, "replace").rstrip("\ufffd")
            gain = cost(part) - cost(restored)
            if gain > most and _is_readable(restored) and (full := _back(text, misread_as, meant)):
                best, most = Misreading(full, meant, misread_as, complete=True), gain
    return best


def _back(text: str, misread_as: str, meant: str) -> str | None:
    data = _bytes_of(text, misread_as)
    if data is None:
        return None
    try:
        return data.decode(meant)
    except UnicodeError:
        return None


def _lossy(part: str) -> Misreading | None:
    """Recognise garbled text of which characters were replaced by question marks."""
    if not _HOLES.search(part):
        return None
    for misread_as in ("gb18030", "cp1252", "cp950"):
        whole = [_bytes_of(piece, misread_as) for piece in _HOLES.split(part)]
        if None in whole:
            continue
        restored = "".join(piece.decode("utf-8", "ignore") for piece in whole if piece)
        hanzi = "".join(filter(is_hanzi, restored))
        if len(hanzi) >= 10 and cost(part) - cost(restored) > _GAIN and _is_readable(restored):
            return Misreading(restored, "utf-8", misread_as, complete=False)
    return None


def _bytes_of(text: str, misread_as: str) -> bytes | None:
    try:
        if misread_as == "cp1252":
            return text.translate(_WESTERN).encode("latin-1")
        data = text.encode(misread_as)
        return data if data.decode(misread_as) == text else None
    except UnicodeError:
        return None


def _is_readable(text: str) -> bool:
    beyond = [char for char in text if char > "\x7f"]
    hanzi = sum(map(is_hanzi, beyond))
    return hanzi >= 4 and cost("".join(beyond)) <= _READABLE * len(beyond)
