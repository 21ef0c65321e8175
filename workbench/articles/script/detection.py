"""Which script a text is in, by the characters that only one of them has."""

import re
from functools import cache

from workbench.articles.model import Script
from workbench.articles.script.characters import CharacterSet
from workbench.articles.script.dictionaries import telling

MIXED_SHARE = 0.15
"""A text is mixed when more than this share of its telling characters is of the other script.

Traditional pages converted by machine keep a percent or two of Simplified characters.
"""
_HANZI = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_KANA_HANGUL = re.compile(r"[\u3041-\u30ff\uac00-\ud7af]+")
_LETTERS = re.compile(r"[^\W\d_]+")


def detect(text: str) -> Script:
    """Say which script a text is in, by the characters that only one of them has.

    OTHER where Chinese characters are the lesser part; SIMPLIFIED where none of them tells.
    """
    hanzi = _count(_HANZI, text)
    if not hanzi or _is_foreign(text, hanzi):
        return Script.OTHER
    simplified, traditional = (only.count(text) for only in _telling())
    if min(simplified, traditional) > MIXED_SHARE * (simplified + traditional):
        return Script.MIXED
    return Script.TRADITIONAL if traditional > simplified else Script.SIMPLIFIED


@cache
def _telling() -> tuple[CharacterSet, CharacterSet]:
    simplified, traditional = telling()
    return CharacterSet(simplified), CharacterSet(traditional)


def _is_foreign(text: str, hanzi: int) -> bool:
    others = len(text) - hanzi
    if others <= 0.3 * hanzi:
        return False
    foreign = _count(_KANA_HANGUL, text)
    if foreign > 0.3 * hanzi:
        return True
    # A Chinese character says about as much as five letters of an alphabet.
    return others > 5 * hanzi and _count(_LETTERS, text) - hanzi - foreign > 5 * hanzi


def _count(pattern: re.Pattern[str], text: str) -> int:
    return sum(map(len, pattern.findall(text)))
