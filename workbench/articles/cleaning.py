"""What of a text is not article: site furniture, second copies, invisible characters."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from workbench.articles.duplicates import find_copies
from workbench.articles.model import Removal, Span
from workbench.articles.passages import kept_stretches
from workbench.articles.rules import Rule, rules
from workbench.articles.script import ZERO_WIDTH, fold
from workbench.articles.sentences import LINE
from workbench.i18n import _

HEAD_LINES = 12
TAIL_LINES = 40
_TAIL_CHARACTERS = 12_000
_LINK_LENGTH = 60
_BREAK = re.compile(r"[\r\n\x0b\x0c\x85\u2028\u2029]")
_BRACKETED_END = re.compile(r"[(\[【][^()\[\]【】\n。]{2,100}[)\]】]\s*$")
# Inside a sentence they stay, or the sentence would be torn; to_simplified drops them there.
_ZERO_WIDTH = re.compile(
    rf"(?:^|(?<=[\s。！？；…”」』）]))[{ZERO_WIDTH}]+|[{ZERO_WIDTH}]+(?=\s|$)", re.MULTILINE
)
_ENDS = "。！？!?；;…"


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank, without the whitespace around it, folded for matching."""

    start: int
    end: int
    folded: str


def find_removals(text: str) -> tuple[Removal, ...]:
    """Find what is not article in a text, in order and without overlap.

    The rules of ``cleaning_rules.toml`` match whole lines near the beginning and the end; a second
    copy of the whole article goes, and so do invisible characters outside sentences. Where this
    would leave nothing to read, nothing is removed.
    """
    removals = _without_overlap(
        [
            *(
                Removal(copy.start, copy.end, "repeated-article", _("the article once more"))
                for copy in find_copies(text)
            ),
            *_furniture(text),
            *_invisible(text),
        ]
    )
    left = (text[span.start : span.end] for span in kept_stretches(text, removals))
    return removals if any(map(_is_readable, left)) else ()


def _is_readable(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _invisible(text: str) -> Iterator[Removal]:
    for found in _ZERO_WIDTH.finditer(text):
        yield Removal(found.start(), found.end(), "invisible", _("characters without a shape"))


def edges(text: str) -> tuple[list[Line], list[Line]]:
    """Return the first HEAD_LINES and the last TAIL_LINES lines that are not blank."""
    head: list[Line] = []
    for found in LINE.finditer(text):
        if (line := _line(text, found)) is not None:
            head.append(line)
        if len(head) == HEAD_LINES:
            break
    start = max(len(text) - _TAIL_CHARACTERS, 0)
    while start and text[start - 1] not in "\r\n":
        start += 1
        if start >= len(text):
            break
    tail = [line for found in LINE.finditer(text, start) if (line := _line(text, found))]
    return head, tail[-TAIL_LINES:]


def _line(text: str, found: re.Match[str]) -> Line | None:
    start, end = found.span()
    # Whitespace only at its ends, looked for without copying a line of megabytes.
    while start < end and (text[start].isspace() or text[start] in ZERO_WIDTH):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ZERO_WIDTH):
        end -= 1
    return Line(start, end, fold(text[start : min(end, start + 800)])) if start < end else None


def _furniture(text: str) -> Iterator[Removal]:
    head, tail = edges(text)
    folded = fold(text)
    title = head[0].folded if head else ""
    zones = {
        "head": head,
        "tail": tail,
        "edge": [*head, *(line for line in tail if not head or line.start > head[-1].start)],
    }
    for rule in rules():
        lines: Iterable[Line] = (
            zones[rule.where] if rule.where in zones else _lines_holding(text, folded, rule)
        )
        matching = [line for line in lines if _matches(rule, line, title)]
        if rule.at_most is not None and len(matching) > rule.at_most:
            continue
        for line in matching:
            yield Removal(line.start, line.end, rule.name, _(rule.reason))
        if rule.at_end:
            yield from _bracketed_ends(rule, tail)
        if rule.list and matching:
            yield from _link_list(rule, matching, tail)


def _lines_holding(text: str, folded: str, rule: Rule) -> Iterator[Line]:
    """Find the lines that hold a rule's word and are short enough for it, wherever they stand."""
    longest = rule.longest + 20
    position = 0
    for word in re.finditer(rule.word, folded):
        if word.start() < position:
            continue
        start = max(word.start() - longest, position)
        breaks = [found.end() for found in _BREAK.finditer(text, start, word.start())]
        begin = breaks[-1] if breaks else start
        following = _BREAK.search(text, word.end())
        end = following.start() if following else len(text)
        # Past this line, so that the search always starts where a line does.
        whole = breaks or start == position
        position = end
        found = LINE.match(text, begin, end) if whole and end - begin <= longest else None
        if found and (line := _line(text, found)):
            yield line


def _matches(rule: Rule, line: Line, title: str) -> bool:
    if line.end - line.start > rule.longest:
        return False
    if not rule.sentences and ("。" in line.folded or line.folded.endswith(tuple(",、;"))):
        return False
    found = rule.pattern.fullmatch(line.folded)
    if not found:
        return False
    return not rule.repeats_title or found.group("title").strip() == title


def _bracketed_ends(rule: Rule, tail: Sequence[Line]) -> Iterator[Removal]:
    """Find credits in brackets after the last sentence of a paragraph."""
    for line in tail:
        size = line.end - line.start
        if size > len(line.folded) or not (found := _BRACKETED_END.search(line.folded)):
            continue
        before = line.folded[: found.start()].rstrip()
        ends = before.endswith(tuple("。！？!?…”」』"))
        if ends and rule.pattern.fullmatch(found.group().strip()):
            yield Removal(line.start + found.start(), line.end, rule.name, _(rule.reason))


def _link_list(rule: Rule, headings: Sequence[Line], tail: Sequence[Line]) -> Iterator[Removal]:
    """Find the lines after a heading of links: all up to the end, if none is a sentence."""
    for heading in headings:
        after = [line for line in tail if line.start > heading.start]
        if after and all(_is_link(line) for line in after):
            for line in after:
                yield Removal(line.start, line.end, rule.name, _(rule.reason))
            return


def _is_link(line: Line) -> bool:
    if line.end - line.start <= _LINK_LENGTH:
        return "。" not in line.folded and not line.folded.endswith(("”", "；", ";"))
    return any(
        rule.pattern.fullmatch(line.folded)
        for rule in rules()
        if rule.where != "head" and line.end - line.start <= rule.longest
    )


def _without_overlap(removals: Iterable[Removal]) -> tuple[Removal, ...]:
    """Put removals in order; of two that overlap, the earlier and longer one keeps its place."""
    kept: list[Removal] = []
    for removal in sorted(removals, key=lambda one: (one.start, -one.end)):
        end = kept[-1].end if kept else 0
        if removal.start >= end:
            kept.append(removal)
        elif removal.end > end:
            kept.append(Removal(end, removal.end, removal.rule, removal.reason))
    return tuple(kept)


def merged(first: Sequence[Removal], second: Sequence[Removal]) -> tuple[Removal, ...]:
    """Return two lists of removals as one, in order and without overlap."""
    return _without_overlap([*first, *second])


def kept_text(text: str, removals: Sequence[Removal]) -> str:
    """Return what is left of a text, its stretches joined by line breaks."""
    spans: list[Span] = list(kept_stretches(text, removals))
    return "\n".join(text[span.start : span.end] for span in spans)
