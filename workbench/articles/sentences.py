"""Where the sentences of Chinese text end, full-width or half-width punctuation alike."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from workbench.articles.model import Span
from workbench.articles.quotations import AFTER_QUOTE, is_said_by, quotations

LONG_SENTENCE = 400
"""A sentence of more characters than this is split at commas."""
_PIECE = 220

LINE = re.compile(r"[^\r\n\x0b\x0c\x85\u2028\u2029]+")
_STOPS = "。！？；…｡⋯﹗﹖﹔"
_CLOSERS = "”’」』》〉）】〕］｝)]}\"'〞﹂﹄"
_END = re.compile(
    rf"(?:[{_STOPS}!?;]|(?<!\.)\.(?:\.+|(?![0-9A-Za-z.])))[{_STOPS}!?;.]*[{re.escape(_CLOSERS)}]*"
)
_LATIN_BEFORE = re.compile(r"[0-9A-Za-z]")
_ABBREVIATION = re.compile(
    r"(?:\b[A-Za-z]|\b(?:Mr|Mrs|Ms|Dr|St|vs|No|Inc|Ltd|Co|Jr|Sr|Fig|etc))\.$"
)
_ENTITY = re.compile(r"&(?:\#\d{1,7}|\#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,24}\d{0,2});$")
_LONGEST_ENTITY = 28
_NUMBER = re.compile(
    r"\s*[(（]?(?:\d{1,3}(?:\.\d{1,2}){0,3}|[一二三四五六七八九十]{1,3}"
    r"|[ivxIVX]{1,4})\."
)
"""What begins an item of a list: its full stop ends nothing."""
_COMMA = re.compile(r"[，、,：:]+")
_CELL = 60
_BARS = re.compile(r"[|｜│┃]")


def sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the sentences of ``text[start:end]``, in order, without the whitespace around them.

    A sentence ends at 。！？；… with the quotes and brackets that close after them, at a half-width
    mark that belongs to no number, word or address, and at the end of a line. What is said stays
    with who says it: “走吧。”他说。 A row of a table is one. Every character but whitespace lies in
    one of them.
    """
    for line in LINE.finditer(text, start, end):
        yield from line_sentences(text, line.start(), line.end())


def line_sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the sentences of ``text[start:end]``, a single line, as ``sentences`` does."""
    if is_row(text, start, end):
        yield from _whole_or_pieces(text, start, end, _BARS)
        return
    quoted = quotations(text, start, end)
    opens = [span.start for span in quoted]
    begin = start
    for mark in _END.finditer(text, start, end):
        if mark.start() < begin or not _ends_sentence(text, mark, begin, end):
            continue
        stop = _drop_opening_quotes(text, begin, mark)
        if quoted:
            place = bisect_right(opens, mark.start()) - 1
            if place >= 0 and stop < quoted[place].end:
                continue
        if text[stop - 1] in AFTER_QUOTE and is_said_by(text, start, begin, stop, end):
            continue
        yield from _whole_or_pieces(text, begin, stop, _COMMA)
        begin = stop
    yield from _whole_or_pieces(text, begin, end, _COMMA)


def is_row(text: str, start: int, end: int) -> bool:
    """Tell whether a line is a row of a table: with vertical bars, the first at its beginning.

    Where none stands there, the cells must be short: prose may end with 编辑 | 审校 | 监制.
    """
    first = _BARS.search(text, start, end)
    if first is None:
        return False
    bars = sum(text.count(bar, start, end) for bar in "|｜│┃")
    return bars > 1 and (not text[start : first.start()].strip() or end - start <= bars * _CELL)


def _ends_sentence(text: str, mark: re.Match[str], begin: int, end: int) -> bool:
    """Tell a half-width mark that ends a sentence from one inside a number, word or address."""
    first = text[mark.start()]
    after = text[mark.end()] if mark.end() < end else ""
    if first in "!?;":
        if first == ";" and _ENTITY.search(
            text, max(mark.start() - _LONGEST_ENTITY, begin), mark.start() + 1
        ):
            return False
        inside = after.isascii() and not after.isspace()
        before = text[mark.start() - 1] if mark.start() else "。"
        return not after or not inside or not before.isascii()
    if first == "." and mark.group()[:2] != "..":
        if _ABBREVIATION.search(text, max(mark.start() - 12, 0), mark.start() + 1):
            return False
        if _NUMBER.fullmatch(text, begin, mark.start() + 1) and after:
            return False
        if _is_latin(text, mark.start() - 1):
            return not after or after.isspace() or mark.end() - mark.start() > 1
    # A comma goes on with the sentence: “……？”，他说。
    return after not in {"，", ",", "、"}


def _is_latin(text: str, index: int) -> bool:
    return index >= 0 and _LATIN_BEFORE.match(text[index]) is not None


def _drop_opening_quotes(text: str, begin: int, mark: re.Match[str]) -> int:
    """Return where the mark's closers stop: a straight quote that opens is none of them."""
    stop = mark.end()
    if stop - mark.start() == 1:
        return stop
    for quote in ('"', "'"):
        index = text.find(quote, mark.start(), stop)
        if index >= 0 and text.count(quote, begin, index) % 2 == 0:
            stop = index
    return stop


def _whole_or_pieces(text: str, start: int, end: int, divider: re.Pattern[str]) -> Iterator[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > LONG_SENTENCE:
        cut = start + _PIECE
        for found in divider.finditer(text, start + _PIECE // 3, start + _PIECE):
            cut = found.end()
        yield from _whole_or_pieces(text, start, cut, divider)
        start = cut
        while text[start].isspace():
            start += 1
    if start < end:
        yield Span(start, end)
