"""Snapping what a model wrote to the span of the text that says it.

What is said again of the question is stripped from both ends; what is left is looked up among the
passages, letter by letter. Where it is not there as written, the longest runs it shares with one
sentence are taken, those that the question holds too left out: so "林则徐是清朝人。" to "哪朝人？"
comes down to 清朝.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher

from workbench.grounding.numerals import NUMERAL_CHARACTERS, number_value
from workbench.retrieval.question import Question
from workbench.retrieval.terms import terms
from workbench.tasks.ask.kinds import Kind
from workbench.tasks.ask.plain import PlainPassage, letters

_LEAD = re.compile(
    r"^(?:(?:根据|按照|依据)?(?:上面的|这篇)?(?:文章|原文|文中|本文)(?:中|里)?(?:的内容|提到|所述|指出)?[，,：:]?"
    r"|(?:正确)?答案(?:是|为)?[：:]?|答[：:])+"
)
_LINK = re.compile(
    r"^(?:的?(?:时间|日期|年份|地点|名字|名称|原因|数量|价格|人数)?(?:就是|即为|称为|叫做|位于|[是为系即叫在于由])"
    rf"|有(?=[\d{NUMERAL_CHARACTERS}]))+"
)
_CALLED = re.compile(r"[叫称]$")
_ENDS_LINKED = re.compile(r"[是为由]$")
_EDGES = " \t，。、；：！？,.;:!?“”\"'‘’「」『』[]【】"
_PAIRS = {"《": "》", "“": "”", "「": "」", "『": "』", "（": "）", "(": ")", "〈": "〉", "‘": "’"}
_CLOSING = "》”」』"
_AFTER_FIGURE = ("%", "％", "‰", "℃", "°")
_BEFORE_FIGURE = ("$", "￥", "¥", "€", "£")
_NUMERAL = re.compile(rf"[\d,.{NUMERAL_CHARACTERS}]+")
_MEASURE = re.compile(
    r"个[多半]?(?:月|小时|钟头|星期|礼拜|学期|季度|世纪|百分点|工作日)|年级|年代|月份|小时|分钟|公里|[^\W\d]"
)
_LEAST_ECHO = 2
_LONG_ECHO = 4
_MOST_ECHOES = 3
_LEAST_LEFT = 2
_LEAST_RUN = 2
_LEAST_COVER = 0.55


@dataclass(frozen=True, slots=True)
class Located:
    """A span of a passage's Simplified text, and how much of what was written it holds (0 to 1)."""

    passage: PlainPassage
    start: int
    end: int
    cover: float

    @property
    def text(self) -> str:
        """Return the Simplified text of the span."""
        return self.passage.simplified[self.start : self.end]


def locate(
    written: str, question: Question, kind: Kind, passages: Sequence[PlainPassage]
) -> Located | None:
    """Return the span of the passages that says what was written; None where none does."""
    said = _LEAD.sub("", written).strip(_EDGES)
    if not said:
        return None
    short = said if kind.descriptive else without_echo(said, question)
    for text in dict.fromkeys((short, said)):
        if found := _exact(text, question, passages):
            return found
    if found := _number(short, question, passages):
        return found
    return _shared(said, question, kind, passages)


def defined(
    located: Located, question: Question, kind: Kind, passages: Sequence[PlainPassage]
) -> Located:
    """Widen an answer that only names what is to be explained to the sentence that explains it."""
    named = letters(located.text)
    if not kind.definition or named not in letters(question.text):
        return located
    for passage in passages:
        for sentence in passage.sentences:
            start, end = passage.place_of(sentence)
            said = letters(passage.simplified[start:end])
            if said.startswith(named) and len(said) > 2 * len(named):
                return Located(passage, start, end, located.cover)
    start, end = located.passage.place_of(
        located.passage.sentence_at(located.passage.original(located.start, located.end)[0])
    )
    return Located(located.passage, start, end, located.cover)


