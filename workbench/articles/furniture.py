"""Site furniture: the lines of a page, and the ends of its lines, that a rule names."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from workbench.articles.lines import (
    HEAD_LINES,
    REACH,
    TAIL_LINES,
    Line,
    head_lines,
    lines,
    tail_lines,
)
from workbench.articles.model import Removal, Span
from workbench.articles.rules import Rule, Zone, is_sentence, zone
from workbench.articles.script import fold
from workbench.i18n import _

# So many lines that are no furniture, and so many of them with sentences, are head and tail.
_HEAD = (HEAD_LINES, 4)
_TAIL = (TAIL_LINES, 6)
_LINK_LENGTH = 80
_BULLET = re.compile(r"[▪•·●■◆▶►➤★☆>»👉-]\s?\S|\d{1,2}[.、]\s?\S")
_SENTENCE_END = re.compile(r"[。!?…][”’」』)\]】〕\"]*|[”」』]|[)\]】〕](?=[(\[【〔])")
_SPEAKER = re.compile(r"[\u4e00-\u9fff]{1,6}\s?:")
_KNOWN = 4096
_END_REACH = 240
_END_LINES = 3


def find_furniture(
    text: str, stretches: Sequence[Span], folded: str | None = None
) -> Iterator[Removal]:
    """Find the furniture of a page in the given stretches of its text, in no particular order.

    The stretches leave out what is known not to be article, such as a second copy: the end of the
    first copy then is looked at as the end of a page is.
    """
    folded = fold(text) if folded is None else folded
    head = head_lines(text, stretches, folded)
    tail = head if len(text) <= REACH else tail_lines(text, stretches, folded)
    title = _title(head)
    named: dict[int, tuple[Line, Rule]] = {}
    _scan(head, zone("head", "edge", "anywhere"), _HEAD, title, named)
    _scan(tail[::-1], zone("tail", "edge", "anywhere"), _TAIL, title, named)
    _headings(tail, named)
    _inside(head if tail is head else _all(text, stretches, folded), named)
    _drop_content([*head, *tail], named)
    reasons = {rule.reason: _(rule.reason) for _line, rule in named.values()}
    for line, rule in named.values():
        yield Removal(line.start, line.end, rule.name, reasons[rule.reason])
    for heading, rule in list(named.values()):
        if rule.list:
            yield from _links(rule, heading, tail, named)
    yield from _start(text, stretches)
    yield from _ends(text, folded, [line for line in tail if line.start not in named])


def _title(head: Sequence[Line]) -> str:
    return head[0].folded if head else ""


def _scan(
    found: Sequence[Line],
    rules: Zone,
    most: tuple[int, int],
    title: str,
    named: dict[int, tuple[Line, Rule]],
) -> None:
    """Name the furniture among the first lines; furniture does not count among them."""
    left, sentences = most
    for line in found:
        rule = rules.match(line.folded, line.length)
        if rule and rule.repeats_title and not _repeats(rule, line, title):
            rule = None
        if rule and rule.where == "head" and sentences < most[1]:
            rule = None
        if rule:
            named.setdefault(line.start, (line, rule))
        elif line.start not in named:
            left -= 1
            sentences -= is_sentence(line.folded)
            if left <= 0 or sentences <= 0:
                return


def _repeats(rule: Rule, line: Line, title: str) -> bool:
    found = rule.pattern.fullmatch(line.folded)
    return bool(found and found.group("title").strip() == title and line.folded != title)


def _headings(tail: Sequence[Line], named: dict[int, tuple[Line, Rule]]) -> None:
    """Name the headings of lists of links that run on to the end, however long they are."""
    rules = zone("tail")
    for place in range(len(tail) - 1, -1, -1):
        line = tail[place]
        if line.start in named:
            continue
        rule = rules.match(line.folded, line.length)
        if rule and rule.list:
            named[line.start] = (line, rule)
        elif not _is_link(line):
            return


def _inside(found: Iterable[Line], named: dict[int, tuple[Line, Rule]]) -> None:
    rules = zone("anywhere")
    known: dict[str, Rule | None] = {}
    for line in found:
        if line.length <= rules.longest and line.start not in named:
            if line.folded not in known:
                # Long texts of short lines say the same ones over and over.
                if len(known) >= _KNOWN:
                    known.clear()
                known[line.folded] = rules.match(line.folded, line.length)
            rule = known[line.folded]
            if rule:
                named[line.start] = (line, rule)


def _all(text: str, stretches: Iterable[Span], folded: str) -> Iterator[Line]:
    for stretch in stretches:
        yield from lines(text, stretch.start, stretch.end, folded)


def _drop_content(found: Sequence[Line], named: dict[int, tuple[Line, Rule]]) -> None:
    """Take back what a rule names too often, or not often enough in a row, to be furniture."""
    unique = {line.start: line for line in found}
    limited = {rule.name: rule for _line, rule in named.values() if rule.at_most is not None}
    often = {
        name
        for name, rule in limited.items()
        if sum(_could_be(rule, line) for line in unique.values()) > (rule.at_most or 0)
    }
    spoken = Counter(
        said.group() for line in unique.values() if (said := _SPEAKER.match(line.folded))
    )
    for line in unique.values():
        said = _SPEAKER.match(line.folded) if line.start in named else None
        most = named[line.start][1].spoken if said else None
        if said and most is not None and spoken[said.group()] > most:
            del named[line.start]
    runs: list[list[int]] = [[]]
    for line in unique.values():
        if line.start in named and named[line.start][1].run > 1:
            runs[-1].append(line.start)
        else:
            runs.append([])
    for run in runs:
        if run and len(run) < named[run[0]][1].run:
            for start in run:
                del named[start]
    for start in [start for start, (_line, rule) in named.items() if rule.name in often]:
        del named[start]


def _could_be(rule: Rule, line: Line) -> bool:
    return line.length <= rule.longest and rule.matches(line.folded) is not None


def _links(
    rule: Rule, heading: Line, tail: Sequence[Line], named: dict[int, tuple[Line, Rule]]
) -> Iterator[Removal]:
    """Find the links after a heading: all up to the end if none is a sentence, else a list's."""
    after = [line for line in tail if line.start > heading.start]
    to_the_end = all(line.start in named or _is_link(line) for line in after)
    for line in after:
        if line.start in named:
            continue
        if not to_the_end and not (_is_link(line) and _BULLET.match(line.folded)):
            return
        yield Removal(line.start, line.end, rule.name, _(rule.reason))


