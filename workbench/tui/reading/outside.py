"""A result as a text to change in an editor, and what was changed in it."""

import re
from collections.abc import Mapping

from workbench.i18n import _
from workbench.tasks.result import Result

_NUMBERED = re.compile(r"[ \t]*(\d{1,4})[.．、][ \t]*(.*)")
HEADLINE = 0
"""The number the headline has among the points, which begin at 1."""


def as_editable(result: Result) -> str:
    """Return headline and points as numbered paragraphs, below lines that say what to do."""
    lines = [
        "# " + _("Change the texts and save; a paragraph belongs to the number it begins with."),
        "# " + _("Facts are checked again by rule. Lines that begin with # are left out."),
        "",
    ]
    if result.headline:
        lines += [f"{HEADLINE}. {result.headline}", ""]
    for number, point in enumerate(result.points, start=1):
        lines += [f"{number}. {point.text}", ""]
    return "\n".join(lines)


def changed(result: Result, text: str) -> Mapping[int, str]:
    """Return the texts that an edited text changes, by their numbers.

    A number that is gone, or has no text, changes nothing.
    """
    before = {number: point.text for number, point in enumerate(result.points, start=1)}
    if result.headline:
        before[HEADLINE] = result.headline
    return {
        number: new
        for number, new in _paragraphs(text, before).items()
        if new and new != _one_line(before[number])
    }


def _paragraphs(text: str, known: Mapping[int, str]) -> dict[int, str]:
    found: dict[int, list[str]] = {}
    number = -1
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        begins = _NUMBERED.fullmatch(line)
        if begins and int(begins[1]) in known and int(begins[1]) not in found:
            number = int(begins[1])
            found[number] = [begins[2]]
        elif number in found:
            found[number].append(line)
    return {number: _joined(lines) for number, lines in found.items()}


def _joined(lines: list[str]) -> str:
    """Join the lines of a paragraph: between Chinese characters goes no space."""
    joined = ""
    for line in lines:
        piece = _one_line(line)
        if joined and piece and joined[-1].isascii() and piece[0].isascii():
            joined += " "
        joined += piece
    return joined


def _one_line(text: str) -> str:
    return " ".join(text.split())
