"""Running a batch: for each model what is outstanding, kept piece by piece, then the reports."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from workbench.batch import pace, watching
from workbench.batch.assignments import Question, assignments
from workbench.batch.dispatch import Dispatch, Task
from workbench.batch.job import Job
from workbench.batch.ledger import Ledger
from workbench.batch.posts import OpenSession, Post, open_session
from workbench.batch.source import Listener, Source, Wanted
from workbench.batch.stopping import AT_ONCE, GO_ON, Stop
from workbench.batch.units import Unit, Units
from workbench.batch.workers import Workers
from workbench.errors import EngineError, ModelError, UsageError
from workbench.i18n import _
from workbench.tasks.events import TaskEvent
from workbench.tasks.recording import Recorder
from workbench.tasks.result import ModelIdentity

if TYPE_CHECKING:
    from workbench.batch.ray.crew import Crew

_AHEAD = 8
"""Articles read before they are needed."""
_PATIENCE = 10.0
"""Seconds to wait for work that was told to end at once."""
_LOOK = 0.25
_SHOW = 0.5
_NOTE = 2.0
"""Seconds between looks at what happens, showing it, and noting it in the ledger."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How the work of a run ended: ``done``, ``stopped`` or ``failed``; and what to say of it."""

    run: int
    state: str
    counts: watching.Counts
    seconds: float
    tokens: int
    problems: tuple[str, ...]


class Run:
    """One run of a batch into a ledger that is held."""

    def __init__(
        self,
        job: Job,
        asked: Sequence[Question],
        units: Units,
        ledger: Ledger,
        watcher: watching.Watcher,
        stop: Stop,
        *,
        retry_failed: bool = False,
        opened: OpenSession = open_session,
    ):
        self._job = job
        self._asked = asked
        self._units = units
        self._ledger = ledger
        self._watcher = watcher
        self._stop = stop
        self._again = retry_failed
        self._open = opened
        if job.on:
            from workbench.batch.ray.cluster import imported
            from workbench.batch.ray.head import head_model

            imported(job.on)
            self._open = head_model
        groups = [job.named_models] if job.spread else [(one,) for one in job.named_models]
        self._groups: Sequence[tuple[str, ...]] = groups
        total = sum(unit.weight for unit in units.units)
        self._told = _Told(watcher, pace.Pace(float(total * len(groups))), len(units.units))
        self._run = 0

    def go(self) -> Ended:
        """Do what is outstanding; WorkbenchError where the ledger takes no more."""
        began = time.monotonic()
        for notice in self._units.notices:
            self._watcher.notice(notice)
        self._run = self._ledger.begin(asdict(self._job))
        with Recorder(self._told.problem) as recorder:
            self._told.recorder = recorder
            for group in self._groups:
                if self._stop.level == GO_ON:
                    self._group(group)
                self._fail_where_nothing_is_kept()
        state = "stopped" if self._stop.level else "failed" if self._told.broken else "done"
        self._note(began)
        self._ledger.end(self._run, state, self._told.problems)
        self._fail_where_nothing_is_kept()
        return Ended(
            self._run,
            state,
            replace(self._told.counts),
            time.monotonic() - began,
            self._told.pace.tokens,
            tuple(self._told.problems),
        )

    def _group(self, names: Sequence[str]) -> None:
        """Have one model do its part, by itself or on several servers."""
        posts: list[Post] = []
        try:
            for name in names:
                session = self._open(
                    self._job.in_settings(name),
                    self._watcher.loading,
                    self._watcher.notice,
                    self._job.patience,
                )
                posts.append(Post(name, session))
            model = self._identity(posts)
        except (ModelError, EngineError, UsageError) as error:
            self._told.fail(str(error))
            for post in posts:
                post.close()
            return
        try:
            self._work(posts, model)
        finally:
            for post in posts:
                post.close()

    def _identity(self, posts: Sequence[Post]) -> ModelIdentity:
        """Return which model it is: as the first server tells that answers."""
        for number, post in enumerate(posts, start=1):
            try:
                return post.model
            except EngineError as error:
                if number == len(posts):
                    raise
                self._watcher.notice(str(error))
        raise UsageError(_("no model is named"), fix=_("Give one with -m."))

    def _work(self, posts: Sequence[Post], model: ModelIdentity) -> None:
        dispatch = Dispatch(_AHEAD)
        told = self._told
        told.begin(model.name)
        source = Source(
            self._units.units,
            self._job.read_options(),
            assignments(self._asked, model, self._job.in_settings()),
            self._run,
            self._ledger,
            dispatch,
            told,
            Wanted(self._job.only, self._job.limit),
            self._again,
        )
        workers = self._workers(posts, model, dispatch)
        reader = source.start()
        workers.start()
        try:
            self._follow(workers, reader)
        finally:
            workers.stop()
            if self._stop.level and workers.alive():
                self._watcher.notice(_("what is being written is finished; asked again, it is not"))
            self._end(workers, reader)
        if source.failure is not None and self._ledger.failure is None:
            told.fail(str(source.failure))
        if workers.given_up:
            told.broken = True
        source.check()
        if source.changed:
            told.problem(
                _("{count} files changed after they were read, such as {name}").format(
                    count=len(source.changed), name=source.changed[0]
                )
                + "; "
                + _("the same command does those again")
            )

    def _workers(
        self, posts: Sequence[Post], model: ModelIdentity, dispatch: Dispatch
    ) -> "Workers | Crew":
        """Return who does the work: the posts, or the cluster that was named."""
        if not self._job.on:
            return Workers(posts, model, dispatch, self._ledger, self._told, self._job.patience)
        from workbench.batch.ray.crew import Crew
        from workbench.batch.ray.head import HeadModel

        orders = HeadModel(self._job.in_settings(posts[0].name)).orders()
        return Crew(self._job.on, orders, dispatch, self._ledger, self._told)

    def _end(self, workers: "Workers | Crew", reader: threading.Thread) -> None:
        """Wait for what is being done; at once, no longer than a model takes that is loading."""
        patience = _PATIENCE
        while (workers.alive() or reader.is_alive()) and patience > 0:
            if self._stop.level == AT_ONCE or self._ledger.failure is not None:
                workers.cancel()
                patience -= _LOOK
            self._stop.wait(_LOOK)

    def _follow(self, workers: "Workers | Crew", reader: threading.Thread) -> None:
        """Watch until all is done or somebody wants it to end."""
        began = shown = noted = time.monotonic()
        while workers.alive() or reader.is_alive():
            if self._stop.level or self._ledger.failure is not None:
                return
            self._stop.wait(_LOOK if time.monotonic() - began > 1 else _LOOK / 10)
            now = time.monotonic()
            if now - shown >= _SHOW:
                shown = now
                self._watcher.progress(self._told.progress(now - began))
            if now - noted >= _NOTE:
                noted = now
                self._note(began)

    def _note(self, began: float) -> None:
        if self._ledger.failure is None:
            progress = self._told.progress(time.monotonic() - began)
            self._watcher.progress(progress)
            self._ledger.note(self._run, asdict(progress))

    def _fail_where_nothing_is_kept(self) -> None:
        if self._ledger.failure is not None:
            raise self._ledger.failure


