"""What is said in a text, and by whom: quotations, and the words that name a speaker after them."""

import re
from functools import cache

from workbench.articles.model import Span

REACH = 120
"""Sentences inside a quotation of at most so many characters stay together."""
AFTER_QUOTE = '”」』’〞﹂﹄"'
_FARTHEST_SPEECH = 240
"""No longer a sentence takes who said it along."""
_SHORT_SPEECH = 60
"""After a longer one, what follows “他说，” is a sentence of its own."""
_CLOSING = {
    "“": "”",
    "「": "」",
    "『": "』",
    "（": "）",
    "《": "》",
    "〝": "〞",
    "﹁": "﹂",
    "﹃": "﹄",
}
_OPENED_BY = {closing: opening for opening, closing in _CLOSING.items()} | {"’": "‘", '"': '"'}
_OPENING = re.compile(f"[{''.join(_CLOSING)}]")
_VERB = (
    "(?<![小传傳据據听聽学學])[说說]|(?<=[说說问問答喊叫笑叹嘆讲講写寫骂罵吼嚷喝哭怒忙又亦也他她])道"
    "|(?<![访訪学學顾顧慰疑])[问問]|(?<![名简簡职職])[称稱]|答|喊|叫|嚷|[叹嘆]|[坦直]言|表示|指出|[认認][为為]"
    "|[强強][调調]|介[绍紹]|解[释釋]|[补補]充|回[忆憶]|回[应應]|透露|告[诉訴][记記]者|感慨|呼[吁籲]"
    "|嘀咕|嘟囔"
)
_SAID_BY = re.compile(
    rf"[^\s，。！？；：、…,.!?;:“”「」『』‘’（）()《》]{{1,14}}?(?:{_VERB})"
    rf"(?:(?P<ends>[。！!]|\.(?!\d)|$)|[，,]|[：:](?=[“「『\"]))"
)
_INTRODUCED = re.compile(r"[：:]\s{0,2}\Z")


@cache
def _either(opening: str) -> re.Pattern[str]:
    return re.compile(f"[{opening}{_CLOSING[opening]}]")


def quotations(text: str, start: int, end: int) -> list[Span]:
    """Find the outermost quotations of a line that are short enough to keep whole.

    One that another of its kind opens inside closes after that; one that never closes is none.
    """
    found: list[Span] = []
    position = start
    while opening := _OPENING.search(text, position, end):
        stop = _closing(text, opening, min(opening.end() + REACH, end))
        position = opening.end() if stop is None else stop
        if stop is not None:
            found.append(Span(opening.start(), stop))
    return found


def _closing(text: str, opening: re.Match[str], limit: int) -> int | None:
    depth = 1
    for sign in _either(opening.group()).finditer(text, opening.end(), limit):
        depth += 1 if sign.group() == opening.group() else -1
        if not depth:
            return sign.end()
    return None


def is_said_by(text: str, line: int, begin: int, stop: int, end: int) -> bool:
    """Tell whether after speech that ends at ``stop`` comes who said it: “走吧。”他说，….

    ``line`` and ``begin`` are where the line and the sentence begin. Speech that a colon introduces
    has its speaker already.
    """
    if stop - begin > _FARTHEST_SPEECH or not (said := _SAID_BY.match(text, stop, end)):
        return False
    if said["ends"] is None and stop - begin > _SHORT_SPEECH:
        return False
    opening = text.rfind(_OPENED_BY[text[stop - 1]], line, stop - 1)
    return opening < 0 or not _INTRODUCED.search(text, max(opening - 3, line), opening)
