"""What the desk tells its face while it works; told on the desk's own thread."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.engine.protocol import ModelInfo
from workbench.tasks.result import Point


@dataclass(frozen=True, slots=True)
class EngineState:
    """What the engine is at: ``phase`` is ``none``, ``loading``, ``ready`` or ``failed``.

    ``progress`` of loading runs from 0 to 1; ``error`` is one line; ``info`` is there when ready.
    """

    phase: str = "none"
    model: str = ""
    progress: float = 0.0
    error: str = ""
    info: ModelInfo | None = None


@dataclass(frozen=True, slots=True)
class QueueChanged:
    """A job came, began, ended, moved, or the queue was paused."""


@dataclass(frozen=True, slots=True)
class EngineChanged:
    """The engine is at something else now."""

    state: EngineState


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know though the work goes on."""

    text: str


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is: ``phase`` is ``loading``, ``reading``, ``writing`` or ``checking``.

    ``done`` of ``total`` tokens, of which ``rate`` a second; ``seconds_left`` of the whole job,
    None while nothing is known. ``step`` of ``steps`` calls, about ``part`` of ``parts``, of
    ``article`` of ``articles`` where a job goes through several one by one, else 0.
    """

    job_id: int
    phase: str
    done: int = 0
    total: int = 0
    rate: float | None = None
    seconds_left: float | None = None
    step: int = 0
    steps: int = 0
    part: int = 1
    parts: int = 1
    article: int = 0
    articles: int = 0


@dataclass(frozen=True, slots=True)
class JobText:
    """The model wrote a piece of text, as yet unchecked."""

    job_id: int
    text: str


@dataclass(frozen=True, slots=True)
class JobAgain:
    """The engine failed and a call begins anew: what was written in it is void."""

    job_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class JobPoint:
    """A point is written and checked."""

    job_id: int
    point: Point


@dataclass(frozen=True, slots=True)
class JobDone:
    """A job is done and its result kept."""

    job_id: int
    result_id: int | None
    result: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class JobStopped:
    """A job was stopped; ``result_id`` is of what there was by then, None where that is nothing."""

    job_id: int
    result_id: int | None


@dataclass(frozen=True, slots=True)
class JobFailed:
    """A job failed, with one line that says why."""

    job_id: int
    error: str


DeskEvent = (
    QueueChanged
    | EngineChanged
    | Notice
    | JobProgress
    | JobText
    | JobAgain
    | JobPoint
    | JobDone
    | JobStopped
    | JobFailed
)
Listener = Callable[[DeskEvent], None]
