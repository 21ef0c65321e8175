"""Exchanging phrases as OpenCC does, and knowing which were exchanged.

The rule is that of opencc-python-reimplemented: of a group of dictionaries the first goes over the
text first, and in each the longest phrase found anywhere is exchanged, the leftmost of equal ones;
what it covers is settled. Its result is equalled character by character; a table of the first two
characters of every phrase makes it linear, where that package takes quadratic time.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from workbench.articles.script.characters import CharacterSet, CharacterTable
from workbench.articles.script.dictionaries import chain, dictionary
from workbench.articles.script.offsets import Edit

_SEPARATOR = re.compile(
    r"[\s\-,.?!*，。、；：？！…“”‘’『』「」﹁﹂—－（）《》〈〉～．／＼︒︑︔︓︿﹀︹︺︙︐［﹇］﹈︕︖︰︳︴︽︾︵︶"
    r"｛︷｝︸﹃﹄【︻】︼]"
)
"""OpenCC divides a text at these first, so no phrase that holds one is ever found."""


class _Dictionary:
    """One dictionary of a group, ready for looking phrases up."""

    def __init__(self, entries: Mapping[str, str], *, last: bool):
        self.phrases = {
            key: value
            for key, value in entries.items()
            if (len(key) > 1 or not last or len(value) != 1) and not _SEPARATOR.search(key)
        }
        self.singles = {
            key: value
            for key, value in entries.items()
            if len(key) == 1 and key not in self.phrases
        }
        lengths: dict[str, set[int]] = {}
        for key in self.phrases:
            lengths.setdefault(key[:2], set()).add(len(key))
        self._lengths = {pair: tuple(found) for pair, found in lengths.items()}
        self._begins = CharacterSet({pair[0] for pair in lengths})

    def candidates(self, text: str) -> list[tuple[int, int]]:
        """List the phrases in a text, longest first, then leftmost: minus length, and offset."""
        found: list[tuple[int, int]] = []
        phrases, size, lengths_of = self.phrases, len(text), self._lengths.get
        for begin in self._begins.pattern(text).finditer(text):
            start = begin.start()
            if lengths := lengths_of(text[start : start + 2]):
                for length in lengths:
                    end = start + length
                    if end <= size and text[start:end] in phrases:
                        found.append((-length, start))
            if begin[0] in phrases:
                found.append((-1, start))
        found.sort()
        return found


class Step:
    """One step of a conversion: a group of dictionaries that each character passes once."""

    def __init__(self, dictionaries: Iterable[Mapping[str, str]]):
        self._dictionaries: list[_Dictionary] = []
        singles: dict[str, str] = {}
        last = True
        for entries in reversed(list(dictionaries)):
            prepared = _Dictionary(entries, last=last)
            singles |= prepared.singles
            if prepared.phrases:
                self._dictionaries.insert(0, prepared)
                # Of earlier ones the characters too must be settled before these phrases are.
                last = False
        self._singles = CharacterTable(singles)

    def convert(self, text: str) -> tuple[str, list[Edit]]:
        """Return the text converted, and the phrases in it that changed their length."""
        chosen = self._chosen(text)
        if not chosen:
            return self._singles.apply(text), []
        pieces: list[str] = []
        edits: list[Edit] = []
        position = grown = 0
        for start, end, value in chosen:
            pieces += self._singles.apply(text[position:start]), value
            if len(value) != end - start:
                edits.append(Edit(start, end, start + grown, start + grown + len(value)))
                grown += len(value) - (end - start)
            position = end
        pieces.append(self._singles.apply(text[position:]))
        return "".join(pieces), edits

    def _chosen(self, text: str) -> list[tuple[int, int, str]]:
        chosen: list[tuple[int, int, str]] = []
        taken = bytearray()
        for one in self._dictionaries:
            found = one.candidates(text)
            if found and not taken:
                taken = bytearray(len(text))
            for minus, start in found:
                end = start - minus
                if taken.find(1, start, end) < 0:
                    taken[start:end] = b"\x01" * -minus
                    chosen.append((start, end, one.phrases[text[start:end]]))
        chosen.sort()
        return chosen


@cache
def steps(configuration: str) -> tuple[Step, ...]:
    """Return the steps of one of OpenCC's configurations, such as ``t2s`` or ``s2twp``."""
    return tuple(
        Step({key: values[0] for key, values in dictionary(name).items()} for name in group)
        for group in chain(configuration)
    )
