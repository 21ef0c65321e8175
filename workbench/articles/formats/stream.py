"""Dumps of any size as text, read piece by piece: one encoding, lines of bounded length."""

from collections.abc import Iterator
from dataclasses import replace

from workbench.articles.document import ReadOptions
from workbench.articles.formats import kinds, limits
from workbench.articles.formats.source import Source
from workbench.articles.formats.text_errors import controls, empty
from workbench.articles.model import Encoding

_PIECE = 256 * 1024


class TextStream:
    """The text of a dump, decoded as it is read; the encoding is decided by its first bytes."""

    def __init__(self, source: Source, options: ReadOptions) -> None:
        from workbench.articles.encoding import decide

        self._source = source
        sample = source.head(limits.SAMPLE)
        if not sample.strip(b" \t\r\n\0\xef\xbb\xbf"):
            raise empty()
        self.encoding: Encoding = decide(
            sample, given=options.encoding, complete=len(sample) == source.size
        )
        self._also: tuple[str, ...] = ()
        self.losses = 0
        """Bytes, counted so far, that could not be read."""
        if kinds.holds_controls(self.head()):
            raise controls()

    def head(self) -> str:
        """Return the text of the first bytes; its last line may be cut."""
        return "".join(self._decoded(self._source.head(limits.SAMPLE)))

    def pieces(self) -> Iterator[str]:
        """Yield the whole text in pieces, from its beginning."""
        from workbench.articles.encoding import decoder

        reader = decoder(self.encoding)
        with self._source.open() as stream:
            while data := stream.read(_PIECE):
                text = reader.decode(data)
                self.losses, self._also = reader.undecodable, reader.also
                yield text
            text = reader.decode(b"", final=True)
            self.losses, self._also = reader.undecodable, reader.also
            yield text

    def encoding_of(self, text: str) -> Encoding:
        """Return the encoding of a part that was just read, with what was lost in it."""
        if not self.losses and not self._also:
            return self.encoding
        lost = text.count("\ufffd") if self.losses else 0
        return replace(self.encoding, undecodable=lost, also=self._also)

    def lines(self, longest: int = limits.TEXT) -> Iterator[tuple[int, str | None]]:
        r"""Yield each line with its number and its ``\n``; None for one of too many characters."""
        number, waiting, size = 1, list[str](), 0
        for piece in self.pieces():
            start = 0
            while (end := piece.find("\n", start)) >= 0:
                size += end + 1 - start
                waiting.append(piece[start : end + 1])
                yield number, "".join(waiting) if size <= longest else None
                number, waiting, size, start = number + 1, [], 0, end + 1
            size += len(piece) - start
            if size <= longest:
                waiting.append(piece[start:])
            else:
                waiting = []
        if size:
            yield number, "".join(waiting) if size <= longest else None

    def _decoded(self, data: bytes) -> Iterator[str]:
        from workbench.articles.encoding import decoder

        yield decoder(self.encoding).decode(data)


class Utf8Stream:
    """A dump's text as bytes of UTF-8, to be read by a parser of bytes.

    Reading goes on only while ``allowance`` lasts: a parser that is never done with one value would
    take memory without bound.
    """

    def __init__(self, stream: TextStream, allowance: int) -> None:
        self._pieces = stream.pieces()
        self._rest = b""
        self._most = allowance
        self._left = allowance

    def renew(self) -> None:
        """Begin to count anew: a value is complete."""
        self._left = self._most

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes; OverflowError where one value takes too many."""
        if size == 0:
            return b""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece.encode("utf-8", "replace")
        data = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(data) :]
        self._left -= len(data)
        if self._left < 0:
            raise OverflowError
        return data
