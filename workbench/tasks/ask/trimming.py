"""Taking off an answer what the question says around the place where it asks.

To "以何名义攻打" the text says 以“为父亲报仇”的名义: asked for is what stands in the place of 何.
A span that holds the answer often reaches over it, for the model copies from where a clause begins.
"""

import re

from workbench.tasks.ask.kinds import Kind

_ASKS = re.compile(
    r"什么|甚么|哪一?[个种类些位家场本部条项所座名次届篇首支]?|何(?![时年月日处地人])|多少|几|谁"
)
_LEADS_UP = re.compile(r"(?:根据|按照|依据|通过|经由|由于|因为|为了|[因以在于由被从向对用靠据])$")
_LEAST_SAID = 2
_LEAST_LEFT, _MOST_LEFT = 2, 12
"""Characters of a name; what is longer is a clause, whose beginning and end belong to it."""
_CLAUSE = re.compile(r"[，；。]|^[为以在对从向被把将由]")
_CLASSIFIERS = "个名位家座所条项种次届篇首本部支艘辆架台间栋幢件张份"
_COUNTED = re.compile(
    rf"^[^{_CLASSIFIERS}]*[\d〇零一二三四五六七八九十百千万亿两]+(?=[{_CLASSIFIERS}])"
)
_MANY_WORDS, _MANY_WORDS_OF_A_RANK = 5, 3
_OPENING, _CLOSING = tuple("《“「『〈"), tuple("》”」』〉")
_PLACES = tuple("上中里内下时")
_AT_THAT_TIME = 8
"""Characters behind what is asked for within which 时 still says when."""


def trimmed(text: str, asked: str, kind: Kind) -> tuple[int, int]:
    """Return where in an answer (start and end) that begins and ends which the question asks for.

    ``text`` and ``asked`` are Simplified. What is a clause by its nature (why, how) stays whole.
    """
    whole = (0, len(text))
    place = _ASKS.search(asked)
    if place is None or kind.descriptive or kind.yes_no or kind.time:
        return whole
    before, after = asked[: place.start()], asked[place.end() :].strip("？?。 ")
    if kind.quantity:
        return 0, _counted(text, after)
    led = _LEADS_UP.search(before)
    start = _ahead(text, before, after, led)
    end = len(text) - _behind(text[start:], after, led)
    left = text[start:end]
    is_name = _LEAST_LEFT <= len(left) <= _MOST_LEFT and not _CLAUSE.search(left)
    return (start, end) if is_name else whole


def _ahead(text: str, before: str, after: str, led: re.Match[str] | None) -> int:
    """Return how many characters at the beginning the question has before what it asks for."""
    start = 0
    for size in range(min(len(text), len(before)) - 1, _LEAST_SAID - 1, -1):
        if before.endswith(text[:size]):
            start = size
            break
    if not start and led is not None and text.startswith(led.group()):
        start = led.end() - led.start()
    # 参加什么综艺节目: what kind of thing it is, before its title.
    for size in range(min(len(text) - start, len(after)), _LEAST_SAID - 1, -1):
        behind = start + size
        if after.startswith(text[start:behind]) and text[behind : behind + 1] in _OPENING:
            return behind
    return start


def _behind(text: str, after: str, led: re.Match[str] | None) -> int:
    """Return how many characters at the end the question has after what it asks for."""
    owner = text.rfind("的")
    whose = text[owner + 1 :]
    if led is not None and owner >= 0 and len(whose) >= _LEAST_SAID and after.startswith(whose):
        return len(text) - owner  # 以…的名义
    if text[-1:] in _PLACES and text[-2:-1] in _CLOSING:
        return 1
    says_when = text.endswith("时") and not text.endswith(("小时", "同时"))
    return 1 if says_when and "时" in after[:_AT_THAT_TIME] else 0


def _counted(text: str, after: str) -> int:
    """Return where a count ends: 16个邦分会组织 to 多少个邦分会组织 is 16个; 128个摊位 stays."""
    count = _COUNTED.match(text)
    if count is None:
        return len(text)
    rest = text[count.end() :]
    many = _MANY_WORDS_OF_A_RANK if text.startswith("第") else _MANY_WORDS
    return count.end() + 1 if len(rest) >= many and after.startswith(rest) else len(text)
