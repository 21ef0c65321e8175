"""The queue screen: what runs, waits and has ended; hold, move, stop, try again."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.coordinate import Coordinate
from textual.screen import Screen
from textual.widgets import DataTable, Static

from workbench.desk.events import (
    DeskEvent,
    EngineChanged,
    JobDone,
    JobFailed,
    JobProgress,
    JobStopped,
    QueueChanged,
)
from workbench.desk.job import Job
from workbench.desk.queue_rows import QueueRow, rows, seconds_for_waiting
from workbench.errors import WorkbenchError
from workbench.i18n import N_, _
from workbench.tui.controllers.job_texts import line_of
from workbench.tui.messages import DeskMessage
from workbench.tui.reading.progress_line import duration
from workbench.tui.widgets.keys_footer import KeysFooter

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

_SMOOTHING = 0.3
_WIDTHS = {"state": 9, "task": 22, "model": 20}


class QueueScreen(Screen[None]):
    """A table of jobs; the line above it says what is going on as a whole."""

    TITLE = N_("Queue")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "pause", N_("Hold / go on"), id="queue.pause"),
        Binding("x,delete", "cancel", N_("Stop"), id="queue.cancel"),
        Binding("K,shift+up", "move(-1)", N_("Earlier"), id="queue.earlier"),
        Binding("J,shift+down", "move(1)", N_("Later"), id="queue.later"),
        Binding("r", "retry", N_("Try again"), id="queue.retry"),
        Binding("c", "clear", N_("Clear ended"), id="queue.clear"),
    ]
    DEFAULT_CSS = """
    QueueScreen {
        & #queue-line { height: auto; max-height: 3; padding: 0 1; background: $surface; }
        & #queue-empty { padding: 2 4; color: $text-muted; height: 1fr; }
        & DataTable { height: 1fr; }
        & .-hidden { display: none; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[int, str] = {}
        self._rates: dict[int, float] = {}
        self._began: dict[int, float] = {}
        self._took: dict[str, float] = {}
        self._rows: list[QueueRow] = []
        self._shown: list[tuple[str, ...]] = []

    @property
    def shell(self) -> "WorkbenchApp":
        """Return the app, with the desk and the library."""
        return cast("WorkbenchApp", self.app)

    @property
    def table(self) -> DataTable[str]:
        """Return the table of jobs."""
        return self.query_one(DataTable)

    def compose(self) -> ComposeResult:
        """The line, the table or what to do where it is empty, and the keys."""
        yield Static("", id="queue-line", markup=False)
        yield Static("", id="queue-empty", markup=False)
        yield DataTable(cursor_type="row", zebra_stripes=True, id="queue-table")
        yield KeysFooter()

    def on_mount(self) -> None:
        """Lay out the columns."""
        self.table.add_column(" ", width=1, key="mark")
        self.table.add_column(_("State"), width=_WIDTHS["state"], key="state")
        self.table.add_column(_("About"), key="title", width=36)
        self.table.add_column(_("How far"), key="said", width=36)
        self.table.add_column(_("Work"), width=_WIDTHS["task"], key="task")
        self.table.add_column(_("Model"), width=_WIDTHS["model"], key="model")
        self.look_again()
        self.set_interval(30, self.look_again)
        self.table.focus()

    def on_screen_resume(self) -> None:
        """What happened while another screen was shown is seen at once."""
        self.look_again()

    def on_desk_message(self, message: DeskMessage) -> None:
        """Follow the work."""
        self.take(message.event)

    def take(self, event: DeskEvent) -> None:
        """Note what the desk tells, also while another screen is shown."""
        match event:
            case JobProgress():
                self._began.setdefault(event.job_id, time.monotonic())
                self._said[event.job_id] = line_of(event)
                if event.rate:
                    self._rates[event.job_id] = event.rate
                self._tell_running(event.job_id)
            case JobDone() | JobFailed() | JobStopped():
                self._ended(event)
            case QueueChanged() | EngineChanged():
                self.look_again()

    def _ended(self, event: JobDone | JobFailed | JobStopped) -> None:
        began = self._began.pop(event.job_id, None)
        self._said.pop(event.job_id, None)
        if began is not None and isinstance(event, JobDone):
            task = str(event.result.get("task", ""))
            took = time.monotonic() - began
            before = self._took.get(task, took)
            self._took[task] = before + _SMOOTHING * (took - before)
        self.look_again()

    def look_again(self) -> None:
        """Read the queue anew; what is selected stays selected."""
        if not self.is_mounted:
            return
        try:
            jobs = self.shell.desk.jobs()
        except WorkbenchError as error:
            self.query_one("#queue-line", Static).update(str(error))
            return
        state = self.shell.desk.engine_state
        model = state.model or self.shell.desk.settings.model
        chosen = self._chosen()
        self._rows = rows(jobs, self._said, model, datetime.now(UTC))
        self._fill()
        if chosen is not None:
            place = [row.job.id for row in self._rows]
            if chosen.id in place:
                self.table.move_cursor(row=place.index(chosen.id), animate=False)
        self._tell_all(jobs)
        self.refresh_bindings()

    def _fill(self) -> None:
        cells: list[tuple[str, ...]] = [
            (row.mark, row.state, row.title, row.said, row.task, row.model) for row in self._rows
        ]
        table = self.table
        if len(cells) != len(self._shown):
            table.clear()
            for row in cells:
                table.add_row(*row, height=1)
        else:
            for number, (new, old) in enumerate(zip(cells, self._shown, strict=True)):
                for column, (text, before) in enumerate(zip(new, old, strict=True)):
                    if text != before:
                        table.update_cell_at(Coordinate(number, column), text)
        self._shown = cells
        table.set_class(not cells, "-hidden")
        empty = self.query_one("#queue-empty", Static)
        empty.set_class(bool(cells), "-hidden")
        empty.update(
            _("Nothing waits and nothing has run yet. Mark articles in the library and choose")
            + " "
            + _("“article: summarise” in the command palette (ctrl+p), or press s there.")
        )

    def _tell_running(self, job_id: int) -> None:
        for number, row in enumerate(self._rows):
            if row.job.id == job_id and row.job.state == "running":
                self.table.update_cell_at(Coordinate(number, 3), self._said[job_id])
                self._shown[number] = (*self._shown[number][:3], self._said[job_id]) + (
                    self._shown[number][4:]
                )
                return
        self.look_again()

    def _tell_all(self, jobs: list[Job]) -> None:
        count = {
            state: sum(job.state == state for job in jobs)
            for state in ("running", "waiting", "done", "failed")
        }
        said = [
            _("{running} running, {waiting} waiting, {done} done, {failed} failed").format(**count)
        ]
        left = seconds_for_waiting(jobs, self._took)
        if left:
            said.append(_("what waits takes about {time}").format(time=duration(left)))
        desk = self.shell.desk
        if desk.paused:
            said.append(_("held back: press space to go on"))
        if desk.elsewhere:
            said.append(_("another window works on this queue"))
        if desk.engine_state.phase == "failed":
            said.append(desk.engine_state.error)
        self.query_one("#queue-line", Static).update(" · ".join(said))

    def _chosen(self) -> Job | None:
        row = self.table.cursor_row
        return self._rows[row].job if 0 <= row < len(self._rows) else None

    # What the user has done.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the keys that do something with the job one is at."""
        job = self._chosen()
        state = job.state if job is not None else ""
        if action == "cancel":
            return state in ("running", "waiting")
        if action == "move":
            return state == "waiting"
        if action == "retry":
            return state in ("failed", "cancelled")
        return True

    @on(DataTable.RowHighlighted)
    def _moved(self, _message: DataTable.RowHighlighted) -> None:
        self.refresh_bindings()

    @on(DataTable.RowSelected)
    def _open(self, _message: DataTable.RowSelected) -> None:
        """Open what a job is about."""
        job = self._chosen()
        if job is not None and job.article_ids:
            self.shell.open_article(job.article_ids[0])

    def action_pause(self) -> None:
        """Hold back what waits, or let it go on."""
        desk = self.shell.desk
        if desk.paused:
            desk.resume()
        else:
            desk.pause()
        self.look_again()

    def action_cancel(self) -> None:
        """Stop the job one is at."""
        self._do(lambda job: self.shell.desk.cancel(job.id))

    def action_move(self, by: int) -> None:
        """Have the job one is at done earlier or later."""
        self._do(lambda job: self.shell.desk.move(job.id, by))

    def action_retry(self) -> None:
        """Have a job that failed or was stopped done again."""
        self._do(lambda job: self.shell.desk.retry(job.id))

    def action_clear(self) -> None:
        """Take what ended off the list."""
        try:
            self.shell.desk.forget_finished()
        except WorkbenchError as error:
            self.notify(str(error), severity="error")
        self.look_again()

    def _do(self, deed: Callable[[Job], object]) -> None:
        job = self._chosen()
        if job is None:
            return
        try:
            deed(job)
        except WorkbenchError as error:
            self.notify(str(error), severity="error")
        self.look_again()
