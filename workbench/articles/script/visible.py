"""What a reader sees of a text: invisible characters gone, entities of web pages resolved."""

import html
import re
from functools import cache
from html.entities import html5

from workbench.articles.script.characters import CharacterTable
from workbench.articles.script.folding import plain_forms
from workbench.articles.script.offsets import Edit

ZERO_WIDTH = (
    "\u00ad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064"
    "\u2066\u2067\u2068\u2069\ufeff"
)
"""Characters never seen: the soft hyphen, spaces of no width, marks of direction.

No joiner is among these: those shape emoji and Indic scripts.
"""
_HAN = r"\u2e80-\u2fd5\u3001-\u301f\u3400-\u9fff\uf900-\ufaff\uff01-\uff5e\U00020000-\U0003ffff"
_JOINER = r"[\u200c\u200d]"
_ENTITY = r"&(?:amp;)*(?:\#\d{1,7}|\#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,24}\d{0,2});"
_UNSEEN = re.compile(
    rf"(?P<entity>{_ENTITY})"
    rf"|(?:[{ZERO_WIDTH}\U000e0100-\U000e01ef]"
    # Beside a Chinese character a joiner joins nothing, and a selector picks a shape of it.
    rf"|(?<=[{_HAN}]){_JOINER}|{_JOINER}(?=[{_HAN}])|(?<=[{_HAN}])[\ufe00-\ufe0e])+"
)
_MAYBE_UNSEEN = re.compile(rf"[&\u200c\u200d\ufe00-\ufe0e\U000e0100-\U000e01ef{ZERO_WIDTH}]")
_GONE = dict.fromkeys(map(ord, ZERO_WIDTH + "\u200c\u200d"))
_FULL_POINT = re.compile("(?<=[0-9０-９])．(?=[0-9０-９])")


@cache
def _plain() -> CharacterTable:
    """Return the plain form of full-width letters and digits, of radicals and the like."""
    wide = [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]
    return CharacterTable(plain_forms() | {chr(code): chr(code - 0xFEE0) for code in wide})


def make_visible(text: str) -> tuple[str, list[Edit]]:
    """Return a text as it is seen, and where that changed its length.

    Characters of no width go; HTML entities become what they stand for, also where their ``&`` was
    written as one; full-width letters and digits and look-alikes such as ⼈ become plain ones.
    """
    edits: list[Edit] = []
    if _MAYBE_UNSEEN.search(text):
        text, edits = _resolved(text)
    if "．" in text:
        text = _FULL_POINT.sub(".", text)
    return _plain().apply(text), edits


def _resolved(text: str) -> tuple[str, list[Edit]]:
    pieces: list[str] = []
    edits: list[Edit] = []
    position = length = 0
    for found in _UNSEEN.finditer(text):
        value = _value(found["entity"]) if found["entity"] else ""
        if value is None:
            continue
        start, end = found.span()
        length += start - position
        pieces += text[position:start], value
        edits.append(Edit(start, end, length, length + len(value)))
        length += len(value)
        position = end
    pieces.append(text[position:])
    return "".join(pieces), edits


def _value(entity: str) -> str | None:
    """Return what an entity stands for; None where there is none of that name."""
    while entity.startswith("&amp;") and len(entity) > len("&amp;"):
        entity = "&" + entity[len("&amp;") :]
    value = html.unescape(entity) if entity[1] == "#" else html5.get(entity[1:])
    return None if value is None else value.translate(_GONE)