def _is_link(line: Line) -> bool:
    return (
        line.length <= _LINK_LENGTH
        and "。" not in line.folded
        and not line.folded.endswith((",", "、", ";", "”"))
    )


def _start(text: str, stretches: Sequence[Span]) -> Iterator[Removal]:
    """Find what stands before the first words of a text, on the same line."""
    if not stretches:
        return
    first = next(lines(text, stretches[0].start, stretches[0].end), None)
    if first is None:
        return
    for rule in zone("start").rules:
        found = rule.pattern.match(first.folded)
        if found and found.end():
            yield Removal(first.start, first.start + found.end(), rule.name, _(rule.reason))
            return


def _ends(text: str, folded: str, tail: Sequence[Line]) -> Iterator[Removal]:
    """Find credits and buttons after the last sentence of a line.

    Brackets at the end of every line of the tail, the rest at the end of its last ones.
    """
    rules = zone("end")
    for place, line in enumerate(reversed(tail[-TAIL_LINES:])):
        start = max(line.start, line.end - _END_REACH)
        if place >= _END_LINES and text[line.end - 1] not in ")]】〕）］":
            continue
        end = folded[start : line.end]
        for mark in _SENTENCE_END.finditer(end):
            rest = end[mark.end() :]
            skipped = len(rest) - len(rest.lstrip())
            rest = rest[skipped:]
            if not rest or (place >= _END_LINES and rest[0] not in "([【〔"):
                continue
            if (rule := rules.match(rest, len(rest))) is not None:
                begin = start + mark.end() + skipped
                yield Removal(begin, line.end, rule.name, _(rule.reason))
                break
