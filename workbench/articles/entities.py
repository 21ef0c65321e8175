"""What has no shape at the ends of lines: characters of no width, and entities for spaces."""

import re
from collections.abc import Iterator

from workbench.articles.model import Removal
from workbench.articles.script import ZERO_WIDTH
from workbench.i18n import _

SPACE_ENTITY = (
    r"&(?:nbsp|ensp|emsp|thinsp|zwnj|zwj|lrm|rlm|shy"
    r"|\#(?:160|173|8194|8195|8201|820[3-7]|8288|12288|65279)"
    r"|\#[xX](?:a0|ad|200[2-9a-fA-F]|2060|3000|feff|A0|AD|FEFF));"
)
"""An HTML entity left in a text that stands for a space, or for nothing that is seen."""
_TAG = (
    r"</?(?:p|br|div|span|strong|b|i|em|img|a|font|section|center|table|tbody|tr|td|ul|ol|li|h[1-6])"
    r"(?:\s[^<>\n]{0,400})?/?>"
)
# Possessive: nothing is tried twice, however long a run is.
_RUN = re.compile(
    rf"(?:[{ZERO_WIDTH}]|{SPACE_ENTITY})(?:[^\S\r\n]*+(?:[{ZERO_WIDTH}]|{SPACE_ENTITY}))*+"
)
_TAGS = re.compile(rf"{_TAG}(?:[^\S\r\n]*+{_TAG})*+")
_BREAKS = "\r\n\x0b\x0c\x85\u2028\u2029"


def find_shapeless(text: str) -> Iterator[Removal]:
    """Find characters without a shape, entities for spaces and tags, at the ends of lines.

    Inside a line they stay, or a sentence would be torn: they are resolved there where the text is
    converted for a model.
    """
    for pattern, sign, rule, reason in (
        (_RUN, "", "invisible", _("characters without a shape")),
        (_TAGS, "<", "tag", _("a tag of a web page")),
    ):
        if sign in text:
            for found in pattern.finditer(text):
                if _at_line_end(text, *found.span()):
                    yield Removal(found.start(), found.end(), rule, reason)


def _at_line_end(text: str, start: int, end: int) -> bool:
    size = len(text)
    while start and text[start - 1].isspace() and text[start - 1] not in _BREAKS:
        start -= 1
    while end < size and text[end].isspace() and text[end] not in _BREAKS:
        end += 1
    return not start or end == size or text[start - 1] in _BREAKS or text[end] in _BREAKS
