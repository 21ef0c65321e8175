"""An article as understood: the original text, and what was found in it, by offset."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Script(StrEnum):
    """The script a text is written in."""

    SIMPLIFIED = "simplified"
    TRADITIONAL = "traditional"
    MIXED = "mixed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes were decoded.

    ``method`` is ``bom``, ``utf-8``, ``declared``, ``scored`` or ``given``; ``confidence`` and
    ``runner_up_confidence`` run from 0 to 1; ``undecodable`` counts U+FFFD put in for bytes that
    could not be read.
    """

    name: str
    method: str
    confidence: float
    runner_up: str | None = None
    runner_up_confidence: float = 0.0
    undecodable: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` (exclusive) of the article's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of whole sentences, the unit of splitting and citing; ``number`` runs from 1."""

    number: int
    start: int
    end: int
    sentences: tuple[Span, ...]


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
class Article:
    """One file as understood.

    ``text`` is the original text: for plain text and Markdown the decoded file, for HTML the
    readable text of the page. Every offset of passages and removals points into it. ``sha256`` and
    ``size`` (bytes) are of the file.
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

    def passage_text(self, passage: Passage) -> str:
        """Return the original text of a passage."""
        return self.text[passage.start : passage.end]
