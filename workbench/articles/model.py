"""An article as understood: the original text, and what was found in it, by offset."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Script(StrEnum):
    """The script a text is written in."""

    SIMPLIFIED = "simplified"
    TRADITIONAL = "traditional"
    MIXED = "mixed"
    OTHER = "other"


class Wording(StrEnum):
    """Whose words a Traditional text uses, where they tell."""

    TAIWAN = "taiwan"
    HONG_KONG = "hongkong"


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes were decoded.

    ``method`` is ``bom``, ``utf-8``, ``declared``, ``scored`` or ``given``; ``confidence`` and
    ``runner_up_confidence`` run from 0 to 1; ``undecodable`` counts U+FFFD put in for bytes that
    could not be read. ``also`` names the encodings that parts of the file were in instead.
    ``misread``: the text had once been read in this encoding by mistake and saved again, which was
    undone.
    """

    name: str
    method: str
    confidence: float
    runner_up: str | None = None
    runner_up_confidence: float = 0.0
    undecodable: int = 0
    also: tuple[str, ...] = ()
    misread: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` (exclusive) of the article's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of whole sentences, the unit of splitting and citing.

    ``number`` runs from 1. ``id`` is made of what the passage says, and so stays when others come,
    go or move; of equal passages, the later ones have a count in theirs.
    """

    number: int
    start: int
    end: int
    sentences: tuple[Span, ...]
    id: str = ""


@dataclass(frozen=True, slots=True)
class Removal:
    """A stretch of the text that is not article, with the rule that says so and why."""

    start: int
    end: int
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Characters of the file that never became text, such as the menus of a web page."""

    characters: int
    reason: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a title, date, byline or source was found.

    ``field`` names it; ``where`` is ``text`` (then ``start`` and ``end`` are offsets into the
    article's text), ``page`` (the head of a web page), ``file`` (front matter, a column, or the
    properties of a document) or ``name`` (the file's name); ``detail`` says more, such as the name
    of the column.
    """

    field: str
    where: str
    detail: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One article as understood.

    ``text`` is the original text: for plain text and Markdown the decoded file, for other formats
    the readable text in it. Every offset of passages and removals points into it. ``part`` says
    which article of a file with several it is, such as ``chapter.html`` of an archive or ``row 12``
    of a table. ``sha256`` and ``size`` (bytes) are of the file, or of the part. ``names`` are
    those the user wants left in the script the text writes them in (ReadOptions.names).
    """

    path: Path
    sha256: str
    size: int
    format: str
    encoding: Encoding
    script: Script
    text: str
    passages: tuple[Passage, ...]
    removals: tuple[Removal, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    title: str | None = None
    date: str | None = None
    byline: str | None = None
    source: str | None = None
    part: str | None = None
    wording: Wording | None = None
    findings: tuple[Finding, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return what to call the article before a user: its path, and its part of that file."""
        return f"{self.path} · {self.part}" if self.part else str(self.path)

    @property
    def content_sha256(self) -> str:
        """Return the SHA-256 of the text, the same whatever file, format or encoding it was in."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    def passage_text(self, passage: Passage) -> str:
        """Return the original text of a passage."""
        return self.text[passage.start : passage.end]
