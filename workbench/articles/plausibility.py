"""How much a decoded text looks like Chinese: the measure that tells encodings apart."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

_LIST = Path(__file__).with_name("frequent_characters.txt")
_PUNCTUATION = "，。、；：？！“”‘’（）《》〈〉「」『』【】…—－·～％﹁﹂　"
_WINDOW = 20_000
_PLAIN = re.compile(r"[\x00-\x7f\s]+")

_RARE_HANZI = 0.2
_OTHER_LETTER = 0.05
_LOST = -1.0


@cache
def _weights() -> dict[str, float]:
    """Weigh a frequent character from 1 (the most frequent) down to 0.6 (the last listed)."""
    text = _LIST.read_text(encoding="utf-8")
    body = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    weights: dict[str, float] = {}
    for block in body.split("\n\n"):
        characters = "".join(block.split())
        for rank, character in enumerate(characters):
            weight = 1.0 - 0.4 * rank / len(characters)
            weights[character] = max(weight, weights.get(character, 0.0))
    weights.update(dict.fromkeys(_PUNCTUATION, 0.9))
    return weights


def _weigh(character: str) -> float:
    code = ord(character)
    if 0x4E00 <= code <= 0x9FFF:
        return _RARE_HANZI
    if character == "�" or 0x80 <= code < 0xA0 or 0xE000 <= code <= 0xF8FF or code >= 0xF0000:
        return _LOST
    if 0xFF01 <= code <= 0xFF5E:
        return 0.6
    return _OTHER_LETTER


def sample(text: str) -> str:
    """Return the beginning, middle and end of a long text: enough to judge it by."""
    if len(text) <= 3 * _WINDOW:
        return text
    middle = (len(text) - _WINDOW) // 2
    return text[:_WINDOW] + text[middle : middle + _WINDOW] + text[-_WINDOW:]


def plausibility(text: str) -> float:
    """Return how much the text's non-ASCII characters look like written Chinese, 0 to 1.

    The mean of a weight for each: 1 to 0.6 for the 1,200 most frequent characters of either
    script by rank, little for rare ones, less than nothing for what no text holds (U+FFFD, private
    use, C1 controls). Frequency as the judge between multi-byte encodings is the "character
    distribution method" of Li and Momoi, "A composite approach to language/encoding detection"
    (19th Unicode Conference, 2001). 0.0 where there is nothing to judge.
    """
    counts = Counter(_PLAIN.sub("", sample(text)))
    total = counts.total()
    if not total:
        return 0.0
    weights = _weights()
    weight = sum(
        count * (weights[char] if char in weights else _weigh(char))
        for char, count in counts.items()
    )
    return min(max(weight / total, 0.0), 1.0)
