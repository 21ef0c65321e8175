"""What hears of a batch as it goes: every method may be called from any thread."""

from dataclasses import dataclass, field

from workbench.engine.protocol import LoadEvent
from workbench.tasks.events import TaskEvent


@dataclass(slots=True)
class Counts:
    """How far a run is: pieces of work that are done now, were done before, and failed."""

    done: int = 0
    before: int = 0
    failed: int = 0
    articles: int = 0

    @property
    def over(self) -> int:
        """How many pieces nothing more is done about in this run."""
        return self.done + self.before + self.failed


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run is; ``share`` from 0 to 1, ``seconds_left`` None while that is not known.

    ``units`` of ``units_total`` files, articles of the library or comparisons were looked at.
    """

    counts: Counts = field(default_factory=Counts)
    units: int = 0
    units_total: int = 0
    share: float = 0.0
    tokens: int = 0
    tokens_a_second: float = 0.0
    seconds_left: float | None = None
    seconds: float = 0.0
    model: str = ""
    running: tuple[str, ...] = ()


class Watcher:
    """Hears of everything and does nothing; a face overrides what it shows."""

    def notice(self, text: str) -> None:
        """Hear something the user should know though the work goes on."""

    def loading(self, event: LoadEvent) -> None:
        """Hear how far loading a model is."""

    def begins(self, name: str) -> None:
        """Hear that a piece of work begins."""

    def event(self, name: str, event: TaskEvent) -> None:
        """Hear what a task reports."""

    def failed(self, name: str, error: str) -> None:
        """Hear that a piece of work failed, and why."""

    def progress(self, progress: Progress) -> None:
        """Hear how far everything is; called about twice a second."""

    def reporting(self) -> None:
        """Hear that the work is over and reports are written."""
