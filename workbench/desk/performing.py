"""Doing one job: its articles and template, the task, and keeping what comes of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from workbench.desk.events import (
    JobDone,
    JobFailed,
    JobProgress,
    JobStopped,
    Listener,
    Notice,
)
from workbench.desk.following import Follower
from workbench.desk.host import Host
from workbench.desk.job import Job
from workbench.errors import Cancelled, EngineError, LibraryError, WorkbenchError
from workbench.prompting.library import find_template
from workbench.store import jobs as store
from workbench.store.library import Library
from workbench.store.results import Run
from workbench.tasks.recording import Recordable
from workbench.tasks.work import perform

if TYPE_CHECKING:
    from workbench.tasks.ask.encoders import SmallModels

_SAVE_AGAIN_SECONDS = 0.5
_ANSWERS = "ask"
_ENGINE_ERRORS = 2
"""Jobs that fail by the engine one after the other, upon which those that wait are held back."""
Closing = Callable[[], bool]


class Performer:
    """Does jobs one at a time, on the desk's thread."""

    def __init__(self, library: Library, host: Host, tell: Listener):
        self._library = library
        self._host = host
        self._tell = tell
        self._engine_errors = 0

    def perform(self, job: Job, follower: Follower, closing: Closing) -> bool:
        """Do a job and note its end; False where the model fails, for others too.

        A job that ends because the desk is closing stays as running, and so waits again.
        """
        try:
            articles = [self._library.get(number) for number in job.article_ids]
            template = find_template(job.work.template, job.work.task)
            self._tell(JobProgress(job.id, "loading"))
        except WorkbenchError as error:
            self.fail(job, str(error), closing)
            return True
        try:
            session = self._host.session(job.model)
        except Cancelled:
            return True  # the desk is closing
        except WorkbenchError as error:
            if not follower.given_up:
                self.fail(job, str(error), closing)
            return False
        if follower.given_up:
            return True
        if follower.stopped:
            self._stopped(job, None, closing)
            return True
        try:
            with self._encoders(job) as small:
                result = perform(
                    job.work,
                    articles,
                    template,
                    session.engine,
                    session.model,
                    follower,
                    encoders=small.models,
                )
        except Cancelled as stopped:
            self._stopped(job, stopped.partial, closing)
        except EngineError as error:
            self.fail(job, str(error), closing)
            self._engine_errors += 1
            return self._host.works() and self._engine_errors < _ENGINE_ERRORS
        except WorkbenchError as error:
            self.fail(job, str(error), closing)
        else:
            self._engine_errors = 0
            found = result.to_json()
            result_id = self._end(job, store.DONE, closing, found=found)
            if result_id is not None:
                self._tell(JobDone(job.id, result_id, found))
        return True

    def fail(self, job: Job, error: str, closing: Closing) -> None:
        """Note that a job failed, and why."""
        self._end(job, store.FAILED, closing, error=error)
        self._tell(JobFailed(job.id, error))

    def notice(self, text: str) -> None:
        """Tell something the user should know though the work goes on."""
        self._tell(Notice(text))

    def _encoders(self, job: Job) -> SmallModels:
        """Return the small models for an answer; none are looked for otherwise."""
        from workbench.tasks.ask.encoders import SmallModels

        found = None if job.work.task == _ANSWERS else ()
        return SmallModels(self.notice, found, threads=self._host.settings.threads)

    def _stopped(self, job: Job, partial: Recordable | None, closing: Closing) -> None:
        if closing():
            return  # it waits again at the next start, and is then done as a whole
        found = partial.to_json() if partial is not None else None
        result_id = self._end(job, store.CANCELLED, closing, found=found)
        self._tell(JobStopped(job.id, result_id))

    def _end(
        self,
        job: Job,
        state: str,
        closing: Closing,
        *,
        error: str = "",
        found: dict[str, Any] | None = None,
    ) -> int | None:
        """Keep a result and the end of its job, in one transaction; return the result's id.

        Where the library cannot be written it is tried again until it can be, or the desk closes:
        then the job is done anew at the next start.
        """
        told = ""
        while True:
            try:
                with self._library.writing() as connection:
                    result_id = self._record(job, found) if found is not None else None
                    store.end(connection, job.id, state, error=error, result_id=result_id)
                return result_id
            except LibraryError as refused:
                if closing():
                    return None
                if str(refused) != told:
                    told = str(refused)
                    self.notice(told)
                time.sleep(_SAVE_AGAIN_SECONDS)

    def _record(self, job: Job, found: dict[str, Any]) -> int:
        run = Run(found["task"], found["model"], found["template"], found["settings"])
        run_id = self._library.start_run(run)
        return self._library.record(run_id, _about(job, found), found)


def _about(job: Job, found: Mapping[str, Any]) -> list[int]:
    """Return the articles a result is kept for: an answer is about those it cites, if any."""
    cited = sorted({one["article"] for one in found.get("evidence", ())})
    if cited and cited[-1] < len(job.article_ids):
        return list(dict.fromkeys(job.article_ids[number] for number in cited))
    return list(dict.fromkeys(job.article_ids))
