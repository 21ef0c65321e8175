"""Dated statements of all articles in order of date."""

from collections.abc import Callable, Sequence

from workbench.grounding.facts import extract_facts
from workbench.grounding.periods import Period, published, resolved
from workbench.grounding.statements import day_of
from workbench.tasks.compare.comparison import CHANGES, SILENT, Event, Row
from workbench.tasks.compare.digests import Digest
from workbench.tasks.compare.quoting import citations
from workbench.tasks.material import Material
from workbench.tasks.result import Citation

_UNKNOWN_YEAR = 9999


def timeline(
    digests: Sequence[Digest],
    materials: Sequence[Material],
    rows: Sequence[Row],
    shown: Callable[[int, str], str],
) -> tuple[Event, ...]:
    """Return the dated claims of the digests and the values that change, the earliest first.

    今年, 去年 and 上月 are resolved by the date of the article. A date without a year is taken to
    be of the article's year, where that is known; where it is not, it comes after all that have
    one. Claims that stand in one row and share a date are one event.
    """
    keyed: list[tuple[tuple[int, int, int], Event]] = []
    seen: dict[tuple[str, int], int] = {}
    for number, digest in enumerate(digests):
        material = materials[number]
        for claim in digest.claims:
            when = _date(claim.text, material.article.date)
            if when is None:
                continue
            cited = citations(material, claim.sentences)
            row = _row_of(rows, number, cited)
            same = (str(when), row or 0)
            if row and same in seen:
                at = seen[same]
                old = keyed[at][1]
                both = tuple(dict.fromkeys((*old.articles, number + 1)))
                keyed[at] = (keyed[at][0], Event(old.date, old.text, both, old.citations, row))
                continue
            seen[same] = len(keyed)
            event = Event(str(when), shown(number, claim.text), (number + 1,), cited, row)
            keyed.append((_key(when), event))
    for place, row_found in enumerate(rows, start=1):
        if row_found.verdict == CHANGES:
            keyed += _changes(place, row_found)
    return tuple(event for _key_of, event in sorted(keyed, key=lambda item: item[0]))


def _changes(place: int, row: Row) -> list[tuple[tuple[int, int, int], Event]]:
    """Return an event for each value of a row whose values are of different times."""
    found = []
    for cell in row.cells:
        if cell.status == SILENT or not cell.when:
            continue
        parts = [int(part) for part in cell.when.partition(" ")[0].split("-") if part.isdigit()]
        year = parts[0] if parts and parts[0] > 31 else 0
        rest = parts[1:] if year else parts
        key = (year or _UNKNOWN_YEAR, *(rest + [0, 0])[:2])
        event = Event(cell.when, cell.text, (cell.article,), cell.citations, place)
        found.append(((key[0], key[1], key[2]), event))
    return found


def _date(claim: str, date: str | None) -> Period | None:
    """Return the first date of a claim that says a month or a year."""
    for fact in extract_facts(claim, published=day_of(date)):
        if fact.kind == "date":
            when = resolved(fact.value, published(date))
            if when.year or when.month:
                return when
    return None


def _key(when: Period) -> tuple[int, int, int]:
    return (when.year or _UNKNOWN_YEAR, when.month or 0, when.day or 0)


def _row_of(rows: Sequence[Row], number: int, cited: tuple[Citation, ...]) -> int | None:
    """Return the number of the claim's row, told by what it cites."""
    places = {citation.start for citation in cited}
    for place, row in enumerate(rows, start=1):
        cell = row.cells[number]
        if row.kind == "claim" and places and places == {one.start for one in cell.citations}:
            return place
    return None
