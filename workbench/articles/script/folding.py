"""Folding: one form of a text for matching, character by character, so that offsets stay."""

import unicodedata
from functools import cache
from itertools import chain

from workbench.articles.script.characters import CharacterTable
from workbench.articles.script.dictionaries import dictionary

_LOOKALIKES = (range(0x2E80, 0x2FD6), range(0xF900, 0xFB00), range(0x2F800, 0x2FA20))
"""Radicals and compatibility ideographs, found in the text of PDF files for common characters."""


@cache
def plain_forms() -> dict[str, str]:
    """Return the common character for each radical or compatibility ideograph, such as ⼈."""
    forms = ((code, unicodedata.normalize("NFKC", chr(code))) for code in chain(*_LOOKALIKES))
    return {chr(code): form for code, form in forms if len(form) == 1 and ord(form) != code}


@cache
def _fold_table() -> CharacterTable:
    simple = {
        key: values[0]
        for key, values in dictionary("TSCharacters.txt").items()
        if len(key) == len(values[0]) == 1 and key != values[0]
    }
    lookalikes = {char: simple.get(form, form) for char, form in plain_forms().items()}
    ascii_forms = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    return CharacterTable(lookalikes | simple | ascii_forms | {"\u3000": " ", "\xa0": " "})


def fold(text: str) -> str:
    """Return the text for matching: Simplified character by character, ASCII in half width.

    Offsets stay what they are.
    """
    return _fold_table().apply(text)
