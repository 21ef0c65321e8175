"""Looking in an article for what another one says, so that silence means searched and not found."""

from dataclasses import dataclass

from workbench.grounding.checks import Source
from workbench.grounding.facts import Fact, extract_facts
from workbench.tasks.material import Material

SAYS_SO = 0.5
"""An article says so where at least this share of a claim, by weight, stands in few sentences."""
_SAYS_SO_WITH_FACTS = 0.36
"""Less is enough where they hold every figure of a claim that has two or more."""
_IN_ONE = 0.3
_FIGURES = ("amount", "percent", "number", "duration", "rank", "date")


@dataclass(frozen=True, slots=True)
class Found:
    """Where an article says what was looked for, and which facts of it are not there."""

    sentences: tuple[int, ...]
    support: float
    missing: tuple[str, ...]


def look_for(claim: str, material: Material) -> Found | None:
    """Look for a claim (Simplified) in an article; None where it does not say so.

    The words decide whether it is spoken of, the facts whether it is said: at least half of the
    claim's figures have to be there.
    """
    aligner = material.aligner
    aligned = aligner.align(claim)
    if not aligned.sentences:
        return None
    best = max(aligner.align(claim, among=[index]).support for index in aligned.sentences)
    if best < _IN_ONE:
        return None
    source = Source(
        "\n".join(material.sentences[index].text for index in aligned.sentences),
        date=material.article.date,
    )
    facts = extract_facts(claim)
    missing = [fact for fact in facts if not source.has(fact)]
    figures = [fact for fact in facts if fact.kind in _FIGURES]
    lacking = [fact for fact in missing if fact.kind in _FIGURES]
    held = len(figures) - len(lacking)
    enough = _SAYS_SO_WITH_FACTS if held >= 2 and not lacking else SAYS_SO
    if aligned.support < enough or (figures and held * 2 < len(figures)):
        return None
    return Found(aligned.sentences, aligned.support, _texts(missing))


def _texts(facts: list[Fact]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.text for fact in facts))
