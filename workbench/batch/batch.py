"""A batch from a program's own code: the same as the command, without a terminal.

from workbench import Batch

batch = Batch(inputs=["articles"], templates=["news"], output="out")
outcome = batch.run()
for row in batch.rows():
print(row.article["title"], row.result or row.error)
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from workbench.batch import reading
from workbench.batch.assignments import questions
from workbench.batch.job import Job, checked
from workbench.batch.job_file import read_job, write_job
from workbench.batch.ledger import BUSY_SECONDS, Ledger
from workbench.batch.notice import notify
from workbench.batch.plan import Plan, planned
from workbench.batch.posts import OpenSession, open_session
from workbench.batch.reading import Failure, Status
from workbench.batch.reports import Row, write_reports
from workbench.batch.run import Ended, Run
from workbench.batch.stopping import AT_ONCE, Stop
from workbench.batch.units import units_of
from workbench.batch.watching import Watcher
from workbench.errors import WorkbenchError
from workbench.i18n import _

DONE, FAILED, STOPPED = 0, 1, 130
_LISTS = ("inputs", "models", "templates", "questions", "only", "formats")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a batch ended.

    ``done`` pieces of work have a result, of which ``before`` had it already; ``failures`` are the
    first of those that ``failed``; ``waiting`` are planned and not done, where it was stopped.
    ``status`` is the exit status of the command. ``files`` are the reports.
    """

    state: str
    done: int
    before: int
    failed: int
    waiting: int
    seconds: float
    tokens: int
    problems: tuple[str, ...]
    failures: tuple[Failure, ...]
    files: tuple[Path, ...]

    @property
    def status(self) -> int:
        """Return 0 where all is done, 130 where it was stopped, else 1."""
        if self.state == "stopped":
            return STOPPED
        return FAILED if self.failed or self.state != "done" else DONE

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        return {**asdict(self), "files": [str(path) for path in self.files]}


class Batch:
    """A batch: what is asked of which articles, and the folder it is kept in.

    Takes the fields of ``Job`` by name; lists may be given as lists. Raises UsageError where they
    contradict each other.
    """

    def __init__(self, job: Job | None = None, **given: Any):
        lists = {name: tuple(given[name]) for name in _LISTS if name in given}
        made = replace(job or Job(), **{**given, **lists})
        if made.questions and "task" not in given:
            made = replace(made, task="ask")
        self.job = checked(made)

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Return the batch that a job file describes; UsageError names every wrong key."""
        return cls(read_job(Path(path)))

    def save(self, path: str | Path) -> None:
        """Write a job file that ``from_file`` and ``workbench batch --job`` take."""
        write_job(self.job, Path(path))

    @property
    def folder(self) -> Path:
        """Return the folder of ledger and reports."""
        return Path(self.job.output).expanduser()

    def plan(self) -> Plan:
        """Return what there is to do and about how long it takes; reads every article."""
        return planned(self.job)

    def run(
        self,
        watcher: Watcher | None = None,
        *,
        stop: Stop | None = None,
        retry_failed: bool = False,
        opened: OpenSession = open_session,
        busy_seconds: float = BUSY_SECONDS,
    ) -> Outcome:
        """Do what is not done yet, write the reports, and say how it went.

        ``watcher`` hears of everything; ``stop`` ends it early. Raises WorkbenchError where nothing
        can be begun, or where the disk takes no more: what is done is kept all the same.
        """
        watcher, stop = watcher or Watcher(), stop or Stop()
        asked = questions(self.job)
        with Ledger(self.folder, busy_seconds=busy_seconds) as ledger:
            units = units_of(self.job)
            run = Run(
                self.job,
                asked,
                units,
                ledger,
                watcher,
                stop,
                retry_failed=retry_failed,
                opened=opened,
            )
            ended = run.go()
            files: Sequence[Path] = ()
            if stop.level < AT_ONCE:
                watcher.reporting()
                try:
                    files = self.report()
                except WorkbenchError as error:
                    # The results are in the ledger all the same.
                    watcher.notice(str(error))
                    problems = (*ended.problems, str(error))
                    ended = replace(ended, state="failed", problems=problems)
        outcome = self._outcome(ended, files)
        if self.job.notify:
            told = {"folder": str(self.folder), **outcome.to_json()}
            if wrong := notify(self.job.notify, told):
                watcher.notice(wrong)
        return outcome

    def report(self) -> list[Path]:
        """Write the reports anew from what is done; return the files a user would open."""
        job = self.job
        title = job.title or _("Batch {name}").format(name=self.folder.absolute().name)
        return write_reports(self.folder, self.rows(), job.formats, job.split_by, title=title)

    def rows(self) -> Iterator[Row]:
        """Yield what is done and what failed, in the order of the articles."""
        return reading.rows(self.folder)

    def status(self) -> Status:
        """Return how it stands, also while another process runs it."""
        return reading.status(self.folder)

    def _outcome(self, ended: Ended, files: Sequence[Path]) -> Outcome:
        found = self.status()
        return Outcome(
            ended.state,
            found.done,
            max(0, found.done - ended.counts.done),
            found.failed,
            found.waiting,
            round(ended.seconds, 2),
            ended.tokens,
            ended.problems,
            found.failures,
            tuple(files),
        )
