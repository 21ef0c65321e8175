"""Decoding a file whole or as it comes, block by block."""

import codecs

from workbench.articles.charsets.broken import decode_broken
from workbench.articles.charsets.mixed import SEPARATORS, may_hold_utf8, read_in_one, read_line
from workbench.articles.charsets.names import ESCAPED, LEGACY, WIDE, codec_name

_LONGEST = 1 << 16
"""Bytes that wait for the end of their line; a longer line is decoded in pieces."""
_CAREFUL = 5000
"""Losses after which no closer look is taken at the next: looking takes time."""
_UNSHIFTS = (b"~}", b"\x0f", b"\x1b(B")
_BOM = "\ufeff"


class Decoder(codecs.IncrementalDecoder):
    """An incremental decoder that loses as little as possible and says what it lost.

    Lines, or stretches of them, that are clearly in another encoding than the rest are decoded in
    that one. ``undecodable`` counts the U+FFFD put in so far, ``also`` names the other encodings
    met; ``alone`` looks for none. A byte order mark at the beginning is left off. At most 64 KB
    wait for their line to end.
    """

    def __init__(self, name: str, also: tuple[str, ...] = (), *, alone: bool = False) -> None:
        super().__init__("replace")
        codec_name(name)
        self.name = name
        self.also = also
        self.alone = alone
        self.undecodable = 0
        self._waiting = b""
        self._begun = False

    def decode(self, data: bytes, final: bool = False) -> str:  # type: ignore[override]
        """Return the text of all lines that are whole by now, of everything when ``final``."""
        self._waiting += bytes(data)
        if final:
            block, self._waiting = self._waiting, b""
        else:
            end = self._whole()
            block, self._waiting = self._waiting[:end], self._waiting[end:]
        text = self._block(block) if block else ""
        if text and not self._begun:
            self._begun = True
            text = text.removeprefix(_BOM)
        return text

    def reset(self) -> None:
        """Forget everything met so far."""
        self._waiting, self._begun, self.undecodable = b"", False, 0

    def getstate(self) -> tuple[bytes, int]:
        """Return what waits for more bytes, and whether anything was decoded."""
        return self._waiting, int(self._begun)

    def setstate(self, state: tuple[bytes, int]) -> None:
        """Go on from a state returned before."""
        self._waiting, self._begun = state[0], bool(state[1])

    def _whole(self) -> int:
        """Return how many of the waiting bytes can be decoded: up to the last end of a line."""
        waiting = self._waiting
        if self.name in WIDE:
            unit = 4 if "32" in self.name else 2
            end = len(waiting) // unit * unit
            return end - unit if self._halves(waiting[end - unit : end]) else end
        end = waiting.rfind(b"\n") + 1
        return end if end or len(waiting) < _LONGEST else self._middle()

    def _middle(self) -> int:
        """Return where to cut a line that is too long to wait for its end."""
        waiting = self._waiting
        if self.name in ESCAPED:
            return max(waiting.rfind(end) + len(end) for end in _UNSHIFTS) or len(waiting)
        cut = 0
        for boundary in SEPARATORS.finditer(waiting, len(waiting) // 2):
            cut = boundary.end()
        if cut:
            return cut
        try:
            decoder = codecs.getincrementaldecoder(self.name)("replace")
        except LookupError:
            return len(waiting)
        decoder.decode(waiting)
        return len(waiting) - len(decoder.getstate()[0])

    def _halves(self, unit: bytes) -> bool:
        """Tell whether the last unit of two bytes is the first half of a character."""
        return len(unit) == 2 and 0xD8 <= unit[self.name == "utf-16-le"] <= 0xDB

    def _block(self, block: bytes) -> str:
        if not may_hold_utf8(block, self.name):
            try:
                return block.decode(self.name)
            except UnicodeError:
                pass
        if self.name not in LEGACY and self.name != "utf-8":
            text, lost = decode_broken(block, self.name)
            self.undecodable += lost
            return text
        return "".join(map(self._line, block.splitlines(keepends=True)))

    def _line(self, line: bytes) -> str:
        if line.isascii():
            return line.decode("ascii")
        careful = self.undecodable < _CAREFUL
        if self.alone:
            one = read_in_one(line, self.name, careful=careful)
        else:
            one = read_line(line, self.name, self.also, careful=careful)
        self.undecodable += one.lost
        self.also += tuple(other for other in one.also if other not in self.also)
        return one.text
