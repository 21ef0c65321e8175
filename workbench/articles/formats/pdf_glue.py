"""Text of lines as a PDF has it, made fit to be read, and put together."""

import re
import unicodedata

from workbench.articles.formats.pdf_child import GENERATED_SPACE, HYPHEN

_WIDE = (
    r"\u2e80-\u303f\u3040-\u30ff\u3100-\u312f\u31a0-\u31bf\u3400-\u4dbf\u4e00-\u9fff"
    r"\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\uffe0-\uffe6\U00020000-\U0003ffff"
)
_CJK = re.compile(f"[{_WIDE}“”‘’…—]")
_GAP = re.compile(f"(?<=[{_WIDE}“”‘’…—]){GENERATED_SPACE}+|{GENERATED_SPACE}+(?=[{_WIDE}“”‘’…—])")
# Fonts often name the radical 一 (U+2F00) where the Hanzi 一 is meant: they look the same.
_RADICAL = re.compile("[\u2e80-\u2fd5]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SPACES = re.compile(r"[ \t\u00a0]{2,}")
_SOFT = (HYPHEN, "\xad", "\ufffe", "-", "\u2010")


def clean(text: str) -> str:
    """Return a line without gaps between Hanzi that are no spaces, and with its real characters."""
    if GENERATED_SPACE in text:
        text = _GAP.sub("", text).replace(GENERATED_SPACE, " ")
    text = text.replace(HYPHEN, "-")
    text = _RADICAL.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)
    return _SPACES.sub(" ", _CONTROL.sub("", text)).strip(" \t\u00a0")


def glue(above: str, below: str) -> str:
    """Join a paragraph, clean, and the raw line that goes on with it.

    Between Hanzi nothing is put, between Latin words a space; a word divided by a hyphen is joined.
    """
    following = clean(below)
    if not above or not following:
        return above + following
    divided = above[-1] in _SOFT and len(above) > 1 and above[-2].isalpha() and above[-2].isascii()
    if divided and following[0].isascii() and following[0].islower():
        return above[:-1] + following
    if above[-1] in "-\u2010" or _CJK.match(above[-1]) or _CJK.match(following[0]):
        return above + following
    return f"{above} {following}"


def width(text: str) -> float:
    """Return how many Hanzi wide a text is; Latin letters take half as much."""
    seen = text.replace(GENERATED_SPACE, "").strip()
    wide = len(_CJK.findall(seen))
    return wide + 0.5 * (len(seen) - wide)
