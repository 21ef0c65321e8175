"""The queue screen: what runs, waits and has ended; hold, move, stop, try again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Static

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
from workbench.desk.queue_rows import counted, engine_line, rows
from workbench.errors import WorkbenchError
from workbench.i18n import N_, _
from workbench.tui.controllers.job_texts import line_of
from workbench.tui.messages import DeskMessage
from workbench.tui.reading.progress_line import duration
from workbench.tui.while_there import while_there
from workbench.tui.widgets.job_table import JobTable
from workbench.tui.widgets.keys_footer import KeysFooter
from workbench.tui.widgets.said import Said

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

_AGAIN_SECONDS = 20


class QueueScreen(Screen[None]):
    """A table of jobs; the lines above it say what goes on as a whole."""

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
        & > Static { padding: 0 1; }
        & #queue-line { height: 1; background: $panel; }
        & #queue-engine { height: auto; max-height: 3; color: $text-muted; background: $panel; }
        & #queue-engine.-failed { color: $error; }
        & #queue-held { height: auto; max-height: 3; color: $warning; }
        & #queue-empty { padding: 1 2; color: $text-muted; height: 1fr; }
        & .-hidden { display: none; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[int, str] = {}
        self._jobs: list[Job] = []

    @property
    def shell(self) -> "WorkbenchApp":
        """Return the app, with the desk and the library."""
        return cast("WorkbenchApp", self.app)

    @property
    def table(self) -> JobTable:
        """Return the table of jobs."""
        return self.query_one(JobTable)

    def compose(self) -> ComposeResult:
        """The lines, the table or what to do where it is empty, and the keys."""
        yield Said(id="queue-line")
        yield Said(id="queue-engine")
        yield Said(id="queue-held")
        yield Said(id="queue-empty")
        yield JobTable(id="queue-table")
        yield KeysFooter()

    def on_mount(self) -> None:
        """Show what there is."""
        self.look_again()
        self.set_interval(_AGAIN_SECONDS, self.look_again)
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
                self._said[event.job_id] = line_of(event)
                self._tell_running(event.job_id)
            case JobDone() | JobFailed() | JobStopped():
                self._said.pop(event.job_id, None)
                self.look_again()
            case QueueChanged():
                self.look_again()
            case EngineChanged():
                self._tell_engine()

    @while_there
    def look_again(self) -> None:
        """Read the queue anew; what is selected stays selected."""
        if self.app.screen is not self:
            return
        try:
            self._jobs = self.shell.desk.jobs()
        except WorkbenchError as error:
            self.query_one("#queue-line", Static).update(str(error))
            return
        model = self.shell.desk.engine_state.model
        self.table.show_rows(rows(self._jobs, self._said, model, datetime.now(UTC)))
        self.table.set_class(not self._jobs, "-hidden")
        empty = self.query_one("#queue-empty", Static)
        empty.set_class(bool(self._jobs), "-hidden")
        empty.update(
            _(
                "Nothing waits, and nothing has run yet.\n\n"
                "In the library, mark articles with the space bar and press S: choose a template,\n"
                "and they are summarised one after another, also after the next start."
            )
        )
        self._tell_all()
        self._tell_engine()
        self.refresh_bindings()

    def _tell_running(self, job_id: int) -> None:
        """Say how far one job is, without looking at the others again."""
        said = self._said[job_id]
        self.table.show_rows(
            [replace(row, said=said) if row.job.id == job_id else row for row in self.table.rows]
        )
        self._tell_engine()

    def _tell_all(self) -> None:
        desk = self.shell.desk
        said = [counted(self._jobs) or _("nothing to do")]
        waiting = [job for job in self._jobs if job.state == "waiting"]
        seconds = desk.seconds_for(waiting) if waiting else None
        if seconds:
            said.append(_("what waits takes about {time}").format(time=duration(seconds)))
        self.query_one("#queue-line", Static).update(" · ".join(said))
        held = []
        if desk.paused:
            held.append(_("held back: press space to go on"))
        if desk.elsewhere:
            held.append(_("another window works on this queue"))
        line = self.query_one("#queue-held", Static)
        line.update(" · ".join(held))
        line.set_class(not held, "-hidden")

    def _tell_engine(self) -> None:
        state = self.shell.desk.engine_state
        line = self.query_one("#queue-engine", Static)
        running = [self._said.get(job.id, "") for job in self._jobs if job.state == "running"]
        line.update(" · ".join(one for one in (engine_line(state), *running) if one))
        line.set_class(state.phase == "failed", "-failed")

    # What the user has done.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the keys that do something with the job one is at."""
        job = self.table.chosen if self.is_mounted else None
        state = job.state if job is not None else ""
        if action == "cancel":
            return state in ("running", "waiting")
        if action == "move":
            return state == "waiting"
        if action == "retry":
            return state in ("failed", "cancelled")
        return True

    def on_job_table_moved(self, message: JobTable.Moved) -> None:
        """Show the keys that do something now."""
        message.stop()
        self.refresh_bindings()

    def on_job_table_opened(self, message: JobTable.Opened) -> None:
        """Open what a job is about."""
        message.stop()
        self.shell.open_article(message.job.article_ids[0])

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
        self._told(self.shell.desk.forget_finished)

    def _do(self, deed: Callable[[Job], object]) -> None:
        job = self.table.chosen
        if job is not None:
            self._told(lambda: deed(job))

    def _told(self, deed: Callable[[], object]) -> None:
        try:
            deed()
        except WorkbenchError as error:
            self.notify(str(error), severity="error")
        self.look_again()
