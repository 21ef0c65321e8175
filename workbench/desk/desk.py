"""The desk: work that waits, the model that does it, and what comes of it, kept in the library.

One thread does the work, job after job; the engine behind it runs the calls of a job side by side.
A job is claimed, done and ended in the library, its result and its end in one transaction: however
the program ends, a job is done once.
"""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from filelock import FileLock, Timeout

from workbench.desk.events import (
    DeskEvent,
    EngineState,
    JobStopped,
    Listener,
    Notice,
    QueueChanged,
)
from workbench.desk.following import Follower
from workbench.desk.host import Host, OpenSession, real_session
from workbench.desk.job import Job, job_of, jobs_of, named
from workbench.desk.pace import Pace
from workbench.desk.performing import Performer
from workbench.errors import LibraryError, UsageError, WorkbenchError
from workbench.i18n import _
from workbench.prompting.library import find_template
from workbench.settings import Settings
from workbench.store import jobs as store
from workbench.store.library import Library
from workbench.store.listing import listed_one
from workbench.tasks.work import Work

__all__ = ["Desk", "Job"]

_ENDED_SHOWN = 200
_LOOK_AGAIN_SECONDS = 1.0


class Desk:
    """Any thread may use it; nothing but ``close`` waits longer than a query of the library."""

    def __init__(
        self, settings: Settings, library: Library, open_session: OpenSession = real_session
    ) -> None:
        self.library = library
        self._listeners: list[Listener] = []
        self._host = Host(settings, open_session, self._tell)
        self._performer = Performer(library, self._host, self._tell)
        self._changed = threading.Condition()
        self._paused = False
        self._held = False
        self._closing = False
        self._pace = Pace()
        self._follower: Follower | None = None
        self._running: int | None = None
        self._unwanted: set[int] = set()
        self._ahead: int | None = None
        self._load = False
        self._thread: threading.Thread | None = None
        lock = library.path.with_name(f"{library.path.name}.queue.lock") if library.path else None
        self._lock = FileLock(lock) if lock is not None else None
        self.elsewhere = False

    # What the face looks at.

    @property
    def settings(self) -> Settings:
        """Return the settings that work is done with."""
        return self._host.settings

    @property
    def engine_state(self) -> EngineState:
        """Return what the engine is at."""
        return self._host.state

    @property
    def paused(self) -> bool:
        """Say whether waiting jobs are held back: by the user, or because the model fails."""
        return self._paused or self._held

    def jobs(self) -> list[Job]:
        """Return the job that runs, those that wait in order, then the latest that ended."""
        with self.library.understanding() as connection:
            kept = store.waiting(connection) + store.ended(connection, _ENDED_SHOWN)
        return jobs_of(kept)

    def job(self, job_id: int) -> Job:
        """Return a job; LibraryError where there is none of that id."""
        with self.library.understanding() as connection:
            return job_of(store.load(connection, job_id))

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have events told to ``listener``, on the desk's thread; return what ends that."""
        self._listeners.append(listener)

        def end() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return end

    def count_tokens(self, text: str) -> int | None:
        """Count the tokens of a text; None while no model is loaded."""
        engine = self._host.engine()
        return engine.count_tokens([text])[0] if engine is not None else None

    def seconds_for(self, jobs: Sequence[Job]) -> float | None:
        """Guess how long jobs that wait will take, by those that were done; None before one was."""
        return self._pace.seconds_for(sum(len(job.article_ids) for job in jobs))

    # What the face has done.

    def start(self) -> None:
        """Begin to work; what was left at the last time goes on."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="desk", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop, and end the engine; what ran waits again."""
        with self._changed:
            self._closing = True
            self._host.closing = True
            self._changed.notify_all()
            self._interrupt()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def submit(
        self, work: Work, article_ids: Sequence[int], *, model: str = "", first: bool = False
    ) -> Job:
        """Hand in work about articles of the library; UsageError or TemplateError where wrong."""
        (job,) = self._enter(work, [article_ids], model, first=first)
        return job

    def submit_each(
        self, work: Work, article_ids: Sequence[int], *, model: str = "", first: bool = False
    ) -> list[Job]:
        """Hand in the same work about each of the articles by itself; errors as ``submit``."""
        each = [[article_id] for article_id in article_ids]
        return self._enter(work, each, model, first=first)

    def _enter(
        self, work: Work, about: Sequence[Sequence[int]], model: str, *, first: bool
    ) -> list[Job]:
        if not about or not all(about):
            raise UsageError(_("no article was chosen"), fix=_("Open one, or mark some."))
        find_template(work.template, work.task)
        found = work.to_json()
        question = " ".join(work.question.split())
        ids = []
        with self.library.writing() as connection:
            # Each that goes before all that wait goes before the one entered last.
            for article_ids in reversed(about) if first else about:
                title = question or named([self._title(article_id) for article_id in article_ids])
                ids.append(store.add(connection, found, article_ids, title, model, first=first))
            jobs = [job_of(store.load(connection, job_id)) for job_id in sorted(ids)]
        self._wake()
        return jobs[::-1] if first else jobs

    def cancel(self, job_id: int) -> None:
        """Stop a job at once and keep what there is; one that waits leaves the queue."""
        with self._changed:
            running = self._follower if self._running == job_id else None
            if running is not None:
                self._interrupt()
                running.given_up = self._host.state.phase == "loading"
            else:
                self._unwanted.add(job_id)  # in case it is claimed just now
        if running is not None:
            if running.given_up:  # loading takes long, and goes on for the jobs to come
                with self.library.writing() as connection:
                    store.end(connection, job_id, store.CANCELLED)
                self._tell(JobStopped(job_id, None))
                self._wake()
            return
        with self.library.writing() as connection:
            left = store.withdraw(connection, job_id)
        if not left and self.elsewhere:
            raise LibraryError(
                _("another window does this work"), fix=_("Stop it there, or close that window.")
            )
        self._wake()

    def pause(self, *, keep: bool = True) -> None:
        """Hold back what waits; what runs is finished. ``keep``: at the next start too."""
        self._paused = True
        self._keep_held(back=keep)
        self._wake()

    def resume(self) -> None:
        """Let what waits have its turn."""
        self._paused = self._held = False
        self._keep_held(back=False)
        self._wake()

    def _keep_held(self, *, back: bool) -> None:
        try:
            with self.library.writing() as connection:
                store.hold(connection, back=back)
        except LibraryError as error:  # it holds until the program ends
            self._notice(str(error))

    def move(self, job_id: int, by: int) -> None:
        """Move a job that waits ``by`` places later, earlier where that is negative."""
        with self.library.writing() as connection:
            store.move(connection, job_id, by)
        self._wake()

    def retry(self, job_id: int) -> Job:
        """Let a job that failed or was stopped wait once more."""
        with self._changed:
            self._unwanted.discard(job_id)
        with self.library.writing() as connection:
            store.wait_again(connection, job_id)
        self._wake()
        return self.job(job_id)

    def forget_finished(self) -> None:
        """Take the jobs that ended off the list; their results stay."""
        with self.library.writing() as connection:
            store.forget_ended(connection)
        self._tell(QueueChanged())

    def use_model(self, model: str, **changed: Any) -> None:
        """Have another model, or other settings of it, from the next job on; it is loaded now.

        SettingsError says which setting is wrong.
        """
        self._host.use(model, changed)
        with self._changed:
            self._load = True
            self._held = False
            self._changed.notify_all()

    def use_settings(self, **changed: Any) -> None:
        """Have other settings of results from the next job on; SettingsError where wrong."""
        self._host.set(changed)

    def read_ahead(self, article_id: int) -> None:
        """Have an article read while nothing else is done; only the latest wish counts."""
        with self._changed:
            self._ahead = article_id
            self._changed.notify_all()

    # The desk's own thread.

    def _run(self) -> None:
        try:
            if not self._alone():
                return
            while not self._closing:
                try:
                    self._turn()
                except LibraryError as error:
                    # Another process writes: nothing was begun, so it is tried again.
                    self._notice(str(error))
                    self._wait(_LOOK_AGAIN_SECONDS)
                except Exception as error:  # noqa: BLE001 - the queue has to go on
                    self._notice(f"{type(error).__name__}: {error}")
                    self._wait(_LOOK_AGAIN_SECONDS)
            # Whoever looks now sees what the next start would make of it.
            with suppress(LibraryError), self.library.writing() as connection:
                store.put_back(connection)
        finally:
            self._host.close()
            if self._lock is not None:
                self._lock.release()

    def _alone(self) -> bool:
        """Wait until no other process works off this library's queue; False when closing."""
        while not self._closing:
            try:
                if self._lock is not None:
                    self._lock.acquire(timeout=0)
                with self.library.writing() as connection:
                    store.put_back(connection)
                    self._paused = self._paused or store.is_held(connection)
            except Timeout:
                if not self.elsewhere:
                    self.elsewhere = True
                    self._notice(_("another window works on the queue"))
                self._wait(_LOOK_AGAIN_SECONDS)
                continue
            except LibraryError as error:
                self._notice(str(error))
                self._wait(_LOOK_AGAIN_SECONDS)
                continue
            self.elsewhere = False
            self._tell(QueueChanged())
            return True
        return False

    def _turn(self) -> None:
        """Do the next thing there is to do, or wait for one."""
        if self._load:
            self._load = False
            with suppress(WorkbenchError):  # the state of the engine says it
                self._host.session()
        job = None if self.paused else self._claim()
        if job is not None:
            self._do(job)
            return
        with self._changed:
            ahead, self._ahead = self._ahead, None
            if ahead is None and not self._closing and not self._load:
                self._changed.wait(timeout=60)
                return
        if ahead is not None:
            self._read_ahead(ahead)

    def _claim(self) -> Job | None:
        with self.library.writing() as connection:
            # While this waited for the library it may have been paused, and more handed in.
            kept = None if self.paused else store.claim_next(connection)
            if kept is None:
                return None
            try:
                job = job_of(kept)
            except UsageError as error:
                store.end(connection, kept.id, store.FAILED, error=str(error))
                return None
        with self._changed:
            self._running = job.id
            self._follower = Follower(job.id, self._tell, self._pace)
            if self._closing or job.id in self._unwanted:
                self._follower.stop()
            self._unwanted.discard(job.id)
        self._tell(QueueChanged())
        return job

    def _do(self, job: Job) -> None:
        assert self._follower is not None
        began = time.monotonic()
        try:
            fits = self._performer.perform(job, self._follower, lambda: self._closing)
        except Exception as error:  # noqa: BLE001 - one broken job must not end the queue
            self._performer.fail(job, f"{type(error).__name__}: {error}", lambda: self._closing)
            fits = True
        finally:
            with self._changed:
                self._running, self._follower = None, None
        if not fits:
            self._held = True
        with suppress(LibraryError):  # its end may be forgotten already
            if self.job(job.id).state == store.DONE:
                self._pace.did(len(job.article_ids), time.monotonic() - began)
        self._tell(QueueChanged())

    def _read_ahead(self, article_id: int) -> None:
        """Read the beginning of an article; what fails here fails again where it is told."""
        from workbench.desk.read_ahead import reading_of  # much of the tasks: not at the start

        if self._host.state.phase == "failed":
            return
        with suppress(WorkbenchError):
            article = self.library.get(article_id)
            engine = self._host.session().engine
            request = reading_of(article, engine)
            if request is not None:
                engine.prefetch(request)

    # Shared.

    def _interrupt(self) -> None:
        if self._follower is not None:
            self._follower.stop()
            engine = self._host.engine()
            if engine is not None:
                engine.cancel()

    def _wait(self, seconds: float) -> None:
        with self._changed:
            if not self._closing:
                self._changed.wait(timeout=seconds)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
        self._tell(QueueChanged())

    def _tell(self, event: DeskEvent) -> None:
        for listener in tuple(self._listeners):
            listener(event)

    def _notice(self, line: str) -> None:
        self._tell(Notice(line))

    def _title(self, article_id: int) -> str:
        with self.library.understanding() as connection:
            row = listed_one(connection, article_id)
        return row.title or row.opening or row.path or f"#{article_id}"
