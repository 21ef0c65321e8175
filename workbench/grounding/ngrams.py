"""Character bigrams: what texts without spaces are compared by."""

import re
from collections.abc import Set as AbstractSet

_NOT_CONTENT = re.compile(r"[^\w]+")
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]*[”』」’]?")


def bigrams(text: str) -> set[str]:
    """Return the character bigrams of a text, punctuation and case left out."""
    plain = _NOT_CONTENT.sub("", text).lower()
    return {plain[i : i + 2] for i in range(len(plain) - 1)} or ({plain} if plain else set())


def split_sentences(text: str) -> list[str]:
    """Split a text at full stops, semicolons and line ends; nothing but blanks is lost."""
    return [part for match in _SENTENCE.finditer(text) if (part := match.group().strip())]


def shared(part: AbstractSet[str], whole: AbstractSet[str]) -> float:
    """Return the share of ``part`` that is in ``whole``; 0 where there is none."""
    return len(part & whole) / len(part) if part else 0.0
