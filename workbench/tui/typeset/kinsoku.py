"""Where a line of Chinese must not break.

The rules are those of GB/T 15834-2011 (5.1: which marks may not begin or end a line, that —— and
…… are not torn) and of W3C's *Requirements for Chinese Text Layout*, "Line composition":
a number stays with its sign and its unit, a word of another script stays whole.
"""

import re
from functools import cache

NO_START = frozenset(
    "，。、；：！？）」』”’》】〉〕］｝〗〙〛﹂﹄…⋯‥～·・‧々％‰℃℉°′″"
    ",.;:!?)]}%｡､｣｠»›〞︰﹐﹑﹒﹔﹕﹖﹗"
)
"""What may not begin a line."""
NO_END = frozenset("（「『“‘《【〈〔［｛〖〘〚﹁﹃([{｢｟«‹〝$￥¥€£＄#＃")
"""What may not end a line."""

MARK, ATOM, CLUSTER = 1, 2, 4
"""Why a line must not break: a mark would stand wrongly, a whole torn, a character taken apart."""

_WORD = r"[^\W_\u1100-\U0010ffff]"
_SPACES = r"[^\S\r\n]*"
_CLOSING = re.compile(rf"{_SPACES}[{re.escape(''.join(sorted(NO_START)))}]")
_OPENING = re.compile(rf"[{re.escape(''.join(sorted(NO_END)))}]{_SPACES}")
_UNITS = (
    r"(?:(?<=[0-9０-９])[ \u00a0]?(?:[%％‰°℃℉]|[十百千万萬亿億兆]{0,3}"
    r"(?:平方公里|平方千米|平方米|立方米|公里|千米|毫米|厘米|公斤|千克|公顷|公頃|公噸|公吨|"
    r"美元|欧元|歐元|日元|港元|人次|小时|小時|分钟|分鐘|"
    r"[年月日号號时時点點分秒天周岁歲个個名位人户戶家所座条條张張辆輛只隻次倍届屆章节節元角米吨噸克亩畝度页頁本件台臺層层里步项項])?))?"
)


@cache
def _atoms() -> re.Pattern[str]:
    """Compile what is not torn, when it is first needed: it takes 30 ms of the app's start."""
    return re.compile(
        rf"(?:[-+−±]?{_WORD}+(?:[-'’._:/@&+#=?~,]{_WORD}+)*|[０-９]+(?:[．，][０-９]+)*){_UNITS}"
        r"|—{2,}|―{2,}|─{2,}|…{2,}|⋯{2,}|‥{2,}"
    )


def forbidden(text: str, widths: list[int], prefix: list[int], room: int) -> bytearray:
    """Return for each place of a text why no line should end before it, 0 where one may.

    ``prefix`` sums the ``widths``; a word of more than ``room`` cells fits no line and may be torn.
    """
    found = bytearray(len(text) + 1)
    for mark in _CLOSING.finditer(text):
        for place in range(mark.start(), mark.end()):
            found[place] |= MARK
    for mark in _OPENING.finditer(text):
        for place in range(mark.start() + 1, mark.end() + 1):
            found[place] |= MARK
    for atom in _atoms().finditer(text):
        start, end = atom.span()
        if end - start > 1 and prefix[end] - prefix[start] <= room:
            for place in range(start + 1, end):
                found[place] |= ATOM
    if 0 in widths:
        for place, width in enumerate(widths):
            if not width:
                found[place] |= CLUSTER
    return found
