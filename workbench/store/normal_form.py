"""The form articles and queries are compared in, whatever script, width and case they are in."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SIZE = 0x32400
"""Code points from here on are signs, those from 0xE0000 on invisible selectors of glyphs."""
_INVISIBLE, _SPACE, _SIGN, _HANZI, _LETTER = range(5)
# Ideographs, kana, bopomofo and hangul: scripts written without spaces, or nearly so.
_HANZI_RANGES = (
    (0x2E80, 0x2FE0),
    (0x3005, 0x3008),
    (0x3021, 0x302A),
    (0x3031, 0x3036),
    (0x3038, 0x303D),
    (0x3041, 0x3097),
    (0x309D, 0x30A0),
    (0x30A1, 0x30FB),
    (0x30FC, 0x3130),
    (0x3131, 0x318F),
    (0x31A0, 0x31C0),
    (0x31F0, 0x3200),
    (0x3400, 0x4DC0),
    (0x4E00, 0xA000),
    (0xAC00, 0xD7A4),
    (0xF900, 0xFB00),
    (0x20000, _SIZE),
)
# Where letters, digits, spaces and invisible characters are; elsewhere are signs.
_LETTER_RANGES = ((0, 0x3100), (0xA000, 0xAC00), (0xFB00, 0x10000))
# Radicals (as some PDF files write whole characters with) and compatibility ideographs.
_COMPATIBILITY_RANGES = ((0x2E80, 0x2FE0), (0xF900, 0xFB00), (0x2F800, 0x2FA20))


@dataclass(frozen=True, slots=True)
class NormalForm:
    """A text as it is compared, and where each character of that stands in the original.

    Simplified character by character, half width, lower case. Words of letters and digits, and what
    signs divide, are apart by one space; whitespace between Hanzi and invisible characters are
    gone, so that ``经 濟，GDP`` becomes ``经济 gdp``. ``offsets`` has one more entry than ``text``:
    the original's end.
    """

    text: str
    offsets: "NDArray[np.int32]"


@dataclass(frozen=True, slots=True)
class Units:
    """The Hanzi, letters and digits of a text, as they are compared.

    ``codes`` are code points, ``places`` offsets into the text; ``joined`` tells of each but the
    last whether it belongs to the next without a gap, ``hanzi`` of each whether it is one.
    """

    codes: "NDArray[np.uint32]"
    places: "NDArray[np.int32]"
    joined: "NDArray[np.bool_]"
    hanzi: "NDArray[np.bool_]"

    def outside(self, spans: Iterable[tuple[int, int]]) -> "NDArray[np.uint32]":
        """Return the codes of those that stand in none of the spans."""
        import numpy as np

        kept = np.ones(len(self.places), np.bool_)
        for start, end in spans:
            kept[np.searchsorted(self.places, start) : np.searchsorted(self.places, end)] = False
        return self.codes[kept]


def normal_form(text: str) -> NormalForm:
    """Return the normal form of a text, in time and memory linear in its length."""
    import numpy as np

    found = units(text)
    codes, places, joined = found.codes, found.places, found.joined
    apart = np.zeros(len(codes), np.int32)
    np.cumsum(~joined, out=apart[1:])
    where = np.arange(len(codes), dtype=np.int32) + apart
    length = int(where[-1]) + 1 if len(where) else 0
    form = np.full(length, 0x20, "<u4")
    form[where] = codes
    offsets = np.zeros(length + 1, np.int32)
    offsets[where] = places
    gaps = np.flatnonzero(~joined)
    offsets[where[gaps] + 1] = places[gaps] + 1
    offsets[length] = len(text)
    return NormalForm(form.tobytes().decode("utf-32-le"), offsets)


def tokens(text: str) -> str:
    """Return what the search index holds of a text; see ``tokens_of``."""
    return tokens_of(units(text))


def tokens_of(found: Units) -> str:
    """Return what the search index holds of a text: tokens, one space after each.

    Each Hanzi makes a token with the one that follows it, the last before a gap of the normal form
    one alone; a word makes one token. So a phrase is found as neighbouring tokens, and every Hanzi
    begins one, by which it is found alone.
    """
    import numpy as np

    codes, joined, hanzi = found.codes, found.joined, found.hanzi
    if not len(codes):
        return ""
    follows = np.append(joined, False)
    grid = np.zeros((len(codes), 3), "<u4")
    grid[:, 0] = codes
    grid[:-1, 1] = np.where(hanzi[:-1] & joined, codes[1:], 0)
    grid[:, 2] = np.where(hanzi | ~follows, 0x20, 0)
    flat = grid.ravel()
    text: str = flat[flat != 0].tobytes().decode("utf-32-le")
    return text


def is_hanzi(char: str) -> bool:
    """Tell whether a character of the normal form is indexed with the one that follows it."""
    return bool(_tables()[1][ord(char)] == _HANZI)


def units(text: str) -> Units:
    """Return the characters of a text that count, in time and memory linear in its length."""
    import numpy as np

    forms, kinds = _tables()
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    codes = np.where(codes < _SIZE, codes, np.where(codes < 0xE0000, ord("!"), 0x200B))
    kind = kinds[codes]
    places = np.flatnonzero(kind >= _HANZI).astype(np.int32)
    kept = kind[places]
    signs = np.cumsum(kind == _SIGN, dtype=np.int32)[places]
    spaces = np.cumsum(kind == _SPACE, dtype=np.int32)[places]
    same = (kept[1:] == kept[:-1]) & (signs[1:] == signs[:-1])
    joined = same & ((kept[1:] == _HANZI) | (spaces[1:] == spaces[:-1]))
    return Units(forms[codes[places]], places, joined, kept == _HANZI)


@cache
def _tables() -> "tuple[NDArray[np.uint32], NDArray[np.uint8]]":
    """Return, by code point, the character it is compared as and which kind it is."""
    import numpy as np

    from workbench.articles.script import fold

    forms = np.arange(_SIZE, dtype=np.uint32)
    kinds = np.full(_SIZE, _SIGN, np.uint8)
    for start, end in _HANZI_RANGES:
        kinds[start:end] = _HANZI
    for start, end in _LETTER_RANGES:
        for code in range(start, end):
            if kinds[code] == _SIGN:
                char = chr(code)
                lower = char.lower()
                forms[code] = ord(lower) if len(lower) == 1 else code
                kinds[code] = _kind(char)
    for start, end in _COMPATIBILITY_RANGES:
        for code in range(start, end):
            plain = unicodedata.normalize("NFKC", chr(code))
            if len(plain) == 1:
                forms[code] = ord(plain)
    for start, end in ((0x21, 0x7F), *_HANZI_RANGES, (0xFF01, 0xFF5F)):
        chars = forms[start:end].tobytes().decode("utf-32-le")
        folded = fold(chars).lower()
        if len(folded) == end - start:
            forms[start:end] = np.frombuffer(folded.encode("utf-32-le"), "<u4")
    return forms, kinds


def _kind(char: str) -> int:
    category = unicodedata.category(char)
    if char.isspace():
        return _SPACE
    if category == "Cf":
        return _INVISIBLE
    if 0xFE00 <= ord(char) < 0xFE10:
        return _INVISIBLE  # selects a glyph of the character before it
    return _LETTER if category[0] in "LMN" else _SIGN
