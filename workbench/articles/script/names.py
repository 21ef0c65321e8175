"""Names the user listed: found in a text whichever script it writes them in."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from workbench.articles.model import Span
from workbench.articles.script.characters import CharacterTable
from workbench.articles.script.dictionaries import dictionary
from workbench.articles.script.folding import fold


@cache
def _other_simplified_forms() -> CharacterTable:
    """Return what a Simplified character may be written as instead: 锺 is 钟, both are 鍾."""
    pairs = (
        (other, values[0])
        for values in dictionary("TSCharacters.txt").values()
        for other in values[1:]
    )
    return CharacterTable({other: first for other, first in pairs if fold(other) == other})


@cache
def name_key(name: str) -> str:
    """Return what all spellings of a name have in common; it is as long as the name."""
    return _other_simplified_forms().apply(fold(name))


def find_names(text: str, names: Iterable[str]) -> list[Span]:
    """Find the listed names in a text of either script, in order; a longer name goes first."""
    keys = sorted({name_key(name.strip()) for name in names} - {""}, key=len, reverse=True)
    if not keys:
        return []
    folded = name_key(text)
    taken = bytearray(len(text))
    found: list[Span] = []
    for key in keys:
        start = folded.find(key)
        while start >= 0:
            end = start + len(key)
            if taken.find(1, start, end) < 0:
                taken[start:end] = b"\x01" * len(key)
                found.append(Span(start, end))
                start = folded.find(key, end)
            else:
                start = folded.find(key, start + 1)
    return sorted(found, key=lambda span: span.start)


def spellings(text: str, names: Sequence[str]) -> dict[str, str]:
    """Return how a text writes the names it has, most often where it differs, by ``name_key``."""
    counts = Counter(text[span.start : span.end] for span in find_names(text, names))
    found: dict[str, str] = {}
    for spelling, _number in counts.most_common():
        found.setdefault(name_key(spelling), spelling)
    return found
