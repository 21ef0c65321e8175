"""Passages: stretches of whole sentences, the unit of splitting and citing."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from workbench.articles.headings import Line, mark_headings
from workbench.articles.model import Passage, Removal, Span
from workbench.articles.script import fold
from workbench.articles.script.visible import ZERO_WIDTH
from workbench.articles.sentences import LINE, line_sentences

SHORTEST = 60
"""A shorter paragraph (a heading, a line of dialogue) is merged with its neighbours, if it can."""
LONGEST = 220
"""Characters a passage aims to stay within; one long sentence may exceed it."""
_AIM = 170
_TAIL = 280
_GAP = 40
"""So much whitespace and passages no longer reach across it."""
_ID_DIGITS = 10
_UNSEEN = re.compile(f"[{ZERO_WIDTH}]")


def split(text: str, removals: Sequence[Removal] = ()) -> tuple[Passage, ...]:
    """Split what is left of a text after its removals into passages, numbered from 1.

    Offsets point into ``text``. Passages are in order, do not overlap, never reach over a removal,
    and every character left but whitespace lies in exactly one sentence of one passage. A heading,
    or a line that announces a list, is in the passage of what follows it.
    """
    passages: list[Passage] = []
    folded = fold(text)
    seen: dict[str, int] = {}
    for stretch in kept_stretches(text, removals):
        for group in _groups(text, stretch):
            start, end = group[0].start, group[-1].end
            identity = _identity(folded[start:end])
            seen[identity] = count = seen.get(identity, 0) + 1
            if count > 1:
                identity = f"{identity}-{count}"
            passages.append(Passage(len(passages) + 1, start, end, tuple(group), identity))
    return tuple(passages)


def _identity(folded: str) -> str:
    """Return a passage's id: the same in either script, and however it is spaced and broken."""
    said = "".join(_UNSEEN.sub("", folded).split())
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:_ID_DIGITS]


def kept_stretches(text: str, removals: Sequence[Removal]) -> Iterator[Span]:
    """Yield the stretches of a text between its removals, in order."""
    position = 0
    for removal in sorted(removals, key=lambda one: one.start):
        if removal.start > position:
            yield Span(position, removal.start)
        position = max(position, removal.end)
    if position < len(text):
        yield Span(position, len(text))


def _groups(text: str, stretch: Span) -> Iterator[list[Span]]:
    """Group a stretch's sentences: short paragraphs together, long ones in even parts."""
    waiting: list[Span] = []
    previous: list[Span] = []
    lines = list(_lines(text, stretch))
    heads = mark_headings(text, lines)
    for paragraph in lines:
        ready = bool(waiting) and _length(waiting) >= SHORTEST and waiting[-1].start not in heads
        if waiting and (ready or _is_far(waiting, paragraph)):
            if previous:
                yield previous
            previous, waiting = waiting, []
        if waiting and _reach(waiting, paragraph) > LONGEST and _length(paragraph) >= SHORTEST:
            # A heading and a long paragraph are divided as one.
            paragraph = waiting + paragraph
            waiting = []
        waiting = waiting + paragraph
        if _length(waiting) > LONGEST:
            *parts, waiting = _even_parts(waiting, heads)
            for part in parts:
                if previous:
                    yield previous
                previous = part
    if not waiting:
        if previous:
            yield previous
        return
    if previous and _length(waiting) < SHORTEST and _fits_as_tail(previous, waiting):
        yield previous + waiting
        return
    if previous:
        yield previous
    yield waiting


def _lines(text: str, stretch: Span) -> Iterator[Line]:
    for line in LINE.finditer(text, stretch.start, stretch.end):
        if found := list(line_sentences(text, line.start(), line.end())):
            yield found


def _length(group: Sequence[Span]) -> int:
    return group[-1].end - group[0].start if group else 0


def _reach(first: Sequence[Span], second: Sequence[Span]) -> int:
    return second[-1].end - first[0].start


def _is_far(first: Sequence[Span], second: Sequence[Span]) -> bool:
    return second[0].start - first[-1].end > _GAP


def _fits_as_tail(previous: Sequence[Span], tail: Sequence[Span]) -> bool:
    return not _is_far(previous, tail) and _reach(previous, tail) <= _TAIL


def _even_parts(group: list[Span], heads: set[int]) -> list[list[Span]]:
    """Divide sentences into parts of about equal length, near the aimed one, all at ends."""
    total = sum(span.end - span.start for span in group)
    aim = total / max(1, round(total / _AIM))
    parts: list[list[Span]] = [[group[0]]]
    done = group[0].end - group[0].start
    for before, span in pairwise(group):
        size = span.end - span.start
        full = done + size / 2 > aim * len(parts)
        over = span.end - parts[-1][0].start > LONGEST
        enough = _length(parts[-1]) >= SHORTEST
        if span.start - before.end > _GAP:
            parts.append([span])
        elif (full or over) and enough:
            parts.append([*_taken_along(parts[-1], heads), span])
        else:
            parts[-1].append(span)
        done += size
    return parts


def _taken_along(part: list[Span], heads: set[int]) -> list[Span]:
    """Take the headings off the end of a part, where enough of it is left."""
    place = len(part)
    while place and part[place - 1].start in heads:
        place -= 1
    along = part[place:] if place else []
    del part[len(part) - len(along) :]
    return along
