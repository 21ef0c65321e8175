"""From places in Simplified sentences to citations of the original text."""

import re
from collections.abc import Iterable

from workbench.articles.script import to_simplified_with_map
from workbench.tasks.material import Material
from workbench.tasks.result import Citation

_SKIPPED = re.compile("[\u200b-\u200f\u2060\ufeff]")


def citation(material: Material, index: int) -> Citation:
    """Return a sentence of an article as a citation of its original text."""
    sentence = material.sentences[index]
    start, end = sentence.span.start, sentence.span.end
    return Citation(sentence.passage, start, end, material.article.text[start:end])


def citations(material: Material, indices: Iterable[int]) -> tuple[Citation, ...]:
    """Return sentences as citations, in the order of the article."""
    return tuple(citation(material, index) for index in sorted(set(indices)))


def original(material: Material, index: int, start: int, end: int) -> str:
    """Return the original characters of a span of a Simplified sentence."""
    span = material.sentences[index].span
    text = material.article.text[span.start : span.end]
    conversion = to_simplified_with_map(text, names=material.article.names)
    places = _places(conversion.text)
    inside = places[start:end]
    if not inside:
        return ""
    found = conversion.original_span(inside[0], inside[-1] + 1)
    return " ".join(text[found.start : found.end].split())


def _places(text: str) -> list[int]:
    """Return where each character of a tidied text stands in the untidied one.

    Material tidies what it makes Simplified: invisible characters go, runs of whitespace become one
    space, none stands at either end.
    """
    places: list[int] = []
    blank = True
    for at, char in enumerate(text):
        if _SKIPPED.match(char):
            continue
        if char.isspace():
            if not blank:
                places.append(at)
            blank = True
            continue
        blank = False
        places.append(at)
    if places and text[places[-1]].isspace():
        places.pop()
    return places
