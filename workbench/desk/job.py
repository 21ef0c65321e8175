"""A job as the app sees it."""

from dataclasses import dataclass

from workbench.errors import UsageError
from workbench.i18n import _
from workbench.store.jobs import KeptJob
from workbench.tasks.work import Work


@dataclass(frozen=True, slots=True)
class Job:
    """Work about articles; ``state`` is waiting, running, done, failed or cancelled.

    ``model`` is empty for the one that is in use when its turn comes; ``error`` is one line.
    """

    id: int
    work: Work
    article_ids: tuple[int, ...]
    title: str
    model: str
    state: str
    error: str
    result_id: int | None
    created_at: str
    finished_at: str | None


def job_of(kept: KeptJob) -> Job:
    """Return a job as it is kept; UsageError where its work means nothing to this program."""
    return Job(
        kept.id,
        Work.from_json(kept.work),
        kept.article_ids,
        kept.title,
        kept.model,
        kept.state,
        kept.error,
        kept.result_id,
        kept.created_at,
        kept.finished_at,
    )


def jobs_of(kept: list[KeptJob]) -> list[Job]:
    """Return the jobs that mean something to this program."""
    found = []
    for one in kept:
        try:
            found.append(job_of(one))
        except UsageError:
            continue
    return found


def named(titles: list[str]) -> str:
    """Say what a job is about, from the titles of its articles."""
    if len(titles) == 1:
        return titles[0]
    return _("{first} and {count} more").format(first=titles[0], count=len(titles) - 1)
