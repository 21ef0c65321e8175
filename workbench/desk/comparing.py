"""Comparisons as a person goes through them: which rows, what a cell says, where it opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.articles.script import to_simplified
from workbench.engine.protocol import Sampling
from workbench.settings import Settings
from workbench.store.latest import ResultHead, latest, positions
from workbench.store.library import Library
from workbench.store.schema import now
from workbench.tasks.compare.comparison import (
    AGREE,
    ALONE,
    CHANGES,
    DIFFER,
    SILENT,
    Cell,
    Comparison,
    Event,
    Row,
)
from workbench.tasks.result import ArticleIdentity
from workbench.tasks.stored import comparison_from
from workbench.tasks.work import Work

ALL, TIMELINE = "all", "timeline"
VIEWS = (ALL, DIFFER, CHANGES, AGREE, ALONE, TIMELINE)
"""What of a comparison is shown: every row, those of one verdict, or the dated statements."""
TASK = "compare"
TEMPLATE = "comparison"


@dataclass(frozen=True, slots=True)
class Kept:
    """A comparison; ``article_ids`` has None where an article is not in the library any more.

    ``result_id`` is None where the library could not keep it.
    """

    result_id: int | None
    created_at: str
    comparison: Comparison
    article_ids: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: an article of the library and spans of its original text."""

    article_id: int
    spans: tuple[tuple[int, int], ...]


def work_of(settings: Settings) -> Work:
    """Return what is asked of the model, by what the user set."""
    return Work(
        TASK,
        TEMPLATE,
        length=settings.length,
        script=settings.script,
        sampling=Sampling(temperature=settings.temperature, seed=settings.seed),
    )


def kept(library: Library, result_id: int) -> Kept:
    """Return a comparison of the library; LibraryError where there is none of that id."""
    found = library.result(result_id)
    comparison = comparison_from(found.result)
    identities = [one.article for one in comparison.articles]
    return Kept(
        result_id, found.created_at, comparison, articles_of(library, result_id, identities)
    )


def of_job(
    library: Library,
    article_ids: Sequence[int],
    result_id: int | None,
    result: Mapping[str, Any],
) -> Kept:
    """Return the comparison that a job made, from the library where it was kept there."""
    if result_id is not None:
        return kept(library, result_id)
    return Kept(None, now(), comparison_from(result), tuple(article_ids))


def earlier(library: Library, limit: int = 200) -> list[ResultHead]:
    """Return the comparisons made before, the newest first."""
    with library.understanding() as connection:
        return latest(connection, TASK, limit)


def articles_of(
    library: Library, result_id: int, identities: Sequence[ArticleIdentity]
) -> tuple[int | None, ...]:
    """Return the ids of the articles a result names, None for those that are not here any more.

    They are told by their place among those it was kept for, and by their file where files of the
    same text were kept as one.
    """
    with library.reading() as connection:
        by_place = positions(connection, result_id)
    if max(by_place, default=0) == len(identities):
        return tuple(by_place.get(number) for number in range(1, len(identities) + 1))
    files = {
        (Path(place.path), place.part): article_id
        for article_id in by_place.values()
        for place in library.places(article_id)
    }
    return tuple(files.get((Path(one.path), one.part)) for one in identities)


def rows_of(comparison: Comparison, view: str, words: str = "") -> tuple[Row, ...]:
    """Return the rows of a view in which every one of ``words`` stands, in either script."""
    rows = comparison.rows if view == ALL else comparison.with_verdict(view)
    wanted = to_simplified(words).casefold().split()
    if not wanted:
        return tuple(rows)
    return tuple(
        row for row in rows if all(word in to_simplified(_said(row)).casefold() for word in wanted)
    )


def counts(comparison: Comparison) -> dict[str, int]:
    """Return how many rows each view has, and how many statements the timeline."""
    found = {verdict: len(comparison.with_verdict(verdict)) for verdict in VIEWS[1:-1]}
    return {ALL: len(comparison.rows), **found, TIMELINE: len(comparison.timeline)}


def first_view(comparison: Comparison) -> str:
    """Return the view to begin with: what differs, where anything does."""
    return DIFFER if comparison.with_verdict(DIFFER) else ALL


def status_of(row: Row, cell: Cell) -> str:
    """Return what a cell is marked with: ``changes`` where the values are of other times."""
    return CHANGES if row.verdict == CHANGES and cell.status == DIFFER else cell.status


def place_of(cell: Cell, article_ids: Sequence[int | None]) -> Place | None:
    """Return where a cell is said; None where it is silent or its article is gone."""
    article_id = article_ids[cell.article - 1]
    if cell.status == SILENT or not cell.citations or article_id is None:
        return None
    return Place(article_id, tuple((one.start, one.end) for one in cell.citations))


def place_of_event(event: Event, article_ids: Sequence[int | None]) -> Place | None:
    """Return where a dated statement is said first; None where its article is gone."""
    article_id = article_ids[event.articles[0] - 1] if event.articles else None
    if article_id is None or not event.citations:
        return None
    return Place(article_id, tuple((one.start, one.end) for one in event.citations))


def _said(row: Row) -> str:
    parts = [row.subject]
    for cell in row.cells:
        parts += [cell.value, cell.text, *(one.quote for one in cell.citations)]
    return "\n".join(parts)
