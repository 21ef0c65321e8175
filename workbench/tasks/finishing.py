"""From a draft to a point: in the wanted script, with citations into the original text."""

from dataclasses import replace

from workbench.grounding.check import Check
from workbench.grounding.facts import extract_facts
from workbench.tasks.drafting import Draft
from workbench.tasks.material import Material
from workbench.tasks.rescript import Rescripter
from workbench.tasks.result import Citation, Point


class PointFinisher:
    """Finishes the drafts of one article."""

    def __init__(self, material: Material, rescript: Rescripter):
        self._material = material
        self._rescript = rescript

    def finish(self, draft: Draft) -> Point:
        """Return the point of a draft; quotes are the article's own characters."""
        text = self._rescript(draft.text)
        article = self._material.article
        citations = []
        for index in draft.aligned.sentences:
            sentence = self._material.sentences[index]
            start, end = sentence.span.start, sentence.span.end
            citations.append(Citation(sentence.passage, start, end, article.text[start:end]))
        return Point(
            text=text,
            citations=tuple(citations),
            checks=self.moved(draft.checks, draft.text, text),
            support=draft.aligned.support,
        )

    def moved(self, checks: tuple[Check, ...], simplified: str, text: str) -> tuple[Check, ...]:
        """Move checks from a Simplified text to ``text``, which it was brought to."""
        shown = self._rescript.with_map(simplified)
        found = []
        for check in checks:
            span = shown.converted_span(check.start, check.end)
            found.append(
                replace(
                    check,
                    text=text[span.start : span.end],
                    start=span.start,
                    end=span.end,
                    instead=self._rescript(check.instead) if check.instead else "",
                )
            )
        return tuple(found)


def by_date(drafts: list[Draft]) -> list[Draft]:
    """Order drafts by the first date in each; one without a date stays after its neighbour."""
    known: tuple[int, int, int] = (0, 0, 0)
    keyed = []
    for position, draft in enumerate(drafts):
        date = next((fact.value for fact in extract_facts(draft.text) if fact.kind == "date"), None)
        if isinstance(date, tuple):
            year, month, day = (part or 0 for part in date)
            known = (year or known[0], month or known[1], day)
        keyed.append((known, position, draft))
    return [draft for _known, _position, draft in sorted(keyed, key=lambda item: item[:2])]
