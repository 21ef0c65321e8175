"""What a task tells its face while it works."""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.tasks.result import Point


@dataclass(frozen=True, slots=True)
class Step:
    """A call begins: ``index`` of ``total`` calls, about ``part`` of ``parts`` of the article."""

    index: int
    total: int
    part: int
    parts: int


@dataclass(frozen=True, slots=True)
class Checking:
    """What was written about stretch ``index`` of ``total`` is checked, and mended if need be."""

    index: int
    total: int


@dataclass(frozen=True, slots=True)
class ReadingProgress:
    """The model has read ``done`` of ``total`` tokens of this call, ``reused`` without work."""

    done: int
    total: int
    reused: int


@dataclass(frozen=True, slots=True)
class Writing:
    """The model wrote a piece of text, as yet unchecked."""

    text: str


@dataclass(frozen=True, slots=True)
class Again:
    """The engine failed and the call begins anew: what was written in it is void."""

    reason: str


@dataclass(frozen=True, slots=True)
class PointReady:
    """A point is written and checked."""

    point: Point


@dataclass(frozen=True, slots=True)
class ArticleBegins:
    """Work on article ``number`` of ``total`` begins."""

    number: int
    total: int
    name: str


TaskEvent = Step | Checking | ReadingProgress | Writing | Again | PointReady | ArticleBegins
Observer = Callable[[TaskEvent], None]


def ignore(_event: TaskEvent) -> None:
    """Observe nothing."""
