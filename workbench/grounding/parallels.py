"""Telling two articles of one form about two things: notices, quarterly reports, match reports.

Such articles share whole sentences in which one name stands for another: 汉钟精机…一季报显示 and
宏川智慧…一季报显示. Every figure in them differs, and none contradicts the other.
"""

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.grounding.statements import Reading

_HANZI = re.compile(r"[\u4e00-\u9fffA-Za-z]{2,}")
_ALIKE = 0.5
_LONGEST = 160
_TERM = 4
_COMES_AGAIN = 2


def swapped_names(one: "Reading", other: "Reading", pairs: list[tuple[int, int]]) -> bool:
    """Say whether sentences alike (``pairs`` of indices) name another subject in one place.

    A subject is a word that its article uses again and the other article never.
    """
    mine, theirs = "\n".join(one.plain), "\n".join(other.plain)
    for i, j in pairs:
        first, second = _masked(one, i), _masked(other, j)
        matcher = difflib.SequenceMatcher(None, first, second, autojunk=False)
        if matcher.ratio() < _ALIKE:
            continue
        for tag, a, b, c, d in matcher.get_opcodes():
            if tag != "replace":
                continue
            if _own(first[a:b], mine, theirs) and _own(second[c:d], theirs, mine):
                return True
    return False


def _own(stretch: str, article: str, other: str) -> bool:
    """Say whether a stretch holds a word that comes again in its article and not in the other."""
    for run in _HANZI.findall(stretch):
        words = {run[at : at + size] for size in (2, 3, _TERM) for at in range(len(run) - size + 1)}
        if any(word not in other and article.count(word) >= _COMES_AGAIN for word in words):
            return True
    return False


def _masked(reading: "Reading", index: int) -> str:
    text = list(reading.plain[index])
    for fact in reading.facts[index]:
        if fact.kind != "name":
            text[fact.start : fact.end] = " " * (fact.end - fact.start)
    return "".join(text)[:_LONGEST]