class _Told(Listener):
    """Counts what reader and workers tell, and passes on what a face shows."""

    def __init__(self, watcher: watching.Watcher, counted: pace.Pace, units: int):
        self.counts = watching.Counts()
        self.pace = counted
        self.problems: list[str] = []
        self.broken = False
        self.recorder: Recorder | None = None
        self._watcher = watcher
        self._units_total = units
        self._units = 0
        self._model = ""
        self._running: dict[int, str] = {}
        self._lock = threading.Lock()
        self._recording = threading.Lock()

    def begin(self, model: str) -> None:
        """Hear that another model's part begins."""
        with self._lock:
            self._model, self._units = model, 0
            self.pace.pause()

    def progress(self, seconds: float) -> watching.Progress:
        """Return how far everything is."""
        with self._lock:
            return watching.Progress(
                replace(self.counts),
                self._units,
                self._units_total,
                self.pace.share,
                self.pace.tokens,
                round(self.pace.tokens_a_second, 1),
                self.pace.seconds_left,
                round(seconds, 1),
                self._model,
                tuple(self._running.values()),
            )

    def fail(self, text: str) -> None:
        """Hear what kept a part of the work from being done."""
        self.broken = True
        self.problem(text)

    def problem(self, text: str) -> None:
        """Hear what concerns no article but the whole."""
        with self._lock:
            if text in self.problems:
                return
            self.problems.append(text)
        self._watcher.notice(text)

    def notice(self, text: str) -> None:
        """Hear what was left out."""
        self._watcher.notice(text)

    def met(self, unit: Unit, weight: float) -> None:
        """Hear that a unit was looked at, and how much work of it was found."""
        with self._lock:
            self._units += 1
            self.pace.total += weight - unit.weight

    def before(self, weight: float, pieces: int) -> None:
        """Hear of pieces that are done already."""
        with self._lock:
            self.counts.before += pieces
            self.pace.skip(weight)

    def unreadable(self, name: str, error: str, weight: float, pieces: int) -> None:
        """Hear of an article that cannot be read."""
        with self._lock:
            self.counts.failed += pieces
            self.pace.skip(weight)
        self._watcher.failed(name, error)

    def begins(self, task: Task) -> None:
        """Hear that a piece begins."""
        name = _named(task)
        with self._lock:
            self.pace.begin()
            self._running[task.piece] = name
        self._watcher.begins(name)

    def event(self, task: Task, event: TaskEvent) -> None:
        """Hear what a task reports."""
        self._watcher.event(_named(task), event)

    def done(self, task: Task, result: Mapping[str, Any]) -> None:
        """Hear that a piece is done, and enter it in the library where its articles are."""
        with self._lock:
            self._running.pop(task.piece, None)
            self.counts.done += 1
            self.pace.add(task.share, _tokens(result))
        if self.recorder is not None:
            with self._recording:
                self.recorder.record(task.load.articles, _Found(result))

    def failed(self, task: Task, error: str) -> None:
        """Hear that a piece failed, and why."""
        with self._lock:
            self._running.pop(task.piece, None)
            self.counts.failed += 1
            self.pace.add(task.share, 0)
        self._watcher.failed(_named(task), error)

    def left(self, task: Task) -> None:
        """Hear that a piece was left unfinished and waits again."""
        with self._lock:
            self._running.pop(task.piece, None)


@dataclass(frozen=True, slots=True)
class _Found:
    """A result as a recorder takes it."""

    found: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        return dict(self.found)


def _named(task: Task) -> str:
    return f"{task.load.name} · {task.assignment.template.name}"


def _tokens(result: Mapping[str, Any]) -> int:
    """Return how many tokens were read and written for a result, without what was reused."""
    usage = result.get("usage") or {}
    read = int(usage.get("prompt_tokens", 0)) - int(usage.get("reused_tokens", 0))
    return max(0, read) + int(usage.get("generated_tokens", 0))
