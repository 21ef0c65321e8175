"""Finding ranks in Simplified Chinese text: 排名第五, 第3名, 居首位, 获亚军.

第三次 or 第15届 count a series and are numbers; a rank says how something compares with others.
"""

import re
from collections.abc import Iterator

from workbench.grounding.numerals import NUMERAL_CHARACTERS, number_value

Found = tuple[int, int, int]

_PLACED = (
    "排名|排行|排位|排在|排到|位居|位列|位于|名列|居于|稳居|跃居|高居|跃升|升至|升到|跌至|降至|降到|"
    "列|居|获得?|夺得?|拿下|摘得|得分|总分|成绩|倒数|并列|世界|全国|全球|全省|全市|全网|亚洲|国内|行业"
)
_NUMERAL = rf"(?:\d{{1,4}}(?![\d.])|[{NUMERAL_CHARACTERS}]{{1,6}}+)"
_RANKED = re.compile(
    rf"(?:{_PLACED})[^，。；、,;\d第]{{0,4}}?(?P<rank>第(?P<value>{_NUMERAL})[名位]?)"
)
_NAMED = re.compile(
    rf"(?P<rank>第(?P<value>{_NUMERAL})(?:名|位(?![^，。；、,;的]{{0,2}}[人员家者])))"
)
_FIRST = re.compile(
    r"(?:居|列|占|排在?|跃升至?|升至|稳坐|登上|登顶)[^，。；、,;]{0,4}?(?P<rank>首位|榜首|头名)"
)
_MEDALS = re.compile("(?<![赛得夺获历届前])(?P<rank>冠军|亚军|季军)(?![联赛争奖组杯队])")
_MEDAL_RANKS = {"冠军": 1, "亚军": 2, "季军": 3}
_SERIES = re.compile("[次个届期季批轮年天日号条章节版代类种步集部场站章方人者产时大国]")
_WAYS = {
    1: "第一|第1(?!\\d)|冠军|夺冠|卫冕|榜首|首位|居首|为首|头名|金牌|夺魁|折桂|登顶|领跑|最",
    2: "第二|第2(?!\\d)|亚军|银牌|次席|仅次于|紧随其后",
    3: "第三|第3(?!\\d)|季军|铜牌",
}


def find_ranks(text: str) -> Iterator[Found]:
    """Yield start, end and rank of every rank of a narrowed text."""
    for pattern in (_RANKED, _NAMED):
        for match in pattern.finditer(text):
            value = number_value(match["value"])
            counted = match["rank"][-1] not in "名位" and _SERIES.match(text, match.end("rank"))
            if value is not None and value == int(value) > 0 and not counted:
                yield *match.span("rank"), int(value)
    for match in _FIRST.finditer(text):
        yield *match.span("rank"), 1
    for match in _MEDALS.finditer(text):
        yield *match.span("rank"), _MEDAL_RANKS[match["rank"]]


def says_rank(text: str, rank: int) -> bool:
    """Say whether a text gives one of the first three ranks in any of the usual words."""
    return rank in _WAYS and re.search(_WAYS[rank], text) is not None
