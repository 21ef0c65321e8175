"""What the jobs of the desk have written so far, whichever article is looked at."""

from workbench.desk.desk import Desk
from workbench.desk.events import (
    DeskEvent,
    JobAgain,
    JobDone,
    JobFailed,
    JobPoint,
    JobProgress,
    JobStopped,
    JobText,
)
from workbench.i18n import _
from workbench.tui.reading.progress_line import progress_line
from workbench.tui.reading.written import Written


class JobTexts:
    """Keeps drafts and points of jobs while they run, so that one may look away and back."""

    def __init__(self) -> None:
        self._written: dict[int, Written] = {}
        self._lines: dict[int, str] = {}

    def of(self, job_id: int) -> Written:
        """Return what a job has written; it goes on being filled."""
        return self._written.setdefault(job_id, Written())

    def line(self, job_id: int) -> str:
        """Return how far a job was said to be last."""
        return self._lines.get(job_id, "")

    def take(self, event: DeskEvent) -> None:
        """Note what an event tells; of a job that ended nothing is kept."""
        match event:
            case JobProgress():
                self._lines[event.job_id] = line_of(event)
                if event.phase != "writing":
                    self.of(event.job_id).pause()
            case JobText():
                self.of(event.job_id).add(event.text)
            case JobAgain():
                self.of(event.job_id).again(event.reason)
            case JobPoint():
                self.of(event.job_id).point(event.point)
            case JobDone() | JobFailed() | JobStopped():
                self._written.pop(event.job_id, None)
                self._lines.pop(event.job_id, None)


def line_of(event: JobProgress) -> str:
    """Say how far a job is."""
    return progress_line(
        event.phase,
        event.done,
        event.total,
        event.rate,
        event.seconds_left,
        event.step,
        event.steps,
    )


def waiting_line(desk: Desk) -> str:
    """Say why a job has not begun."""
    if desk.paused:
        return _("the queue is paused; the queue's screen lets it go on")
    return _("waiting for its turn")
