"""Decoding lines whose parts may be in another encoding than the rest of the file."""

import re
from dataclasses import dataclass

from workbench.articles.charsets.broken import decode_broken
from workbench.articles.charsets.names import LEGACY, family
from workbench.articles.charsets.plausibility import cost, is_hanzi

_UTF8_HANZI = re.compile(rb"(?:[\xe3-\xe9\xef][\x80-\xbf]{2}){2}")
# Bytes no encoding uses inside a character: what is between them is decoded on its own.
SEPARATORS = re.compile(rb"([\x00-\x2f\x3a-\x3f]+)")
_OTHERS = ("utf-8", "gb18030", "cp950", "big5hkscs")
_SURE = 25.0
"""Bits by which another encoding must be likelier, for a part of a file, the first time."""
_LIKELY = 12.0
"""The same, where the file is known to have parts in it."""
_READABLE = 13.0
"""Bits a character beyond ASCII may cost in such a part: frequent characters mostly."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Text, how many U+FFFD were put into it, and the other encodings found in it."""

    text: str
    lost: int = 0
    also: tuple[str, ...] = ()


def may_hold_utf8(data: bytes, name: str) -> bool:
    """Tell whether bytes that a legacy encoding reads without error look like UTF-8 all the same.

    Most UTF-8 text is possible GB 18030 or Big5, of the rarest characters.
    """
    return name in LEGACY and _UTF8_HANZI.search(data) is not None


def read_line(line: bytes, name: str, also: tuple[str, ...], *, careful: bool = True) -> Reading:
    """Decode a line in the file's encoding, or what is clearly in another in that.

    ``also`` are the encodings that parts of the file are known to be in; ``careful`` looks closely
    at broken places, which takes time.
    """
    plain = read_in_one(line, name, careful=careful)
    if not careful or not (plain.lost or may_hold_utf8(line, name)):
        return plain
    readings = [plain]
    if found := _elsewhere(line, plain.text, name, also):
        readings.append(found)
    pieces = SEPARATORS.split(line)
    if len(pieces) > 1:
        readings.append(_in_pieces(pieces, name, also))
    # Text put together of pieces must be worth it.
    return min(readings, key=lambda one: cost(one.text) + 0.1 * len(one.also))


def _in_pieces(pieces: list[bytes], name: str, also: tuple[str, ...]) -> Reading:
    texts: list[str] = []
    lost, found = 0, dict.fromkeys(also)
    for piece in pieces:
        one = read_in_one(piece, name)
        if one.lost or may_hold_utf8(piece, name):
            one = _elsewhere(piece, one.text, name, tuple(found)) or one
        texts.append(one.text)
        lost += one.lost
        found |= dict.fromkeys(one.also)
    return Reading("".join(texts), lost, tuple(other for other in found if other not in also))


def read_in_one(data: bytes, name: str, *, careful: bool = True) -> Reading:
    """Decode in one encoding, with as little loss as possible."""
    try:
        return Reading(data.decode(name))
    except UnicodeError:
        return Reading(*decode_broken(data, name, careful=careful))


def _elsewhere(data: bytes, text: str, name: str, also: tuple[str, ...]) -> Reading | None:
    """Decode a part in another encoding, where that one is clearly right."""
    bits = cost(text)
    best, most = None, 0.0
    for other in dict.fromkeys((*also, *_OTHERS)):
        if other in family(name):
            continue
        try:
            reading = data.decode(other)
        except UnicodeError:
            continue
        gain = bits - cost(reading)
        if gain > max(most, _LIKELY if other in also else _SURE) and _is_readable(reading):
            best, most = Reading(reading, 0, (other,)), gain
    return best


def _is_readable(text: str) -> bool:
    beyond = [char for char in text if char > "\x7f"]
    return sum(map(is_hanzi, beyond)) >= 2 and cost("".join(beyond)) <= _READABLE * len(beyond)
