"""Where the sentences of Chinese text end, full-width or half-width punctuation alike."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from workbench.articles.model import Span

LONG_SENTENCE = 400
"""A sentence of more characters than this is split at commas."""
_PIECE = 220
_QUOTE_REACH = 120
"""Sentences inside a quotation of at most so many characters stay together."""

LINE = re.compile(r"[^\r\n\x0b\x0c\x85\u2028\u2029]+")
_CLOSERS = "”’」』》〉）】〕］｝)]}\"'"
_END = re.compile(
    rf"(?:[。！？!?；;…｡]|(?<!\.)\.(?:\.+|(?![0-9A-Za-z.])))[。！？!?；;…｡.]*[{re.escape(_CLOSERS)}]*"
)
_LATIN_BEFORE = re.compile(r"[0-9A-Za-z]")
_ABBREVIATION = re.compile(
    r"(?:\b[A-Za-z]|\b(?:Mr|Mrs|Ms|Dr|St|vs|No|Inc|Ltd|Co|Jr|Sr|Fig|etc))\.$"
)
_COMMA = re.compile(r"[，、,：:]+")
_OPENING = {"“": "”", "「": "」", "『": "』", "（": "）", "《": "》"}
_QUOTES = re.compile("[“「『（《]")
_GAP = re.compile(r"\s+")


def sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the sentences of ``text[start:end]``, in order, without the whitespace around them.

    A sentence ends at 。！？；… with the quotes and brackets that close after them, at a half-width
    mark that belongs to no number, word or address, and at the end of a line. Every character but
    whitespace lies in one of them.
    """
    for line in LINE.finditer(text, start, end):
        yield from line_sentences(text, line.start(), line.end())


def line_sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the sentences of ``text[start:end]``, a single line, as ``sentences`` does."""
    quotations = _quotations(text, start, end)
    opens = [span.start for span in quotations]
    begin = start
    for mark in _END.finditer(text, start, end):
        if mark.start() < begin or not _ends_sentence(text, mark, end):
            continue
        stop = _drop_opening_quotes(text, begin, mark)
        place = bisect_right(opens, mark.start()) - 1
        if place >= 0 and stop < quotations[place].end:
            continue
        yield from _whole_or_pieces(text, begin, stop)
        begin = stop
    yield from _whole_or_pieces(text, begin, end)


def _quotations(text: str, start: int, end: int) -> list[Span]:
    """Find the outermost quotations of a line that are short enough to keep whole."""
    found: list[Span] = []
    position = start
    while opening := _QUOTES.search(text, position, end):
        limit = min(opening.end() + _QUOTE_REACH, end)
        closing = text.find(_OPENING[opening.group()], opening.end(), limit)
        if closing < 0:
            position = opening.end()
        else:
            found.append(Span(opening.start(), closing + 1))
            position = closing + 1
    return found


def _ends_sentence(text: str, mark: re.Match[str], end: int) -> bool:
    """Tell a half-width mark that ends a sentence from one inside a number, word or address."""
    first = text[mark.start()]
    after = text[mark.end()] if mark.end() < end else ""
    if first in "!?;":
        inside = after.isascii() and not after.isspace()
        before = text[mark.start() - 1] if mark.start() else "。"
        return not after or not inside or not before.isascii()
    if first == "." and mark.group()[:2] != "..":
        if _ABBREVIATION.search(text, max(mark.start() - 12, 0), mark.start() + 1):
            return False
        if _is_latin(text, mark.start() - 1):
            return not after or after.isspace() or mark.end() - mark.start() > 1
    # A comma goes on with the sentence: “……？”，他说。
    return after not in {"，", ",", "、"} or not after


def _is_latin(text: str, index: int) -> bool:
    return index >= 0 and _LATIN_BEFORE.match(text[index]) is not None


def _drop_opening_quotes(text: str, begin: int, mark: re.Match[str]) -> int:
    """Return where the mark's closers stop: a straight quote that opens is none of them."""
    stop = mark.end()
    for quote in ('"', "'"):
        index = text.find(quote, mark.start(), stop)
        if index >= 0 and text.count(quote, begin, index) % 2 == 0:
            stop = index
    return stop


def _whole_or_pieces(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > LONG_SENTENCE:
        cut = start + _PIECE
        for comma in _COMMA.finditer(text, start + _PIECE // 3, start + _PIECE):
            cut = comma.end()
        yield from _whole_or_pieces(text, start, cut)
        start = cut
        while text[start].isspace():
            start += 1
    if start < end:
        yield Span(start, end)
