"""What a row has to say, read once for all formats: statements, evidence, facts that are wrong."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.batch.reports.rows import Row
from workbench.filenames import readable
from workbench.grounding.check import DIFFERS, Check
from workbench.i18n import _
from workbench.tasks import field_views, views
from workbench.tasks.ask import views as answer_views
from workbench.tasks.ask.answer import Answer
from workbench.tasks.compare import views as comparison_views
from workbench.tasks.compare.comparison import SILENT, Cell, Comparison
from workbench.tasks.result import Citation, FieldCheck, Point, Result
from workbench.tasks.stored import rebuilt

# What XML 1.0 (section 2.2) has no place for, and control characters that nobody can see.
_UNWRITABLE = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Quote:
    """A span of the original text of article ``article`` (from 0) that a statement rests on."""

    article: int
    passage: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that is stated: a point, a field, a cell of a comparison, an answer.

    ``label`` says what it is about where that is not the article: the subject of a row, a question.
    ``support`` runs from 0 to 1, None where it was not measured.
    """

    text: str
    quotes: tuple[Quote, ...] = ()
    checks: tuple[Check, ...] = ()
    support: float | None = None
    remarks: tuple[str, ...] = ()
    label: str = ""
    depth: int = 0
    article: int = 0
    verified: bool | None = None

    @property
    def wrong(self) -> tuple[Check, ...]:
        """Return the facts that the article does not hold, or holds otherwise."""
        return tuple(check for check in self.checks if check.wrong)


@dataclass(frozen=True, slots=True)
class Told:
    """A row as a reader meets it; ``made`` is what the task returned, None where it failed."""

    row: Row
    made: Result | Comparison | Answer | None
    error: str
    headline: str
    statements: tuple[Statement, ...] = ()
    headline_checks: tuple[Check, ...] = ()
    remarks: tuple[str, ...] = ()
    footer: str = ""

    @property
    def name(self) -> str:
        """Return what to call the article, or the first of them: its path, and its part."""
        return article_name(self.row.article)

    @property
    def title(self) -> str:
        """Return what to put above it: the headline, the question, or the title of the article."""
        return self.headline or article_title(self.row.article)

    @property
    def template(self) -> str:
        """Return the name of the template."""
        made = self.made
        return clean(made.template.name if made else self.row.work.get("template") or "")

    @property
    def model(self) -> str:
        """Return the name of the model."""
        made = self.made
        return clean(made.model.name if made else self.row.work.get("model") or "")

    @property
    def script(self) -> str:
        """Return the script the result is written in, that of the article where it was kept."""
        asked = str(self.made.settings.get("script") or "") if self.made else ""
        return asked if asked not in ("", "keep") else str(self.row.article.get("script") or "")

    @property
    def checks(self) -> tuple[Check, ...]:
        """Return every fact that was looked up."""
        return (*self.headline_checks, *(one for each in self.statements for one in each.checks))

    @property
    def wrong(self) -> tuple[tuple[Check, str], ...]:
        """Return every fact that is wrong, with the statement it stands in."""
        of_headline = [(check, self.headline) for check in self.headline_checks if check.wrong]
        of_statements = [(check, one.text) for one in self.statements for check in one.wrong]
        return (*of_headline, *of_statements)

    @property
    def support(self) -> float | None:
        """Return the mean support of the statements that have one."""
        found = [one.support for one in self.statements if one.support is not None]
        return sum(found) / len(found) if found else None

    @property
    def characters(self) -> int:
        """Return how long the statements are together, in characters."""
        return sum(len(one.text) for one in self.statements)

    @property
    def article_characters(self) -> int | None:
        """Return how long the articles are together; None where that is not known."""
        found = [_characters(one) for one in self.row.articles]
        known = [one for one in found if one is not None]
        if len(known) == len(found):
            return sum(known)
        return self.made.coverage.characters_total if isinstance(self.made, Result) else None


def tell(row: Row) -> Told:
    """Read a row; a result that no program wrote becomes a failure that says so."""
    if row.result is None:
        return _failed(row, row.error or _("there is no result"))
    try:
        if row.task == "compare":
            return _compared(row, rebuilt(Comparison, row.result))
        if row.task == "ask":
            return _answered(row, rebuilt(Answer, row.result))
        return _summarised(row, rebuilt(Result, row.result))
    except (ValueError, TypeError) as error:
        return _failed(row, _("the result cannot be understood ({reason})").format(reason=error))


def article_name(article: Mapping[str, Any]) -> str:
    """Return what to call an article: its path, and its part of that file."""
    path, part = str(article.get("path") or ""), article.get("part")
    return clean(f"{path} · {part}" if part else path)


