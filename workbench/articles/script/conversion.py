"""Turning one script into the other, with the way back to each character's original."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workbench.articles.model import Span
from workbench.articles.script.names import find_names
from workbench.articles.script.offsets import (
    Edit,
    changed_span,
    composed,
    moved,
    original_span,
)
from workbench.articles.script.phrases import steps
from workbench.articles.script.visible import make_visible

_CONFIGURATIONS = {
    "simplified": "t2s",
    "traditional": "s2t",
    "taiwan": "s2twp",
    "hongkong": "s2hk",
}
TARGETS = tuple(_CONFIGURATIONS)


@dataclass(frozen=True, slots=True)
class Conversion:
    """A converted text and which of its characters came from which of the original.

    ``edits`` are the stretches whose length changed; all else corresponds one to one.
    """

    text: str
    edits: tuple[Edit, ...] = ()

    def original_span(self, start: int, end: int) -> Span:
        """Return the smallest span of the original that this span of the text came from.

        A phrase that changed its length counts as a whole: of 網際網路 made from 互联网, each part
        came from all three characters.
        """
        return original_span(self.edits, start, end)

    def converted_span(self, start: int, end: int) -> Span:
        """Return the smallest span of the text that this span of the original became.

        It is empty where the original characters left nothing behind.
        """
        return changed_span(self.edits, start, end)


def convert(text: str, target: str, names: Sequence[str] = ()) -> str:
    """Convert Simplified text to ``target``: one of TARGETS; ``simplified`` takes either script.

    ``traditional`` is OpenCC's own standard, ``taiwan`` and ``hongkong`` those of the places,
    Taiwan with its own words. ``names`` stay as the text writes them. Raises ValueError for another
    target.
    """
    return convert_with_map(text, target, names=names).text


def convert_with_map(text: str, target: str, *, names: Sequence[str] = ()) -> Conversion:
    """Convert as ``convert`` does and say where each character came from."""
    if target not in _CONFIGURATIONS:
        raise ValueError(f"target must be one of {TARGETS}, not {target!r}")
    return convert_by(text, _CONFIGURATIONS[target], names=names)


def convert_by(text: str, configuration: str, *, names: Sequence[str] = ()) -> Conversion:
    """Convert by a configuration of OpenCC's, such as ``tw2sp``; ValueError where it has none."""
    return _around(text, configuration, find_names(text, names) if names else [])


def to_simplified(text: str, names: Sequence[str] = ()) -> str:
    """Return the text as a model reads it: Simplified, without invisible characters.

    Entities of web pages and full-width letters and digits are resolved (``make_visible``); the
    words stay those of the place, as in 软体; ``names`` stay as the text writes them.
    """
    return to_simplified_with_map(text, names=names).text


def to_simplified_with_map(text: str, *, names: Sequence[str] = ()) -> Conversion:
    """Return ``to_simplified`` of a text and where each character of it came from."""
    visible, edits = make_visible(text)
    simplified = convert_by(visible, "t2s", names=names)
    return Conversion(simplified.text, tuple(composed(edits, simplified.edits)))


def _around(text: str, configuration: str, kept: Iterable[Span]) -> Conversion:
    """Convert what lies between the stretches to keep."""
    pieces: list[str] = []
    edits: list[Edit] = []
    position = length = 0
    for span in (*kept, Span(len(text), len(text))):
        converted, changed = _through_steps(text[position : span.start], configuration)
        edits += moved(changed, position, length)
        name = text[span.start : span.end]
        pieces += converted, name
        length += len(converted) + len(name)
        position = span.end
    return Conversion("".join(pieces), tuple(edits))


def _through_steps(text: str, configuration: str) -> tuple[str, list[Edit]]:
    edits: list[Edit] = []
    for step in steps(configuration):
        text, changed = step.convert(text)
        edits = composed(edits, changed)
    return text, edits
