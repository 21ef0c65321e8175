"""The compare screen: pick articles, follow the work, go through the table of claims."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import ContentSwitcher

from workbench.desk.comparing import TASK, Kept, earlier, kept, of_job, work_of
from workbench.desk.desk import Job
from workbench.desk.events import (
    DeskEvent,
    JobAgain,
    JobDone,
    JobFailed,
    JobPoint,
    JobProgress,
    JobStopped,
    QueueChanged,
)
from workbench.desk.picking import described
from workbench.errors import WorkbenchError
from workbench.i18n import N_, _
from workbench.tasks.compare.output import rendered, write
from workbench.tasks.views import FORMATS
from workbench.tui.controllers.job_texts import line_of, waiting_line
from workbench.tui.dialogs.choose import Choice, ChooseDialog
from workbench.tui.dialogs.export import ExportDialog
from workbench.tui.messages import DeskMessage
from workbench.tui.while_there import while_there
from workbench.tui.widgets.compare_picker import ComparePicker
from workbench.tui.widgets.compare_progress import CompareProgress
from workbench.tui.widgets.comparison_view import ComparisonView
from workbench.tui.widgets.keys_footer import KeysFooter
from workbench.tui.widgets.work_status import WorkStatus

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

PICK, RUN, TABLE = "compare-pick", "compare-run", "compare-table"


class CompareScreen(Screen[None]):
    """Articles are picked, compared by a job of the desk, and gone through cell by cell."""

    TITLE = N_("Compare")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", N_("Stop, or back"), id="compare.back", show=False),
        Binding("n", "pick", N_("Pick articles"), id="compare.pick"),
        Binding("ctrl+o,h", "earlier", N_("Earlier ones"), id="compare.earlier"),
        Binding("w", "export", N_("Export"), id="compare.export"),
        Binding("Y", "copy", N_("Copy all"), id="compare.copy", show=False),
    ]

    DEFAULT_CSS = "CompareScreen ContentSwitcher { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._job: Job | None = None
        self._marked: tuple[int, ...] = ()
        self._told: dict[int, JobProgress] = {}
        """How far the job is that told so last; it may do so before its number is known."""

    @property
    def shell(self) -> "WorkbenchApp":
        """Return the app, with the desk and the library."""
        return cast("WorkbenchApp", self.app)

    @property
    def comparison(self) -> ComparisonView:
        """Return what shows a finished comparison."""
        return self.query_one(ComparisonView)

    def compose(self) -> ComposeResult:
        """One of three at a time, below it how far the work is."""
        with ContentSwitcher(initial=PICK):
            yield ComparePicker(self.shell.library, id=PICK)
            yield CompareProgress(id=RUN)
            yield ComparisonView(self.shell.library, id=TABLE)
        yield WorkStatus()
        yield KeysFooter()

    def on_mount(self) -> None:
        """Follow a comparison that is on its way already."""
        for job in self.shell.desk.jobs():
            if job.work.task == TASK and job.state in ("running", "waiting"):
                self._follow(job)
                return

    def on_screen_resume(self) -> None:
        """Take up what was marked, and what happened, while another screen was shown."""
        marked = tuple(self.shell.selected)
        picker = self.query_one(ComparePicker)
        if marked != self._marked and len(marked) > 1 and self._shown != RUN:
            self._marked = marked
            picker.pick(marked)
            if self._shown == TABLE and self.comparison.kept is not None:
                compared = {one for one in self.comparison.kept.article_ids if one is not None}
                if compared != set(marked):
                    self._show(PICK)
        picker.look_again()
        self._catch_up()

    @property
    def _shown(self) -> str:
        return str(self.query_one(ContentSwitcher).current)

    def _show(self, part: str) -> None:
        self.query_one(ContentSwitcher).current = part
        if part == PICK:
            self.query_one("#picker-words").focus()
        elif part == RUN:
            self.query_one(CompareProgress).focus()
        else:
            self.comparison.focus_rows()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Export and copy are of a finished comparison."""
        if action in ("export", "copy"):
            return self._shown == TABLE if self.is_mounted else False
        return True

    # Work.

    @on(ComparePicker.Wanted)
    def _begin(self, event: ComparePicker.Wanted) -> None:
        event.stop()
        if self._job is None:
            self._submit(event.article_ids)
        else:
            self._show(RUN)

    @work(thread=True, exclusive=True, group="submit")
    def _submit(self, article_ids: tuple[int, ...]) -> None:
        """Hand the job in; done beside, for another process may hold the library."""
        desk = self.shell.desk
        try:
            job = desk.submit(work_of(desk.settings), article_ids)
        except WorkbenchError as error:
            self.call_later(self.notify, str(error), severity="error")
            return
        self.call_later(self._follow, job)

    @while_there
    def _follow(self, job: Job) -> None:
        self._job = job
        self.query_one(CompareProgress).begin(described(self.shell.library, job.article_ids))
        self.query_one(WorkStatus).busy(f"{waiting_line(self.shell.desk)} · {_('Esc stops')}")
        self._show(RUN)
        if job.id in self._told:
            self._progress(self._told[job.id])
        self._catch_up()

    def _progress(self, event: JobProgress) -> None:
        if event.article:
            self.query_one(CompareProgress).reach(event.article)
        self.query_one(WorkStatus).busy(f"{line_of(event)} · {_('Esc stops')}")

    def on_desk_message(self, message: DeskMessage) -> None:
        """Follow the job that is looked at."""
        event: DeskEvent = message.event
        if isinstance(event, QueueChanged):
            self._catch_up()
            return
        if isinstance(event, JobProgress):
            self._told = {event.job_id: event}
        job = self._job
        if job is None or getattr(event, "job_id", None) != job.id:
            return
        progress, status = self.query_one(CompareProgress), self.query_one(WorkStatus)
        match event:
            case JobProgress():
                self._progress(event)
            case JobPoint():
                progress.said(event.point.text)
            case JobAgain():
                status.busy(event.reason)
            case JobDone():
                self._done(job, event)
            case JobFailed():
                self._ended(status, event.error)
            case JobStopped():
                self._ended(status, "")

    def _done(self, job: Job, event: JobDone) -> None:
        self._job = None
        self.query_one(WorkStatus).quiet()
        self._load_done(job.article_ids, event)

    def _ended(self, status: WorkStatus, error: str) -> None:
        self._job = None
        if error:
            status.failed(error)
        else:
            status.quiet(_("stopped; digests that were finished are kept"))
        self._show(PICK)

    @while_there
    def _failed(self, error: str) -> None:
        self._ended(self.query_one(WorkStatus), error)

    def _catch_up(self) -> None:
        """See what became of the job, in the queue or while another screen was shown."""
        if self._job is None:
            return
        status = self.query_one(WorkStatus)
        try:
            job = self.shell.desk.job(self._job.id)
        except WorkbenchError as error:
            self._ended(status, str(error))
            return
        if job.state == "waiting":
            status.busy(f"{waiting_line(self.shell.desk)} · {_('Esc stops')}")
        elif job.state == "cancelled":
            self._ended(status, "")
        elif job.state == "failed":
            self._ended(status, job.error)
        elif job.state == "done" and job.result_id is not None:
            self._job = None
            status.quiet()
            self._load(job.result_id)

    @work(thread=True, exclusive=True, group="comparison")
    def _load_done(self, article_ids: tuple[int, ...], event: JobDone) -> None:
        try:
            found = of_job(self.shell.library, article_ids, event.result_id, event.result)
        except WorkbenchError as error:
            self.call_later(self._failed, str(error))
            return
        self.call_later(self._open, found)

    @work(thread=True, exclusive=True, group="comparison")
    def _load(self, result_id: int) -> None:
        try:
            found = kept(self.shell.library, result_id)
        except WorkbenchError as error:
            self.call_later(self.notify, str(error), severity="error")
            return
        self.call_later(self._open, found)

    @while_there
    def _open(self, found: Kept) -> None:
        self.comparison.show(found)
        self._show(TABLE)

    # Keys.

    def action_back(self) -> None:
        """Stop what runs; else close the field of words, else go back to picking."""
        if self._job is not None and self._shown == RUN:
            self._cancel(self._job.id)
        elif self._shown == TABLE and not self.comparison.leave_find():
            self._show(PICK)

    @work(thread=True, group="submit")
    def _cancel(self, job_id: int) -> None:
        try:
            self.shell.desk.cancel(job_id)
        except WorkbenchError as error:
            self.call_later(self.notify, str(error), severity="error")

    def action_pick(self) -> None:
        """Pick articles for another comparison; what runs goes on."""
        self._show(PICK)

    def action_earlier(self) -> None:
        """Choose among the comparisons made before."""
        try:
            heads = earlier(self.shell.library)
        except WorkbenchError as error:
            self.notify(str(error), severity="error")
            return
        choices = [
            Choice(
                head.id,
                head.headline,
                _("{count} articles").format(count=len(head.article_ids))
                + f" · {head.created_at[:16].replace('T', ' ')} · {head.model}",
            )
            for head in heads
        ]
        nothing = _("Nothing was compared yet: pick two to twenty articles and press Ctrl+R.")
        dialog = ChooseDialog(_("Earlier comparisons"), choices, nothing)
        self.app.push_screen(dialog, self._take_up)

    def _take_up(self, chosen: int | None) -> None:
        if chosen is not None:
            self._load(chosen)

    def action_copy(self) -> None:
        """Put the whole comparison on the clipboard, as Markdown."""
        if self.comparison.kept is not None:
            self.app.copy_to_clipboard(rendered(self.comparison.kept.comparison, "markdown"))
            self.notify(_("copied as Markdown"))

    def action_export(self) -> None:
        """Write the comparison to a file."""
        if self.comparison.kept is None:
            return
        dialog = ExportDialog(
            _("Export the comparison"),
            "comparison",
            {name: FORMATS[name] for name in ("markdown", "text", "json")},
        )
        self.app.push_screen(dialog, self._export)

    def _export(self, answer: tuple[Path, str] | None) -> None:
        if answer is None or self.comparison.kept is None:
            return
        path, format = answer
        try:
            write(self.comparison.kept.comparison, path, format)
        except WorkbenchError as error:
            self.notify(str(error), severity="error")
        else:
            self.notify(_("wrote {path}").format(path=path))

    @on(ComparisonView.Opened)
    def _open_passage(self, event: ComparisonView.Opened) -> None:
        event.stop()
        self.shell.open_article(event.article_id, event.spans)