def article_title(article: Mapping[str, Any]) -> str:
    """Return the title of an article, or the name of its file."""
    return clean(article.get("title") or Path(str(article.get("path") or "")).name)


def clean(value: object) -> str:
    """Return a text that every format can hold, what nobody can write or see as U+FFFD."""
    text = readable(str(value)).replace("\r\n", "\n").replace("\r", "\n")
    return _UNWRITABLE.sub("\ufffd", text)


def said_of(check: Check) -> str:
    """Say what is wrong with a fact."""
    if check.status == DIFFERS:
        return _("the article says otherwise: {facts}").format(facts=clean(check.instead))
    return _("not in the article")


def _failed(row: Row, error: str) -> Told:
    question = row.work.get("question") if row.task == "ask" else ""
    return Told(row, None, " ".join(clean(error).split()), clean(question or ""))


def _summarised(row: Row, made: Result) -> Told:
    points = [_point(one) for one in made.points]
    fields = [_field(one) for one in field_views.rows(made.fields, made.field_checks)]
    return Told(
        row,
        made,
        "",
        clean(made.headline),
        (*points, *fields),
        made.headline_checks,
        tuple(map(clean, views.headline_remarks(made))),
        clean(views.footer(made)),
    )


def _point(point: Point) -> Statement:
    return Statement(
        clean(point.text),
        _quotes(point.citations, 0),
        point.checks,
        point.support,
        tuple(map(clean, views.remarks(point))),
        verified=point.verified,
    )


def _field(row: field_views.Row) -> Statement:
    """Make a line of fields a statement; its facts are found again in the line as it is shown."""
    checks: list[Check] = []
    text = clean(row.text)
    for value in row.checks:
        checks += _moved(value, text)
    supports = [value.support for value in row.checks]
    return Statement(
        text,
        tuple(dict.fromkeys(one for value in row.checks for one in _quotes(value.citations, 0))),
        tuple(checks),
        min(supports) if supports else None,
        tuple(map(clean, views.field_remarks(row.checks))),
        depth=row.depth,
    )


def _moved(value: FieldCheck, text: str) -> list[Check]:
    """Give the facts of a value their places in the line it is shown in."""
    at = text.find(clean(value.text))
    if at < 0:
        return [Check(one.kind, one.text, 0, 0, one.status, one.instead) for one in value.checks]
    return [
        Check(one.kind, one.text, one.start + at, one.end + at, one.status, one.instead)
        for one in value.checks
    ]


def _compared(row: Row, made: Comparison) -> Told:
    overview = made.overview
    statements = [
        Statement(
            clean(_said(cell) + comparison_views.missing(cell)),
            _quotes(cell.citations, cell.article - 1),
            label=clean(one.subject),
            article=cell.article - 1,
        )
        for verdict, _heading in comparison_views.headings()
        for one in made.with_verdict(verdict)
        for cell in one.cells
        if cell.status != SILENT
    ]
    titles = [clean(one.article.title or Path(one.article.path).name) for one in made.articles]
    return Told(
        row,
        made,
        "",
        clean(overview.text if overview else made.headline) or " / ".join(titles),
        tuple(statements),
        overview.checks if overview else (),
        tuple(map(clean, comparison_views.remarks(made))),
        clean(comparison_views.footer(made)),
    )


def _said(cell: Cell) -> str:
    """Say what an article says, whole: other views shorten it to their columns."""
    value = f"{cell.value}: " if cell.value and cell.value != cell.text else ""
    when = f"({cell.when}) " if cell.when else ""
    return f"{value}{when}{' '.join(cell.text.split())}"


def _answered(row: Row, made: Answer) -> Told:
    quotes = tuple(
        Quote(one.article, one.passage, one.start, one.end, clean(one.quote))
        for one in made.evidence
    )
    answer = Statement(
        clean(made.text),
        quotes,
        made.checks,
        None if made.refused else made.support,
        tuple(map(clean, answer_views.remarks(made))),
        clean(made.question),
        verified=made.confirmed,
    )
    return Told(
        row, made, "", clean(made.question), (answer,), footer=clean(answer_views.footer(made))
    )


def _quotes(citations: Sequence[Citation], article: int) -> tuple[Quote, ...]:
    return tuple(
        Quote(article, one.passage, one.start, one.end, clean(one.quote)) for one in citations
    )


def _characters(article: Mapping[str, Any]) -> int | None:
    known = article.get("characters")
    if isinstance(known, int):
        return known
    text = article.get("text")
    return len(text) if isinstance(text, str) else None