def without_echo(said: str, question: Question) -> str:
    """Strip what the question said already from both ends of an answer; never all of it.

    A short answer may well share a word with the question, as 商业小说 does with 哪一类小说: only
    what is said again at length goes, or what leads over to the answer with 是 and the like.
    """
    asked = letters(question.text)
    for _time in range(_MOST_ECHOES):
        ahead = _echo(said, asked, ahead=True)
        if _CALLED.search(said[:ahead]) and said[ahead : ahead + 1] in ("做", "作", "为"):
            ahead += 1
        rest = said[ahead:].lstrip(_EDGES)
        link = _LINK.match(rest)
        linked = link is not None and len(letters(rest[link.end() :])) >= _LEAST_LEFT
        leads = linked or _ENDS_LINKED.search(letters(said[:ahead])) is not None
        if not ahead or not (leads or len(letters(said[:ahead])) >= _LONG_ECHO):
            break
        stripped = rest[link.end() :] if link is not None and linked else rest
        if not _is_left(stripped, said, len(said) - len(rest)):
            break
        said = stripped
    behind = _echo(said, asked, ahead=False)
    tail = said[len(said) - behind :]
    apart = tail.startswith("的") or (tail[:1] in _CLOSING if tail else False)
    if behind and (apart or len(letters(tail)) >= _LONG_ECHO - 1):
        stripped = said[: len(said) - behind].rstrip(_EDGES)
        # 128 of 128个摊位 lacks its unit.
        if _is_left(stripped, said, len(said) - behind) and not _NUMERAL.fullmatch(stripped[-1]):
            said = stripped
    return said.strip(_EDGES)


def _is_left(stripped: str, said: str, cut: int) -> bool:
    """Tell whether enough is left, and the cut goes through no name written with a middle dot."""
    through_name = "·" in said[max(0, cut - 1) : cut + 1]
    return len(letters(stripped)) >= _LEAST_LEFT and not through_name


def _echo(text: str, asked: str, *, ahead: bool) -> int:
    """Return how many characters at one end of a text the question holds as one run."""
    best = 0
    for size in range(1, len(text)):
        run = letters(text[:size] if ahead else text[-size:])
        if len(run) >= _LEAST_ECHO and run not in asked:
            break
        if len(run) >= _LEAST_ECHO:
            best = size
    # A run that ends inside a word of letters or digits says less than the word.
    return 0 if best and _cuts_word(text, best if ahead else len(text) - best) else best


def _cuts_word(text: str, place: int) -> bool:
    around = text[max(0, place - 1) : place + 1]
    return len(around) == 2 and around.isascii() and around.isalnum()


def _exact(said: str, question: Question, passages: Sequence[PlainPassage]) -> Located | None:
    """Return the occurrence of a text that stands among most of what is asked about."""
    wanted = letters(said)
    found: list[tuple[float, int, Located]] = []
    for order, passage in enumerate(passages):
        for place in _occurrences(wanted, passage.letters):
            start = passage.places[place]
            end = passage.places[place + len(wanted) - 1] + 1
            if _cuts_word(passage.simplified, start) or _cuts_word(passage.simplified, end):
                continue
            near = passage.simplified[max(0, start - 60) : end + 60]
            share = question.share_in(frozenset(terms(near)))
            found.append((-share, order, _whole(Located(passage, start, end, 1.0))))
    return min(found, key=lambda one: one[:2])[2] if found else None


def _occurrences(wanted: str, text: str) -> Iterator[int]:
    place = text.find(wanted) if wanted else -1
    while place >= 0:
        yield place
        place = text.find(wanted, place + 1)


