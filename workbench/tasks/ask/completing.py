"""Making an answer say as much as the text does there, and no more than was asked.

A small model drops what qualifies a figure (约13公尺 becomes 13公尺), stops after the first of two
names (甲或乙), gives one figure where several were asked for, or says the question again before or
behind the answer. Each is told by the words around the span, so it is mended by rule.
"""

import re

from workbench.retrieval.question import Question
from workbench.tasks.ask.extraction import Located
from workbench.tasks.ask.kinds import Kind
from workbench.tasks.ask.trimming import trimmed

_HEDGE = re.compile(
    r"(?:大约|大概|大致|约为|约|接近|将近|几乎|近|超过|逾|高达|多达|至少|最少|至多|最多|不到|不足|少于|多于|低于|高于)\s*$"
)
_ROUNDED = re.compile(r"\s*(?:左右|上下|以上|以下|以内|之多|不等)")
_FIGURE_AHEAD = re.compile(r"^(?:[$￥¥€£]|[\d〇零一二三四五六七八九十百千万亿两半])")
_FIGURE_BEHIND = re.compile(r"[\d〇零一二三四五六七八九十百千万亿两%％℃°\u4e00-\u9fff]$")
_FIGURE = re.compile(r"\d[\d,.]*%?|[〇零一二三四五六七八九十百千万亿两]{2,}")
_OTHER_NAME = re.compile(
    r"(?:[（(][^（）()。；\n]{1,40}[）)])?(?:或者?|和|及|与|以及|、)(?P<other>[^，。；！？,;!?\n、（(]{1,10})(?:[（(][^（）()。；\n]{1,40}[）)])?(?=[，。；！？,;!?\n]|$)"
)
_NAMED = re.compile(r"(?:被?称之?[为作]|叫[做作]?|名[为叫])(?P<rest>[^，。；]{1,30})$")
_NAMED_BY = re.compile(r"[，,]?(?:就?是?被?称之?[为作]|就?叫[做作]?|即[为是]?)[^，。；]{1,30}$")
_ASKS_NAME = re.compile(
    r"(?:被?称[为作之]+|叫[做作]?|名[为叫]|又名|别名|俗称)(?:什么|甚么|何)(?:名字?)?[？?。]?$"
)
_ASKS_SEVERAL = re.compile(r"分别|各(?:自|是|为|有)|依次")
_ASKS_YEAR = re.compile(r"[何哪][一]?年(?!代)(?!.{0,3}[何哪几][一]?月)|什么年份|年份")
_DATE = re.compile(
    r"^(?P<year>(?:公元前?|前)?[\d〇零一二三四五六七八九]{1,4}年)[\d一二三四五六七八九十]{1,3}月"
)
_BEFORE_NAME = re.compile(r"^.*?(?:称之?[为作]|叫[做作]?|即[为是]?)")


def completed(located: Located, question: Question, kind: Kind) -> Located:
    """Return an answer that was found in the text, with what belongs to it and without the rest."""
    asked = question.text
    found = _named(located, asked, kind)
    if _ASKS_YEAR.search(asked):
        found = _year(found)
    if _ASKS_SEVERAL.search(asked):
        found = _all_of_them(found)
    if not kind.descriptive and not kind.time and not kind.quantity:
        found = _other_name(found, asked)
    start, end = trimmed(found.text, asked, kind)
    return _qualified(_part(found, found.start + start, found.start + end))


def _part(located: Located, start: int, end: int) -> Located:
    return Located(located.passage, start, end, located.cover)


def _qualified(located: Located) -> Located:
    """Widen a figure by what says that it is about so much, at least or at most."""
    text, start, end = located.passage.simplified, located.start, located.end
    if not _FIGURE_AHEAD.match(located.text):
        return located
    if before := _HEDGE.search(text[max(0, start - 6) : start]):
        start -= len(before.group())
    if _FIGURE_BEHIND.search(located.text) and (after := _ROUNDED.match(text[end : end + 4])):
        end += after.end()
    return _part(located, start, end)


def _other_name(located: Located, asked: str) -> Located:
    """Widen one of several names, joined by 或, 和 or 、, up to the end of their clause.

    What follows with 的 or 之 belongs to something else, and a name of the question was not asked.
    """
    text, end = located.passage.simplified, located.end
    if located.text in asked or any(mark in located.text for mark in "，。；"):
        return located
    more = _OTHER_NAME.match(text, end)
    if more is None or re.search("[的之]", more["other"]) or _shares_run(more["other"], asked):
        return located
    return _part(located, located.start, more.end())


def _shares_run(text: str, asked: str) -> bool:
    return any(text[at : at + 2] in asked for at in range(len(text) - 1))


def _named(located: Located, asked: str, kind: Kind) -> Located:
    """Cut 甲叫做乙 to the side that was asked for: the name, or what bears it."""
    text = located.text
    if _ASKS_NAME.search(asked) and (named := _NAMED.search(text)):
        return _part(located, located.start + named.start("rest"), located.end)
    if kind.definition and (named := _NAMED_BY.search(text)):
        name = _BEFORE_NAME.sub("", named.group()).strip("“”「」『』 ")
        if name and name in asked and named.start() > len(name):
            return _part(located, located.start, located.start + named.start())
    return located


def _year(located: Located) -> Located:
    """Cut a date to its year, where only that was asked for."""
    date = _DATE.match(located.text)
    return _part(located, located.start, located.start + date.end("year")) if date else located


def _all_of_them(located: Located) -> Located:
    """Widen one figure to its sentence, where several were asked for and it has more."""
    start, end = _sentence(located)
    whole = located.passage.simplified[start:end]
    if len(_FIGURE.findall(located.text)) > 1 or len(_FIGURE.findall(whole)) < 3:
        return located
    return _part(located, start, end)


def _sentence(located: Located) -> tuple[int, int]:
    passage = located.passage
    original, _end = passage.original(located.start, located.end)
    start, end = passage.place_of(passage.sentence_at(original))
    return min(start, located.start), max(end, located.end)
