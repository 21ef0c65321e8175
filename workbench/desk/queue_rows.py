"""The queue as a person reads it: a row a job, and in a line what goes on as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from workbench.desk.events import EngineState
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
        return said.get(job.id, _("begins"))
    if job.state == "failed":
        return job.error
    if job.state == "cancelled" and job.result_id is not None and job.finished_at:
        return _("{when}, what was written is kept").format(when=ago(job.finished_at, now))
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


def counted(jobs: Sequence[Job]) -> str:
    """Say how many jobs are at what; of what there is none nothing is said."""
    found = {state: sum(job.state == state for job in jobs) for state in STATES}
    return ", ".join(f"{number} {_(STATES[state])}" for state, number in found.items() if number)


def engine_line(state: EngineState) -> str:
    """Say what the model is at."""
    if state.phase == "loading":
        return _("loading {model} · {done:.0%}").format(
            model=state.model or _("the model"), done=state.progress
        )
    if state.phase == "failed":
        return state.error
    if state.phase == "ready":
        return state.model
    return _("{model}, not loaded").format(model=state.model or _("the best model here"))
