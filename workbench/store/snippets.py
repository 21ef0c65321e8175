"""Where a query's phrases stand in an original text, and the stretches that show them best."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workbench.articles.model import Span
from workbench.store.normal_form import NormalForm, is_hanzi
from workbench.store.query import Phrase

WIDTH = 90
"""Characters of a snippet, about: three lines on a narrow terminal."""
_BACK = 45
_ANCHORS = 400
"""So many matches of a text are looked at."""
_END = re.compile(r"[。！？!?；;…\r\n]+[”’」』》〉）】〕)\]]*\s*")
_PAUSE = re.compile(r"[，、,：:\s]+")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A stretch of an original text, and the matches in it; all are offsets into that text."""

    start: int
    end: int
    highlights: tuple[Span, ...]


def matches(form: NormalForm, phrases: Iterable[Phrase]) -> Iterator[tuple[Span, Phrase]]:
    """Yield where each phrase stands, exactly as the index finds it, in the original's offsets."""
    for phrase in phrases:
        for index in _finds(form.text, phrase.text):
            end = index + len(phrase.text)
            yield (
                Span(int(form.offsets[index]), int(form.offsets[end - 1]) + 1),
                phrase,
            )


def _finds(text: str, phrase: str) -> Iterator[int]:
    open_start, open_end = is_hanzi(phrase[0]), is_hanzi(phrase[-1])
    index = text.find(phrase)
    while index >= 0:
        end = index + len(phrase)
        whole = (open_start or index == 0 or text[index - 1] == " ") and (
            open_end or end == len(text) or text[end] == " "
        )
        if whole:
            yield index
        index = text.find(phrase, index + 1)


def highlights(form: NormalForm, phrases: Iterable[Phrase]) -> tuple[Span, ...]:
    """Return all matches in order, those that touch or overlap as one."""
    return _joined(span for span, _ in matches(form, phrases))


def best_snippets(
    text: str, form: NormalForm, phrases: Iterable[Phrase], number: int
) -> tuple[Snippet, ...]:
    """Return up to ``number`` stretches of the text, in order, that hold most of the phrases.

    They begin at the start of a sentence where one is near. Without a match, it is the text's
    beginning.
    """
    found = sorted(matches(form, phrases), key=lambda match: match[0].start)[:_ANCHORS]
    if not found:
        start = len(text) - len(text.lstrip())
        return (Snippet(start, _stop(text, start, start), ()),) if start < len(text) else ()
    candidates = []
    reached = 0
    for place, (span, _) in enumerate(found):
        if span.start < reached:
            continue
        start = _start(text, span.start)
        end = reached = max(span.end, _stop(text, start, span.end))
        inside = [match for match in found[place:] if match[0].end <= end]
        distinct = len({phrase for _, phrase in inside})
        candidates.append((-distinct, -len(inside), start, end, [one for one, _ in inside]))
    chosen: list[Snippet] = []
    for _, _, start, end, spans in sorted(candidates, key=lambda one: one[:3]):
        if all(end <= other.start or start >= other.end for other in chosen):
            chosen.append(Snippet(start, end, _joined(spans)))
        if len(chosen) == number:
            break
    return tuple(sorted(chosen, key=lambda snippet: snippet.start))


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)


def _start(text: str, match: int) -> int:
    """Return the start of the sentence around a match, or of a clause where that is far."""
    begin = max(match - _BACK, 0)
    ends = [0] if begin == 0 else []
    ends += (found.end() for found in _END.finditer(text, begin, match) if found.end() <= match)
    if not ends:
        ends = [found.end() for found in _PAUSE.finditer(text, begin, match)][:1]
    start = ends[-1] if ends else begin
    while start < match and text[start].isspace():
        start += 1
    return start


def _stop(text: str, start: int, least: int) -> int:
    """Return where a snippet ends: with a sentence if one ends near its width."""
    limit = min(max(start + WIDTH, least), len(text))
    stop = limit
    for found in _END.finditer(text, max(least, start + WIDTH // 2), limit):
        stop = found.end()
    stop = min(stop, limit)
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    return stop
