"""What travels between the head and the nodes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.articles.model import Article
from workbench.prompting.template import Template
from workbench.settings import Settings
from workbench.tasks.result import ModelIdentity
from workbench.tasks.work import Work

DONE, FAILED, ENGINE, BROKEN, LEFT = "done", "failed", "engine", "broken", "left"
"""How a piece ends on a node: ``engine`` is a failure of the engine at this piece, ``broken`` an
engine that does no piece at all; what is left was not begun, or was told to stop."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that a node has to have: its SHA-256, its size in bytes, its path on the head."""

    sha256: str
    size: int
    path: str


@dataclass(frozen=True, slots=True)
class Orders:
    """What every node has to know: the model, its adapters with their scales, and the settings."""

    settings: Settings
    model: ModelIdentity
    file: ModelFile
    adapters: tuple[tuple[ModelFile, float], ...]
    version: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """Articles and what is asked about them: number of the piece, work, template."""

    articles: tuple[Article, ...]
    pieces: tuple[tuple[int, Work, Template], ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a piece ended on a node: with a result, or with the reason why there is none."""

    piece: int
    state: str
    node: str
    result: Mapping[str, Any] | None = None
    reason: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class News:
    """What the head is told: pieces begun and ended, parts of files that nodes want.

    A part is named by SHA-256 and number. ``over``: no more comes; ``failure`` says why, where that
    is not because all is done.
    """

    begun: tuple[int, ...] = ()
    ended: tuple[Ending, ...] = ()
    wanted: tuple[tuple[str, int], ...] = ()
    over: bool = False
    failure: str = ""
    notices: tuple[str, ...] = field(default=())
