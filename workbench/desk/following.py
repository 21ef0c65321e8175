"""From what a task reports to what the desk tells: phases, speeds, time left; and stopping."""

import time
from collections.abc import Callable

from workbench.desk.events import JobAgain, JobPoint, JobProgress, JobText, Listener
from workbench.desk.pace import Pace
from workbench.errors import Cancelled
from workbench.i18n import _
from workbench.tasks.events import (
    Again,
    ArticleBegins,
    Checking,
    PointReady,
    ReadingProgress,
    Step,
    TaskEvent,
    Writing,
)

_LEAST_SECONDS = 0.5
_TELL_EVERY = 0.1


class Follower:
    """Observes one job. ``stop`` makes the task end with Cancelled at its next event.

    Time left is what reading still takes at the speed seen, and the calls to come at the pace of
    earlier ones. ``given_up``: the job was ended while its model was being loaded.
    """

    def __init__(
        self,
        job_id: int,
        tell: Listener,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._job_id = job_id
        self._tell = tell
        self._pace = pace or Pace()
        self._clock = clock
        self._step = Step(0, 0, 1, 1)
        self._article = (0, 0)
        self._call_began: float | None = None
        self._reading_since: float | None = None
        self._read_at_first = 0
        self._writing_since: float | None = None
        self._written = 0
        self._told = float("-inf")
        self._stopped = False
        self.given_up = False

    def stop(self) -> None:
        """Have the task end; any thread may ask for it."""
        self._stopped = True

    @property
    def stopped(self) -> bool:
        """Say whether the job is to end."""
        return self._stopped

    def __call__(self, event: TaskEvent) -> None:
        """Tell what a task reports."""
        if self._stopped:
            raise Cancelled(_("stopped"))
        match event:
            case Step():
                self._begin(event)
            case ReadingProgress():
                self._reading(event)
            case Writing():
                self._writing(event)
            case Checking():
                self._progress("checking", event.index, event.total, now=True)
            case Again():
                self._written, self._writing_since = 0, None
                self._tell(JobAgain(self._job_id, event.reason))
            case PointReady():
                self._tell(JobPoint(self._job_id, event.point))
            case ArticleBegins():
                self._article = (event.number, event.total)
                self._progress("reading", 0, 0, now=True)

    def _begin(self, step: Step) -> None:
        now = self._clock()
        if self._call_began is not None:
            self._pace.called(now - self._call_began)
        self._step, self._call_began = step, now
        self._reading_since = self._writing_since = None
        self._written = 0

    def _reading(self, event: ReadingProgress) -> None:
        now = self._clock()
        if self._reading_since is None or event.done < self._read_at_first:
            self._reading_since, self._read_at_first = now, event.done
        seconds = now - self._reading_since
        new = event.done - self._read_at_first
        rate = new / seconds if new > 0 and seconds >= _LEAST_SECONDS else None
        # A call is written once it is read: its own time begins here.
        self._call_began = now
        calls = self._calls_left(now)
        left = (event.total - event.done) / rate + calls if rate and calls is not None else None
        whole = event.done >= event.total
        self._progress("reading", event.done, event.total, rate, left, now=whole)

    def _writing(self, event: Writing) -> None:
        now = self._clock()
        if self._writing_since is None:
            self._writing_since = now
        self._written += 1
        self._tell(JobText(self._job_id, event.text))
        seconds = now - self._writing_since
        rate = self._written / seconds if seconds >= _LEAST_SECONDS else None
        self._progress("writing", self._written, 0, rate, self._calls_left(now))

    def _calls_left(self, now: float) -> float | None:
        """Return the seconds of this call and those to come, their reading aside."""
        a_call = self._pace.call_seconds
        if a_call is None or self._call_began is None:
            return None
        to_come = max(0, self._step.total - self._step.index)
        return to_come * a_call + max(0.0, a_call - (now - self._call_began))

    def _progress(
        self,
        phase: str,
        done: int,
        total: int,
        rate: float | None = None,
        left: float | None = None,
        *,
        now: bool = False,
    ) -> None:
        at = self._clock()
        if not now and at - self._told < _TELL_EVERY:
            return
        self._told = at
        step = self._step
        self._tell(
            JobProgress(
                self._job_id,
                phase,
                done,
                total,
                rate,
                left,
                step.index,
                step.total,
                step.part,
                step.parts,
                *self._article,
            )
        )
