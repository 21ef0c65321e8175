"""Finding names in Simplified Chinese text: Latin words, titles, people, organisations, places.

Names that show themselves by their form or by what stands beside them, and a short list of places.
"""

import re
from collections.abc import Iterator
from functools import cached_property

from workbench.grounding.numerals import narrow
from workbench.grounding.organisations import (
    find_organisations,
    find_suffixed_places,
    form_of,
    name_key,
)
from workbench.grounding.people import find_people, find_possible_people, looks_like_person
from workbench.grounding.places import find_places, has_place, is_place
from workbench.grounding.quantities import LATIN_UNIT, MEASURES

Found = tuple[int, int, str]

_VERSION = (
    r"[ ]?\d++(?:\.\d++)*+(?![\dA-Za-z%‰万亿千百元年月日,]|[ ]?[%‰万亿千百元]|\.\d"
    rf"|(?:多|余)?(?!时代)(?:{MEASURES}))"
)
_LATIN = re.compile(
    rf"(?<![A-Za-z0-9])(?<!\d\.)(?:[A-Za-z][A-Za-z0-9]*+|\d++(?!{LATIN_UNIT})[A-Za-z][A-Za-z0-9]*+)"
    rf"(?:[-+.&'’/][A-Za-z0-9]++|(?<=[A-Za-z0-9])\+(?![A-Za-z0-9])|{_VERSION})*+"
)
_TITLE = re.compile(r"《([^《》\n]{2,40})》")
_QUOTED = re.compile(r"[“「『\"]([^“「『」』”\"\n]{2,24})[」』”\"]")
_LATIN_WORD = re.compile("[A-Za-z]")
_MOST_IN_SLOT = 12


def find_names(text: str) -> Iterator[Found]:
    """Yield start, end and normalised name of every name; ``text`` has been narrowed."""
    for match in _TITLE.finditer(text):
        yield *match.span(1), squeeze(match[1])
    for match in _LATIN.finditer(text):
        end = match.start() + len(match.group().rstrip())
        yield match.start(), end, squeeze(match.group())


def find_weak_names(text: str) -> Iterator[Found]:
    """Yield the names that are found last: quotations, people, organisations, places."""
    for match in _QUOTED.finditer(text):
        if name := squeeze(match[1]):
            yield *match.span(1), name
    for start, end in find_people(text):
        yield start, end, squeeze(text[start:end])
    for start, end in find_organisations(text):
        yield start, end, squeeze(text[start:end])
    for start, end in find_suffixed_places(text):
        yield start, end, squeeze(text[start:end])
    for start, end, _name in find_places(text):
        yield start, end, squeeze(text[start:end])


def squeeze(text: str) -> str:
    """Return a text as names are compared: letters, digits and Hanzi only, in lower case."""
    return re.sub(r"[\W_]+", "", narrow(text)).lower()


def form(name: str) -> str:
    """Return what a text has the form of: place, latin, organisation, person, empty for neither."""
    if is_place(name):
        return "place"
    if _LATIN_WORD.search(name):
        return "latin"
    if found := form_of(name):
        return found
    return "person" if looks_like_person(name) else ""


class Names:
    """The names of one text, looked up by their normalised form."""

    def __init__(self, text: str):
        self._text = narrow(text)
        self._squeezed = squeeze(text)
        self._lower = self._text.lower()

    def has(self, name: str) -> bool:
        """Say whether the text holds the name, or what identifies it.

        Latin ones are looked up as whole words: GPT-4 is not GPT-4o. 华为公司 is held where 华为
        is, 美国 where 中美 or 美方 is.
        """
        if name in self._squeezed:
            return not name.isascii() or self._has_word(name)
        if is_place(name):
            return has_place(self._text, name)
        key = name_key(name)
        if key is None or len(key) < 2:
            return False
        # What stands before a place of one character may be no part of it: 祭扫安州.
        return key in self._squeezed or (form_of(name) == "place" and name[1:] in self._squeezed)

    def _has_word(self, name: str) -> bool:
        parts = r"[\W_]*".join(map(re.escape, name))
        before = r"(?<![a-z0-9])" if not name[0].isdigit() else r"(?<!\d)(?<!\d[.,])"
        after = r"(?!\.?\d|[a-z])" if name[-1].isdigit() else r"(?![a-rt-z]|s[a-z])"
        return re.search(before + parts + after, self._lower) is not None

    @cached_property
    def known(self) -> dict[str, str]:
        """Return the names of the text as written, each with the form it has."""
        found: dict[str, str] = {}
        for start, end, _name in (*find_names(self._text), *find_weak_names(self._text)):
            self._know(found, self._text[start:end])
        for name in find_possible_people(self._text):
            self._know(found, name, "person")
        return found

    def _know(self, found: dict[str, str], name: str, kind: str = "") -> None:
        if len(name) > 1 and name not in found:
            found[name] = kind or form(name) or ("quoted" if len(name) <= _MOST_IN_SLOT else "")
