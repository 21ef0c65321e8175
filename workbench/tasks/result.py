"""What a task returns: points that can be checked, and how they were made."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from workbench.engine.protocol import Usage
from workbench.grounding.check import Check

SCHEMA_VERSION = 1
WEAK_SUPPORT = 0.5
"""Below this share of a point found in what it cites, the point is shown as weakly supported."""
_LEAST_STATEMENT = 10


@dataclass(frozen=True, slots=True)
class Citation:
    """A span of the article's original text that supports a point, quoted verbatim."""

    passage: int
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Point:
    """One statement, what supports it, and each of its facts checked; ``support`` from 0 to 1."""

    text: str
    citations: tuple[Citation, ...]
    checks: tuple[Check, ...]
    support: float
    verified: bool | None = None
    """Whether the model, asked again, found the point in what it cites; None: not asked."""

    @property
    def unsupported(self) -> tuple[Check, ...]:
        """Return the facts that the article does not hold, or holds otherwise."""
        return tuple(check for check in self.checks if check.wrong)

    @property
    def weak(self) -> bool:
        """Say whether little of the point was found in the article."""
        return self.support < WEAK_SUPPORT


@dataclass(frozen=True, slots=True)
class ArticleIdentity:
    """Which article a result is about; ``sha256`` of the file's bytes, or of the part's.

    ``part`` says which article of a file with several it is.
    """

    path: str
    sha256: str
    title: str | None
    date: str | None
    source: str | None
    script: str
    part: str | None = None

    @property
    def name(self) -> str:
        """Return what to call the article before a user, as ``Article.name`` does."""
        return f"{self.path} · {self.part}" if self.part else self.path


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model wrote; ``sha256`` of the GGUF, None where a server ran it."""

    name: str
    sha256: str | None
    quantization: str
    adapters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TemplateIdentity:
    """Which template asked; ``sha256`` of its file."""

    name: str
    sha256: str
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the article the model read, and how much of the file was left out as noise."""

    passages_read: int
    passages_total: int
    characters_read: int
    characters_total: int
    parts: int
    characters_left_out: int = 0


@dataclass(frozen=True, slots=True)
class Extent:
    """How much was asked for and how much was written, in points and in characters of points.

    ``exact``: the characters were asked for in all, else as many as points at most.
    """

    points_asked: int
    points: int
    characters_asked: int
    characters: int
    exact: bool


@dataclass(frozen=True, slots=True)
class FieldCheck:
    """One text or number among the fields, what supports it, and each of its facts checked.

    ``path`` is the JSON Pointer (RFC 6901) of the value in the fields, ``text`` the value.
    """

    path: str
    text: str
    citations: tuple[Citation, ...]
    checks: tuple[Check, ...]
    support: float

    @property
    def unsupported(self) -> tuple[Check, ...]:
        """Return the facts that the article does not hold, or holds otherwise."""
        return tuple(check for check in self.checks if check.wrong)

    @property
    def weak(self) -> bool:
        """Say whether little of the value was found in the article; a label says too little."""
        return self.support < WEAK_SUPPORT and len(self.text) >= _LEAST_STATEMENT


@dataclass(frozen=True, slots=True)
class Result:
    """A finished piece of work on one article."""

    article: ArticleIdentity
    model: ModelIdentity
    template: TemplateIdentity
    settings: dict[str, Any]
    headline: str
    headline_checks: tuple[Check, ...]
    points: tuple[Point, ...]
    coverage: Coverage
    usage: Usage
    seconds: float
    rewritten: int
    """Points asked for a second time because a check failed."""
    dropped: int = 0
    """Points and entries left out, as the user chose: the article does not bear them out."""
    merged_away: int = 0
    """Points of parts of a long article of which the merged points say nothing."""
    left_out: int = 0
    """Entries of fields left out because the schema or the length of an answer allows no more."""
    extent: Extent = Extent(0, 0, 0, 0, False)
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Structured fields, as the schema of the template asks for them."""
    field_checks: tuple[FieldCheck, ...] = ()
    stopped: bool = False
    """Whether the user stopped the work: points of later stretches are missing."""

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON-ready values, as ``result.schema.json`` describes them."""
        found = asdict(self)
        for point, plain in zip(self.points, found["points"], strict=True):
            plain["weak"] = point.weak
        for check, plain in zip(self.field_checks, found["field_checks"], strict=True):
            plain["weak"] = check.weak
        return {"schema_version": SCHEMA_VERSION, "task": "summarize", **found}
