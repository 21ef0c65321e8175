"""Texts as they are compared: one script, one width, no punctuation."""

import re

from workbench.articles.script import to_simplified
from workbench.grounding.numerals import narrow

_NOT_MATCHED = re.compile(r"[\s_]|(?![%‰℃°$€£¥+./-])\W")
_NOT_COMPARED = re.compile(r"(?!(?<=\d)\.(?=\d))[\W_]")


def simplified(text: str) -> str:
    """Return a text in Simplified script, half-width and in lower case."""
    return _lowered(narrow(to_simplified(text)))


def characters(text: str) -> str:
    """Return the characters that count: letters, digits and Hanzi in Simplified script.

    CMRC 2018's evaluation script takes out a list of punctuation and lowers the case; DRCD is
    measured by character the same way. Here all punctuation, symbols and white space go, but for
    the point of 3.5.
    """
    return _NOT_COMPARED.sub("", simplified(text))


def matched(text: str) -> str:
    """Return a text as facts are looked up in it: like ``characters``, but with signs of units."""
    return _NOT_MATCHED.sub("", simplified(text))


def _lowered(text: str) -> str:
    """Return a text in lower case, no character becoming two."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)
