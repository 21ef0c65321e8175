"""What a comparison returns: rows of claims, for each article what it says, with its citations."""

from dataclasses import asdict, dataclass, field
from typing import Any

from workbench.engine.protocol import Usage
from workbench.grounding.check import Check
from workbench.tasks.result import (
    ArticleIdentity,
    Citation,
    Coverage,
    ModelIdentity,
    TemplateIdentity,
)

SCHEMA_VERSION = 1

AGREE = "agree"
DIFFER = "differ"
SILENT = "silent"
ALONE = "alone"
CHANGES = "changes"
"""Verdicts of rows and statuses of cells: only rows have ``changes``, only cells ``silent``."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one article says of a row's subject; ``article`` counts from 1.

    ``status`` is ``agree`` (another article says so too), ``differ`` (another says otherwise, or
    says it of another time), ``alone`` (no other says it) or ``silent`` (searched for, not found).
    ``text`` is in the words of the article or its digest, ``value`` the figure or name as the
    article writes it, ``when`` the time it is about, as yyyy-mm-dd as far as that is said.
    ``missing`` names facts of the claim that this article does not state.
    """

    article: int
    status: str
    text: str = ""
    value: str = ""
    when: str = ""
    citations: tuple[Citation, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One claim or one fact, with a cell for every article.

    ``kind`` is ``claim``, or of a fact ``date``, ``percent``, ``amount``, ``number``, ``duration``,
    ``rank``, ``name`` or ``stance``. ``verdict`` is ``agree``, ``differ``, ``changes`` (other
    values for other times) or ``alone``.
    """

    subject: str
    kind: str
    verdict: str
    cells: tuple[Cell, ...]

    @property
    def saying(self) -> tuple[Cell, ...]:
        """Return the cells of the articles that say something."""
        return tuple(cell for cell in self.cells if cell.status != SILENT)


@dataclass(frozen=True, slots=True)
class Event:
    """A dated statement; ``date`` as yyyy-mm-dd or as far as known, ``row`` counts from 1."""

    date: str
    text: str
    articles: tuple[int, ...]
    citations: tuple[Citation, ...]
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Reprint:
    """Two articles (from 1) of nearly the same text; ``share`` of the shorter in the other."""

    articles: tuple[int, int]
    share: float


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the articles: which it is, how much of it was read, what its digest says.

    ``dropped`` counts statements of it that the article does not bear out, which are not shown.
    ``cached`` says that it was there already and the model did not read the article again.
    """

    article: ArticleIdentity
    coverage: Coverage
    digest: tuple[str, ...]
    dropped: int
    cached: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """One sentence of the model's about all articles, its facts checked against all of them."""

    text: str
    checks: tuple[Check, ...]
    support: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A finished comparison."""

    articles: tuple[Compared, ...]
    model: ModelIdentity
    template: TemplateIdentity
    settings: dict[str, Any]
    overview: Overview | None
    rows: tuple[Row, ...]
    timeline: tuple[Event, ...]
    reprints: tuple[Reprint, ...]
    usage: Usage
    seconds: float
    rewritten: int = 0
    headline: str = field(default="")

    def with_verdict(self, *verdicts: str) -> tuple[Row, ...]:
        """Return the rows that have one of these verdicts."""
        return tuple(row for row in self.rows if row.verdict in verdicts)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-ready values, as ``comparison.schema.json`` describes them."""
        return {"schema_version": SCHEMA_VERSION, "task": "compare", **asdict(self)}
