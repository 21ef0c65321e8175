"""A result as rows of a pane: points and fields with their marks, and what to say of each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from workbench.grounding.check import ELSEWHERE, Check
from workbench.tasks import field_views
from workbench.tasks.result import Citation, FieldCheck, Point, Result
from workbench.tasks.views import field_remarks, headline_remarks, remarks

SOUND, DOUBTFUL, WRONG = "✓", "?", "!"
"""Marks that tell without colours how a row stands; each is one cell wide."""


class RowKind(StrEnum):
    """What a row of a result is."""

    HEADLINE = "headline"
    POINT = "point"
    REMARK = "remark"
    FIELD = "field"
    LABEL = "label"
    DRAFT = "draft"
    ABOUT = "about"


@dataclass(frozen=True, slots=True)
class Row:
    """One row; those with ``stops`` can be gone to, with what they rest on.

    ``text`` is what the model wrote and ``tail`` what is said after it; ``checks`` count from the
    beginning of ``text``, those of a field are told in its remarks alone. ``index`` is the number
    of the point in the result, from 0.
    """

    kind: RowKind
    text: str
    lead: str = ""
    tail: str = ""
    mark: str = ""
    depth: int = 0
    citations: tuple[Mapping[str, Any], ...] = ()
    checks: tuple[Mapping[str, Any], ...] = ()
    remarks: tuple[str, ...] = ()
    index: int = -1

    @property
    def stops(self) -> bool:
        """Say whether one can go to this row."""
        return self.kind in (RowKind.HEADLINE, RowKind.POINT) or bool(self.citations)


def rows_of(result: Result) -> list[Row]:
    """Lay a summary out."""
    found: list[Row] = []
    if result.headline:
        said = headline_remarks(result)
        found.append(
            Row(
                RowKind.HEADLINE,
                result.headline,
                mark=_mark(result.headline_checks) if result.headline_checks else "",
                checks=_plain(result.headline_checks),
                remarks=tuple(said),
            )
        )
        found += _remarks(said)
    for index, point in enumerate(result.points):
        found += point_rows(point, index)
    for row in field_views.rows(result.fields, result.field_checks):
        found += _field(row.text, row.depth, row.checks)
    return found


def point_rows(point: Point, index: int) -> list[Row]:
    """Lay one point out, and what must be known before trusting it."""
    said = remarks(point)
    doubtful = point.weak or point.verified is False
    row = Row(
        RowKind.POINT,
        point.text,
        lead=f"{index + 1}. ",
        tail=_tail(point.citations, point.support),
        mark=_mark(point.checks, doubtful=doubtful),
        citations=_cited(point.citations),
        checks=_plain(point.checks),
        remarks=tuple(said),
        index=index,
    )
    return [row, *_remarks(said, 1)]


def draft_row(text: str) -> Row:
    """Lay out what is being written and is not checked yet."""
    return Row(RowKind.DRAFT, text)


def passage_labels(row: Row) -> list[tuple[int, int, int]]:
    """Return for each passage number in a row's tail its number and where it stands there."""
    found = []
    at = 0
    while (start := row.tail.find("[", at)) >= 0:
        end = row.tail.index("]", start) + 1
        found.append((int(row.tail[start + 1 : end - 1]), start, end))
        at = end
    return found


def _field(text: str, depth: int, checks: Sequence[FieldCheck]) -> Iterator[Row]:
    said = field_remarks(checks)
    citations = tuple(dict.fromkeys(one for check in checks for one in check.citations))
    if not checks:
        yield Row(RowKind.LABEL if not depth else RowKind.FIELD, text, depth=depth)
        return
    every = tuple(one for check in checks for one in check.checks)
    yield Row(
        RowKind.FIELD,
        text,
        lead="- " if depth else "",
        tail=_tail(citations, None),
        mark=_mark(every, doubtful=any(check.weak for check in checks)),
        depth=depth,
        citations=_cited(citations),
        checks=_placed(text, every),
        remarks=tuple(said),
    )
    yield from _remarks(said, depth + 1)


def _placed(text: str, checks: Sequence[Check]) -> tuple[Mapping[str, Any], ...]:
    """Return checks of values with their places in the line that shows these values."""
    found = []
    at = 0
    for check in checks:
        start = text.find(check.text, at)
        start = start if start >= 0 else text.find(check.text)
        if start >= 0:
            at = start + len(check.text)
            found.append({**asdict(check), "start": start, "end": at})
    return tuple(found)


def _remarks(said: Sequence[str], depth: int = 0) -> list[Row]:
    return [Row(RowKind.REMARK, remark, lead="! ", depth=depth) for remark in said]


def _mark(checks: Sequence[Check], *, doubtful: bool = False) -> str:
    if any(check.wrong for check in checks):
        return WRONG
    if doubtful or any(check.status == ELSEWHERE for check in checks):
        return DOUBTFUL
    return SOUND


def _tail(citations: Sequence[Citation], support: float | None) -> str:
    numbers = dict.fromkeys(one.passage for one in citations)
    cited = "".join(f"[{number}]" for number in numbers)
    held = f"{support:.0%}" if support is not None else ""
    return " ".join(one for one in (cited, held) if one)


def _cited(citations: Sequence[Citation]) -> tuple[Mapping[str, Any], ...]:
    return tuple(asdict(one) for one in citations)


def _plain(checks: Sequence[Check]) -> tuple[Mapping[str, Any], ...]:
    return tuple(asdict(one) for one in checks)
