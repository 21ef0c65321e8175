"""The queue as a person reads it: a row a job, and how long what waits will take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from workbench.desk.job import Job
from workbench.i18n import N_, _

MARKS = {"running": ">", "waiting": ".", "done": "+", "failed": "!", "cancelled": "-"}
"""A mark for each state, of one cell, so that it reads without colours."""
STATES = {
    "running": N_("running"),
    "waiting": N_("waiting"),
    "done": N_("done"),
    "failed": N_("failed"),
    "cancelled": N_("stopped"),
}
TASKS = {
    "summarize": N_("summary"),
    "compare": N_("comparison"),
    "ask": N_("answer"),
}


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A job in words: mark and state, what it is about, the task, the model, what is said of it."""

    job: Job
    mark: str
    state: str
    title: str
    task: str
    model: str
    said: str


def rows(jobs: Sequence[Job], said: Mapping[int, str], model: str, now: datetime) -> list[QueueRow]:
    """Return a row for each job; ``said`` is how far those that run are, ``model`` the one in use.

    ``now`` is in UTC, for how long ago the others ended.
    """
    return [
        QueueRow(
            job,
            MARKS[job.state],
            _(STATES[job.state]),
            " ".join(job.title.split()),
            f"{_(TASKS[job.work.task])} · {job.work.template}",
            job.model or model,
            _said(job, said, now),
        )
        for job in jobs
    ]


def _said(job: Job, said: Mapping[int, str], now: datetime) -> str:
    if job.state == "running":
        return said.get(job.id, "")
    if job.state == "failed":
        return job.error
    if job.finished_at:
        return ago(job.finished_at, now)
    return ""


def ago(at: str, now: datetime) -> str:
    """Say how long ago a time of the library (ISO 8601, UTC) is."""
    try:
        seconds = max(0, round((now - datetime.fromisoformat(at)).total_seconds()))
    except (ValueError, TypeError):
        return at
    if seconds < 60:
        return _("just now")
    if seconds < 3600:
        return _("{minutes} min ago").format(minutes=seconds // 60)
    if seconds < 86400:
        return _("{hours} h ago").format(hours=seconds // 3600)
    return at[:10]


def seconds_for_waiting(jobs: Sequence[Job], took: Mapping[str, float]) -> float | None:
    """Estimate what the waiting jobs take, from what jobs of each task took; None where unknown."""
    waiting = [job.work.task for job in jobs if job.state == "waiting"]
    if not waiting or any(task not in took for task in waiting):
        return None
    return sum(took[task] for task in waiting)
