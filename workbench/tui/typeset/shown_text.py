"""What of an article is shown, paragraph by paragraph, and where each character came from."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from workbench.articles.headings import mark_headings
from workbench.articles.model import Article, Removal, Script, Span
from workbench.articles.script import Conversion, convert_with_map, to_simplified_with_map
from workbench.articles.sentences import LINE
from workbench.i18n import _


class Kind(StrEnum):
    """What a paragraph is, and so how it is set."""

    TITLE = "title"
    META = "meta"
    HEADING = "heading"
    BODY = "body"
    REMOVED = "removed"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the shown text.

    ``places`` has for each character its offset in the whole shown text, ascending; empty for what
    the program says itself. ``faint`` are stretches of the paragraph that are no article.
    """

    kind: Kind
    text: str
    places: Sequence[int]
    faint: tuple[Span, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why the faint stretches are no article."""


@dataclass(frozen=True, slots=True)
class ShownText:
    """An article in the script it is shown in; offsets of ``conversion`` lead to the original."""

    conversion: Conversion
    paragraphs: tuple[Paragraph, ...]


def shown_text(article: Article, *, removed: bool = False, script: str = "keep") -> ShownText:
    """Return an article's paragraphs, in its own script or converted to another.

    ``removed`` keeps what was cleaned out in its place, as paragraphs or stretches of their own.
    ``script`` is ``keep`` or one of the targets of conversion.
    """
    conversion = converted(article, script)
    removals = _on(article.removals, conversion)
    heads = {conversion.converted_span(at, at + 1).start for at in _headings(article)}
    title = _title_span(article)
    shown_title = conversion.converted_span(title.start, title.end) if title else None
    paragraphs: list[Paragraph] = []
    said: tuple[str, ...] = ()
    index = 0
    for line in LINE.finditer(conversion.text):
        start, end = line.span()
        while index < len(removals) and removals[index].end <= start:
            index += 1
        paragraph = _paragraph(conversion.text, Span(start, end), removals, index, removed)
        if paragraph is None:
            continue
        first = paragraph.places[_first(paragraph.text)]
        kind = paragraph.kind
        if kind is Kind.BODY and shown_title and start <= shown_title.start < end:
            kind = Kind.TITLE
        elif kind is Kind.BODY and first in heads:
            kind = Kind.HEADING
        if paragraph.reasons and paragraph.reasons != said:
            paragraphs.append(_note(paragraph.reasons))
        said = paragraph.reasons
        paragraphs.append(replace(paragraph, kind=kind))
    return ShownText(conversion, tuple(paragraphs))


def converted(article: Article, script: str) -> Conversion:
    """Return the text of an article in a script, with the way back to the original."""
    if script == "keep":
        return Conversion(article.text)
    if script == "simplified":
        return to_simplified_with_map(article.text, names=article.names)
    if article.script is not Script.TRADITIONAL:
        return convert_with_map(article.text, script, names=article.names)
    return Conversion(article.text)


def _note(reasons: Sequence[str]) -> Paragraph:
    """Say why what follows is not taken for part of the article."""
    listed = "; ".join(_(reason) for reason in reasons)
    return Paragraph(Kind.NOTE, _("left out as {reasons}:").format(reasons=listed), ())


def _on(removals: Sequence[Removal], conversion: Conversion) -> list[Removal]:
    """Return the removals by offsets of the converted text."""
    found = []
    for one in removals:
        span = conversion.converted_span(one.start, one.end)
        found.append(Removal(span.start, span.end, one.rule, one.reason))
    return found


def _paragraph(
    text: str, line: Span, removals: Sequence[Removal], index: int, removed: bool
) -> Paragraph | None:
    """Return what is shown of a line; None where that is nothing but spaces."""
    pieces: list[tuple[int, int, str]] = []  # start, end, reason; no reason for what is article
    at = line.start
    while at < line.end:
        if index < len(removals) and removals[index].start <= at:
            stop = min(line.end, removals[index].end)
            if stop > at:
                pieces.append((at, stop, removals[index].reason))
            at = max(at, stop)
            index += 1
            continue
        stop = line.end if index == len(removals) else min(line.end, removals[index].start)
        pieces.append((at, stop, ""))
        at = stop
    kept = [piece for piece in pieces if not piece[2]]
    wholly_removed = not any(text[start:end].strip() for start, end, _why in kept)
    if wholly_removed and not removed:
        return None
    if not removed:
        pieces = kept
    joined = "".join(text[start:end] for start, end, _why in pieces)
    if not joined.strip():
        return None
    reasons = tuple(dict.fromkeys(reason for *_at, reason in pieces if reason))
    kind = Kind.REMOVED if wholly_removed else Kind.BODY
    return Paragraph(kind, joined, _places(pieces), tuple(_faint(pieces)), reasons)


def _places(pieces: Sequence[tuple[int, int, str]]) -> Sequence[int]:
    if len(pieces) == 1:
        return range(pieces[0][0], pieces[0][1])
    places = array("q")
    for start, end, _why in pieces:
        places.extend(range(start, end))
    return places


def _faint(pieces: Sequence[tuple[int, int, str]]) -> Iterator[Span]:
    at = 0
    for start, end, reason in pieces:
        if reason:
            yield Span(at, at + end - start)
        at += end - start


def _first(text: str) -> int:
    return len(text) - len(text.lstrip())


def _title_span(article: Article) -> Span | None:
    for finding in article.findings:
        if finding.field == "title" and finding.where == "text" and finding.start is not None:
            return Span(finding.start, finding.end or finding.start)
    return None


def _headings(article: Article) -> set[int]:
    """Return where headings begin: short lines before longer ones, not those that announce."""
    lines: list[list[Span]] = []
    last_end = -1
    for passage in article.passages:
        for sentence in passage.sentences:
            same = lines and not LINE_END.intersection(article.text[last_end : sentence.start])
            if same:
                lines[-1].append(sentence)
            else:
                lines.append([sentence])
            last_end = sentence.end
    starts = mark_headings(article.text, lines)
    alone = {line[0].start: line[-1].end for line in lines if len(line) == 1}
    return {at for at in starts if at in alone and article.text[alone[at] - 1] not in "：:"}


LINE_END = frozenset("\r\n\x0b\x0c\x85\u2028\u2029")
"""What ``LINE`` ends at."""


def places_between(paragraph: Paragraph, start: int, end: int) -> tuple[int, int]:
    """Return which characters of a paragraph lie in ``start`` to ``end`` of the shown text."""
    return bisect_left(paragraph.places, start), bisect_left(paragraph.places, end)
