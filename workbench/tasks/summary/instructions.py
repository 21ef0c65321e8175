"""The instruction of every call of a summary: the template's, rendered for a stretch."""

import re
from collections.abc import Mapping
from typing import Protocol

from workbench.prompting.render import render
from workbench.prompting.template import Size, Template
from workbench.tasks import prompts
from workbench.tasks.material import Material
from workbench.tasks.plan import Part
from workbench.tasks.summary.asks import Ask

_OPENING_CHARACTERS = 14


class Wishes(Protocol):
    """What the user wished that a template may speak of."""

    @property
    def length(self) -> str:
        """Return ``short``, ``medium`` or ``long``."""

    @property
    def variables(self) -> Mapping[str, str]:
        """Return the variables set by the user."""


class Instructions:
    """Renders the template for one article; ``calls`` is how many stretches share the points."""

    def __init__(self, template: Template, material: Material, wishes: Wishes, size: Size):
        self.template = template
        self.material = material
        self.wishes = wishes
        self.size = size
        self.calls = 1
        self.whole = Part(1, len(material.lines))
        self.use_evidence = bool(re.search(r"\bevidence\b", template.body))

    def of(self, ask: Ask) -> str:
        """Return the instruction of one call."""
        stretch = ask.stretch
        if self.template.output == "text" and stretch != self.whole:
            return prompts.stretch_instruction(
                stretch.first, stretch.last, self._opening(stretch), self.size.characters
            )
        return self._rendered(stretch, ask.text)

    def of_whole(self, evidence: str = "") -> str:
        """Return the instruction about the whole article."""
        return self._rendered(self.whole, evidence)

    def lines(self) -> int:
        """Return how many lines one call may return."""
        return max(1, -(-self.size.points // self.calls))

    def _rendered(self, stretch: Part, evidence: str) -> str:
        article = self.material.article
        values = {
            "first": stretch.first,
            "last": stretch.last,
            "opening": self._opening(stretch),
            "evidence": evidence,
            "characters": self.size.characters,
            "lines": self.lines(),
            "title": self.material.title,
            "date": article.date or "",
            "length": self.wishes.length,
        }
        return render(self.template, values, self.wishes.variables)

    def _opening(self, stretch: Part) -> str:
        line = self.material.lines[stretch.first - 1]
        return line.partition(" ")[2][:_OPENING_CHARACTERS]