def _number(said: str, question: Question, passages: Sequence[PlainPassage]) -> Located | None:
    """Return the number of the passages that has the value of one that was written otherwise."""
    numeral = _NUMERAL.match(said)
    value = number_value(numeral.group().rstrip(",.")) if numeral else None
    if numeral is None or value is None or len(letters(said[numeral.end() :])) > 2:
        return None
    found: list[tuple[float, int, Located]] = []
    for order, passage in enumerate(passages):
        for match in _NUMERAL.finditer(passage.simplified):
            if number_value(match.group().strip(",.")) != value:
                continue
            near = passage.simplified[max(0, match.start() - 40) : match.end() + 40]
            share = question.share_in(frozenset(terms(near)))
            end = match.end()
            unit = letters(said[numeral.end() :])
            # Two years written, two months there: what the text counts is what counts.
            if measure := _MEASURE.match(passage.simplified, end):
                same = passage.simplified.startswith(unit, end)
                end = max(measure.end(), end + len(unit) * same)
            found.append((-share, order, Located(passage, match.start(), end, 1.0)))
    return min(found, key=lambda one: one[:2])[2] if found else None


def _shared(
    said: str, question: Question, kind: Kind, passages: Sequence[PlainPassage]
) -> Located | None:
    """Return the stretch of a sentence that shares most new letters with what was written."""
    wanted = letters(said)
    asked = letters(question.text)
    best: tuple[float, int, Located] | None = None
    for order, passage in enumerate(passages):
        matcher = SequenceMatcher(None, wanted, passage.letters, autojunk=False)
        blocks = [
            block
            for block in matcher.get_matching_blocks()
            if block.size >= _LEAST_RUN
            and not _cuts_figure(passage, block)
            and (kind.descriptive or wanted[block.a : block.a + block.size] not in asked)
        ]
        for run in _tight(blocks):
            first, last = run[0], run[-1]
            start = passage.places[first.b]
            end = passage.places[last.b + last.size - 1] + 1
            size = sum(block.size for block in run)
            new = _new_letters(wanted, asked) if not kind.descriptive else len(wanted)
            located = _whole(Located(passage, start, end, min(1.0, size / max(1, new))))
            if best is None or (size, -order) > (best[0], -best[1]):
                best = (size, order, located)
    if best is None or best[2].cover < _LEAST_COVER:
        return None
    return best[2]


def _cuts_figure(passage: PlainPassage, block: Match) -> bool:
    """Tell whether a block begins or ends inside a figure or a Latin word of the passage."""
    start = passage.places[block.b]
    end = passage.places[block.b + block.size - 1] + 1
    return _cuts_word(passage.simplified, start) or _cuts_word(passage.simplified, end)


def _tight(blocks: Sequence[Match]) -> Iterator[list[Match]]:
    """Yield every run of blocks whose gaps in the passage are smaller than what they share."""
    for first in range(len(blocks)):
        run: list[Match] = []
        for block in blocks[first:]:
            size = sum(one.size for one in run) + block.size
            reach = block.b + block.size - (run[0].b if run else block.b)
            if run and reach > 1.5 * size:
                break
            run.append(block)
        yield run


def _new_letters(wanted: str, asked: str) -> int:
    """Count the letters of an answer that are in no run of two with the question."""
    matcher = SequenceMatcher(None, wanted, asked, autojunk=False)
    return len(wanted) - sum(
        block.size for block in matcher.get_matching_blocks() if block.size >= _LEAST_ECHO
    )


def _whole(located: Located) -> Located:
    """Widen a span by the signs of a figure, as % after it, and by marks of which it holds one."""
    text = located.passage.simplified
    start, end = located.start, located.end
    if text[end - 1].isdigit() and text[end : end + 1] in _AFTER_FIGURE:
        end += len(text[end : end + 1])
    if text[start].isdigit() and text[start - 1 : start] in _BEFORE_FIGURE:
        start -= len(text[start - 1 : start])
    for opening, closing in _PAIRS.items():
        inside = text[start:end]
        opened, closed = inside.count(opening), inside.count(closing)
        if closed > opened and text[start - 1 : start] == opening:
            start -= 1
        elif opened > closed and text[end : end + 1] == closing:
            end += 1
        elif (
            opening == "《"
            and text[start - 1 : start] == opening
            and text[end : end + 1] == closing
        ):
            start, end = start - 1, end + 1
    return Located(located.passage, start, end, located.cover)
