"""Rows from the facts that articles state of one thing, found without the model."""

from collections.abc import Sequence

from workbench.grounding.differences import AGREE as SAME
from workbench.grounding.differences import CHANGES as OVER_TIME
from workbench.grounding.differences import Finding, Mention
from workbench.tasks.compare.comparison import AGREE, CHANGES, DIFFER, SILENT, Cell, Row
from workbench.tasks.compare.quoting import citations, original
from workbench.tasks.compare.searching import look_for
from workbench.tasks.material import Material

_LEAST_CLAUSE = 10
_ENDS = "，,；;。！？!?"


def fact_row(finding: Finding, materials: Sequence[Material], subject: str) -> Row:
    """Return the row of one finding; articles it does not name are looked through for it."""
    differs = finding.verdict != SAME
    cells = []
    claim = _clause(finding.mentions[0], materials[finding.mentions[0].article])
    for number, material in enumerate(materials):
        mentions = [one for one in finding.mentions if one.article == number]
        if mentions:
            cells.append(_cell(number, mentions, material, DIFFER if differs else AGREE))
            continue
        found = None if differs else look_for(claim, material)
        if found is None or found.missing:
            cells.append(Cell(number + 1, SILENT))
        else:
            cited = citations(material, found.sentences)
            cells.append(Cell(number + 1, AGREE, cited[0].quote, citations=cited))
    verdict = {SAME: AGREE, OVER_TIME: CHANGES}.get(finding.verdict, DIFFER)
    return Row(subject, finding.kind, verdict, tuple(cells))


def _cell(number: int, mentions: Sequence[Mention], material: Material, status: str) -> Cell:
    first = mentions[0]
    values = dict.fromkeys(original(material, one.sentence, one.start, one.end) for one in mentions)
    start, end = _clause_span(first, material)
    return Cell(
        article=number + 1,
        status=status,
        text=original(material, first.sentence, start, end).strip(_ENDS + "、 "),
        value="、".join(value for value in values if value),
        when=first.when,
        citations=citations(material, (one.sentence for one in mentions)),
    )


def _clause(mention: Mention, material: Material) -> str:
    start, end = _clause_span(mention, material)
    return material.sentences[mention.sentence].text[start:end]


def _clause_span(mention: Mention, material: Material) -> tuple[int, int]:
    """Return the clause around a mention; with the one before it where it is short."""
    text = material.sentences[mention.sentence].text
    start, end = mention.start, mention.end
    while end < len(text) and not _is_end(text, end):
        end += 1
    for _time in range(3):
        while start > 0 and not _is_end(text, start - 1):
            start -= 1
        if end - start >= _LEAST_CLAUSE or start == 0:
            break
        start -= 1
    return start, end


def _is_end(text: str, at: int) -> bool:
    digits = text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()
    return text[at] in _ENDS and not (text[at] == "," and digits)
