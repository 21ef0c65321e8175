"""Simplified and Traditional: which of them a text is in, and turning one into the other."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache

from workbench.articles.model import Script

MIXED_SHARE = 0.15
"""A text is mixed when more than this share of its telling characters is of the other script.

Traditional pages converted by machine keep a percent or two of Simplified characters.
"""
_CONFIGURATIONS = {
    "simplified": "t2s",
    "traditional": "s2t",
    "taiwan": "s2twp",
    "hongkong": "s2hk",
}
TARGETS = tuple(_CONFIGURATIONS)
# No joiner is among these: those shape emoji and Indic scripts.
ZERO_WIDTH = "\u200b\u2060\ufeff\u00ad"
_ZERO_WIDTH = re.compile(f"[{ZERO_WIDTH}]+")
# OpenCC converts between separators such as these, and takes quadratic time for what lies between.
_RUN = re.compile(r"[^\s\x00-\x2f\x3a-\x40，。、；：？！…“”‘’「」『』（）《》—]{1,200}")
_HANZI = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA_HANGUL = re.compile(r"[\u3041-\u30ff\uac00-\ud7af]")


@cache
def _dictionary(name: str) -> dict[str, list[str]]:
    """Read one of OpenCC's dictionaries: what each character or phrase may become."""
    from importlib.resources import files

    text = (files("opencc") / "dictionary" / name).read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in text.splitlines() if "\t" in line)
    return {key: values.split(" ") for key, values in pairs}


@cache
def _telling() -> tuple[frozenset[str], frozenset[str]]:
    """Return the characters found in Simplified text alone and in Traditional text alone.

    A character tells when OpenCC's STCharacters (or TSCharacters) never leaves it as it is.
    """
    only = [
        {key for key, values in _dictionary(name).items() if key not in values}
        for name in ("STCharacters.txt", "TSCharacters.txt")
    ]
    return frozenset(only[0] - only[1]), frozenset(only[1] - only[0])


def is_simplified_only(char: str) -> bool:
    """Tell whether a character is found in Simplified text alone, such as 线."""
    return char in _telling()[0]


@cache
def _fold_table() -> dict[int, str]:
    table = {
        ord(key): values[0]
        for key, values in _dictionary("TSCharacters.txt").items()
        if len(key) == len(values[0]) == 1
    }
    table |= {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    return table | {0x3000: " ", 0xA0: " "}


def fold(text: str) -> str:
    """Return the text for matching: Simplified character by character, ASCII in half width.

    Offsets stay what they are.
    """
    return text.translate(_fold_table())


def detect(text: str) -> Script:
    """Say which script a text is in, by the characters that only one of them has.

    OTHER where Chinese characters are the lesser part; SIMPLIFIED where none of them tells.
    """
    counts = Counter(text)
    hanzi = sum(number for char, number in counts.items() if _HANZI.match(char))
    foreign = sum(number for char, number in counts.items() if _KANA_HANGUL.match(char))
    letters = sum(number for char, number in counts.items() if char.isalpha())
    # A Chinese character says about as much as five letters of an alphabet.
    if not hanzi or foreign > 0.3 * hanzi or letters - hanzi - foreign > 5 * hanzi:
        return Script.OTHER
    simplified, traditional = (sum(counts[char] for char in only) for only in _telling())
    if min(simplified, traditional) > MIXED_SHARE * (simplified + traditional):
        return Script.MIXED
    return Script.TRADITIONAL if traditional > simplified else Script.SIMPLIFIED


@cache
def _converter(configuration: str) -> Callable[[str], str]:
    import opencc

    convert: Callable[[str], str] = opencc.OpenCC(configuration).convert
    return convert


@cache
def _traditional_characters() -> frozenset[str]:
    """Return every character the conversion to Simplified could act on."""
    names = ("TSCharacters.txt", "TSPhrases.txt")
    return frozenset(char for name in names for key in _dictionary(name) for char in key)


def convert(text: str, target: str) -> str:
    """Convert Simplified text to ``target``: one of TARGETS; ``simplified`` takes either script.

    ``traditional`` is OpenCC's own standard, ``taiwan`` and ``hongkong`` those of the places,
    Taiwan with its own words. Raises ValueError for another target.
    """
    if target not in _CONFIGURATIONS:
        raise ValueError(f"target must be one of {TARGETS}, not {target!r}")
    return _RUN.sub(lambda run: _convert_run(run.group(), _CONFIGURATIONS[target]), text)


def _convert_run(run: str, configuration: str) -> str:
    if configuration == "t2s" and _traditional_characters().isdisjoint(run):
        return run
    return _converter(configuration)(run)


def to_simplified(text: str) -> str:
    """Return the text as a model reads it: Simplified, without invisible characters."""
    return convert(_ZERO_WIDTH.sub("", text), "simplified")


def to_simplified_with_map(text: str) -> tuple[str, list[int] | range]:
    """Return ``to_simplified`` of the text and, for each character of it, its original's offset.

    The offsets never fall; where nothing changed its length they are simply ``range(len)``.
    """
    visible = _ZERO_WIDTH.sub("", text)
    pieces: list[str] = []
    changed: list[tuple[int, int, str]] = []
    end = 0
    for run in _RUN.finditer(visible):
        converted = _convert_run(run.group(), "t2s")
        pieces += visible[end : run.start()], converted
        end = run.end()
        if len(converted) != end - run.start():
            changed.append((run.start(), end, converted))
    pieces.append(visible[end:])
    simplified = "".join(pieces)
    if not changed and len(visible) == len(text):
        return simplified, range(len(simplified))
    kept = _kept_offsets(text) if len(visible) != len(text) else range(len(text))
    return simplified, [kept[offset] for offset in _through(changed, len(visible))]


def _kept_offsets(text: str) -> list[int]:
    return [offset for offset, char in enumerate(text) if char not in ZERO_WIDTH]


def _through(changed: Iterable[tuple[int, int, str]], length: int) -> list[int]:
    """Map offsets after conversion to offsets before it, ``changed`` runs aligned one by one."""
    offsets: list[int] = []
    end = 0
    for start, stop, converted in changed:
        offsets += range(end, start)
        offsets += (start + offset for offset in spread(stop - start, len(converted)))
        end = stop
    offsets += range(end, length)
    return offsets


def spread(original: int, converted: int) -> list[int]:
    """Lay ``converted`` characters evenly over ``original`` ones: a run that changed its length."""
    if original <= 0:
        raise ValueError("nothing to lay characters over")
    return [min(offset * original // converted, original - 1) for offset in range(converted)]
