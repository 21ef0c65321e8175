"""What of a Markdown file is markup that says nothing: removed whole, never inside a sentence."""

import re
from collections.abc import Iterator

from workbench.articles.model import Removal
from workbench.i18n import _

_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n.{0,20000}?^(?:---|\.\.\.)[ \t]*$", re.S | re.M)
_IMAGE = re.compile(r"^[ \t]*!\[[^\]\n]{0,300}\]\([^)\n]{0,2000}\)[ \t]*$", re.M)
_DEFINITION = re.compile(r"^[ \t]{0,3}\[[^\]\n]{1,100}\]:[ \t]*\S{1,2000}[ \t]*$", re.M)
_COMMENT_OPEN = "<!--"
_COMMENT_CLOSE = "-->"


def find_markup(text: str) -> tuple[Removal, ...]:
    """Find front matter, pictures and link targets on lines of their own, and comments.

    Links inside a sentence stay: taking their targets out would tear the sentence.
    """
    return tuple(sorted(_markup(text), key=lambda one: one.start))


def _markup(text: str) -> Iterator[Removal]:
    if found := _FRONT_MATTER.match(text):
        yield Removal(0, found.end(), "front-matter", _("front matter of the file"))
    for pattern, rule, reason in (
        (_IMAGE, "image", _("a picture")),
        (_DEFINITION, "link-target", _("the target of a link")),
    ):
        for found in pattern.finditer(text):
            yield Removal(found.start(), found.end(), rule, reason)
    position = 0
    while (start := text.find(_COMMENT_OPEN, position)) >= 0:
        end = text.find(_COMMENT_CLOSE, start)
        if end < 0:
            return
        position = end + len(_COMMENT_CLOSE)
        # Only one on lines of its own: between words it would tear the sentence.
        line_start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
        rest = text[position : position + 200].split("\n", 1)[0]
        if not text[line_start:start].strip() and not rest.strip():
            yield Removal(start, position, "comment", _("a comment in the file"))
