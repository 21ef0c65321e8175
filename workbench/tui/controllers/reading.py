"""Reading an article with its results: what the main screen does with the two panes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.notifications import SeverityLevel
from textual.screen import Screen

from workbench.articles.document import ReadOptions
from workbench.articles.model import Article
from workbench.desk.desk import Job
from workbench.desk.events import (
    JobAgain,
    JobDone,
    JobFailed,
    JobPoint,
    JobProgress,
    JobStopped,
    JobText,
    QueueChanged,
)
from workbench.errors import ArticleError, WorkbenchError
from workbench.i18n import N_, _
from workbench.store.importing import Imported, import_files
from workbench.store.results import StoredResult
from workbench.tasks.work import Work
from workbench.tui.controllers.job_texts import JobTexts, line_of
from workbench.tui.messages import DeskMessage
from workbench.tui.reading.stored_lines import about, rows_of_other
from workbench.tui.widgets.article_view import ArticleView
from workbench.tui.widgets.result_view import ResultView

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp


class ReadingScreen(Screen[None]):
    """A screen with one ArticleView and one ResultView, and what passes between them.

    ``open_article`` shows an article with its latest result, or the job that is writing one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "summarize", N_("Summarise"), id="reading.summarize"),
        Binding("R", "read_again", N_("Read the file again"), show=False, id="reading.again"),
    ]

    @dataclass
    class Opened(Message):
        """An article was loaded, or could not be."""

        article_id: int
        article: Article | None
        results: Sequence[StoredResult]
        spans: Sequence[tuple[int, int]]
        error: str = ""

    def __init__(self) -> None:
        super().__init__()
        self.texts = JobTexts()
        self.article_id: int | None = None
        self._wanted: int | None = None
        self._results: Sequence[StoredResult] = ()
        self._followed: set[int] = set()

    @property
    def shell(self) -> "WorkbenchApp":
        """Return the app, with the desk and the library."""
        return cast("WorkbenchApp", self.app)

    @property
    def article_view(self) -> ArticleView:
        """Return the reading pane."""
        return self.query_one(ArticleView)

    @property
    def result_view(self) -> ResultView:
        """Return the result pane."""
        return self.query_one(ResultView)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Tell something in a toast; file names and errors are no markup."""
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    # Opening.

    def open_article(self, article_id: int, spans: Sequence[tuple[int, int]] = ()) -> None:
        """Show an article, with ``spans`` of the original standing out; returns at once."""
        shown = article_id == self.article_id and self.is_mounted
        if shown and self.article_view.article is not None:
            self._point_at(spans)
            self._follow_new()
            return
        self._wanted = article_id
        if not self.is_mounted:
            self.call_later(self.open_article, article_id, spans)
            return
        self.run_worker(
            partial(self._load, article_id, tuple(spans)),
            thread=True,
            exclusive=True,
            group="open-article",
        )

    def _load(self, article_id: int, spans: Sequence[tuple[int, int]]) -> None:
        library = self.shell.library
        try:
            article = library.get(article_id)
            results = library.results_of(article_id)[::-1]
        except WorkbenchError as error:
            self.post_message(self.Opened(article_id, None, (), (), str(error)))
            return
        self.post_message(self.Opened(article_id, article, results, spans))

    def on_reading_screen_opened(self, message: "ReadingScreen.Opened") -> None:
        """Show what was loaded, unless another article is wanted by now."""
        message.stop()
        if message.article_id != self._wanted:
            return
        if message.article is None:
            self.article_id = None
            self.article_view.show_nothing(message.error)
            self.result_view.show_nothing(" ")
            return
        self.article_id = message.article_id
        self._results = message.results
        self.article_view.show(message.article)
        self._show_latest()
        self._point_at(message.spans)
        self.shell.desk.read_ahead(message.article_id)
        self.article_opened(message.article_id, message.article)

    def article_opened(self, article_id: int, article: Article) -> None:
        """Do what the screen wants done once an article is shown."""

    def _point_at(self, spans: Sequence[tuple[int, int]]) -> None:
        if spans:
            self.article_view.highlight(spans)
            self.call_after_refresh(self.article_view.reveal, min(start for start, _end in spans))

    def _show_latest(self) -> None:
        job = self._running_job()
        if job is not None:
            self._follow(job)
        elif self._results:
            # One opens an article to see what was made of it, not what it was compared with since.
            own = (one for one in self._results if one.task == "summarize")
            self.show_stored(next(own, self._results[0]))
        else:
            self.result_view.show_nothing()
            self.result_view.article_id = self.article_id

    def show_stored(self, stored: StoredResult, *, keep_place: bool = False) -> None:
        """Show a result of the library."""
        view = self.result_view
        if stored.task != "summarize":
            try:
                view.show_rows(rows_of_other(stored), "", stored.result, stored.id)
            except WorkbenchError as error:
                view.show_nothing(str(error))
            return
        view.show_result(
            stored.result,
            article_id=self.article_id,
            result_id=stored.id,
            about=about(stored),
            keep_place=keep_place,
        )

    def look_up_results(self) -> Sequence[StoredResult]:
        """Return the results of the open article, the newest first, as they are now."""
        if self.article_id is None:
            return ()
        try:
            self._results = self.shell.library.results_of(self.article_id)[::-1]
        except WorkbenchError as error:
            self.notify(str(error), severity="error")
        return self._results

    # Work.

    def action_summarize(self) -> None:
        """Have the open article summarised as the settings say, before all that waits."""
        settings = self.shell.desk.settings
        self.submit(
            Work(
                task="summarize",
                template=settings.template,
                length=settings.length,
                script=settings.script,
                unsupported=settings.unsupported,
            )
        )

    def submit(self, work: Work, model: str = "") -> None:
        """Hand in work about the open article and follow it."""
        if self.article_id is None:
            self.notify(_("open an article first"), severity="warning")
            return
        try:
            job = self.shell.desk.submit(work, [self.article_id], model=model, first=True)
        except WorkbenchError as error:
            self.notify(str(error), severity="error")
            return
        self._follow(job)
        self.action_pane("result")

    def action_pane(self, name: str) -> None:
        """Go to a pane, ``article`` or ``result``."""
        if name == "article":
            self.article_view.text.focus()
        else:
            self.result_view.text_view.focus()

    def _follow(self, job: Job) -> None:
        waits = _("waits for its turn") if job.state == "waiting" else _("begins")
        said = self.texts.line(job.id) or waits
        self._followed.add(job.id)
        self.result_view.begin(job.id, self.article_id, said, self.texts.of(job.id))

    def _running_job(self) -> Job | None:
        """Return the job that writes a summary of the open article, or waits to."""
        for job in self.shell.desk.jobs():
            if (
                job.state in ("running", "waiting")
                and job.work.task == "summarize"
                and tuple(job.article_ids) == (self.article_id,)
            ):
                return job
        return None

    def on_desk_message(self, message: DeskMessage) -> None:
        """Show what a job of the open article does; note what the others do."""
        event = message.event
        view = self.result_view
        if isinstance(event, QueueChanged):
            self._look_whether_it_left()
            self._follow_new()
            return
        if view.job_id is None or getattr(event, "job_id", None) != view.job_id:
            self.texts.take(event)
            if isinstance(event, JobDone) and self.result_view.found is None:
                self._show_what_came()
            return
        match event:
            case JobProgress():
                view.progress(line_of(event), writing=event.phase == "writing")
            case JobText():
                view.text(event.text)
            case JobAgain():
                view.again(event.reason)
            case JobPoint():
                view.point(event.point)
            case JobDone(result_id=None):
                said = _("this result could not be kept in the library")
                view.show_result(event.result, article_id=self.article_id, about=said)
            case JobDone() | JobStopped():
                self._ended(event.result_id, stopped=isinstance(event, JobStopped))
            case JobFailed():
                view.fail(event.error)

    def _follow_new(self) -> None:
        """Follow a summary of the open article that was asked for elsewhere, once."""
        if self.article_id is None or self.result_view.busy:
            return
        job = self._running_job()
        if job is not None and job.id not in self._followed:
            self._follow(job)

    def _show_what_came(self) -> None:
        """Show a result that came of the open article without being followed."""
        if self.article_id is not None and not self.result_view.busy and self.look_up_results():
            self.show_stored(self._results[0])

    def _look_whether_it_left(self) -> None:
        """Follow a job no longer that left the queue before its turn came."""
        job_id = self.result_view.job_id
        if job_id is None:
            return
        try:
            state = self.shell.desk.job(job_id).state
        except WorkbenchError:
            state = "cancelled"
        if state == "cancelled" and not self.texts.of(job_id).points:
            self.look_up_results()
            self._show_latest()

    def _ended(self, result_id: int | None, *, stopped: bool) -> None:
        """Show the result of a job that ended; what was written, where there is none."""
        for stored in self.look_up_results():
            if stored.id == result_id:
                self.show_stored(stored)
                if stopped:
                    self.notify(_("stopped; what was written is kept"))
                return
        self.result_view.stop()

    # What passes between the panes.

    @on(ResultView.CitationChosen)
    def _show_evidence(self, message: ResultView.CitationChosen) -> None:
        message.stop()
        self.article_view.show_evidence(message.citations, message.checks, message.remarks)
        if message.opened:
            self.action_pane("article")

    @on(ResultView.Wanted)
    def _do(self, message: ResultView.Wanted) -> None:
        message.stop()
        if message.what == "stop":
            if message.view.job_id is not None:
                self.shell.desk.cancel(message.view.job_id)
            return
        from workbench.tui.controllers import result_deeds

        result_deeds.do(self, message.what, message.point)

    def action_read_again(self) -> None:
        """Read the open article's file again, as it is now, and open what it says."""
        article = self.article_view.article
        if article is not None:
            self.run_worker(
                partial(self._read_again, article), thread=True, exclusive=True, group="read-again"
            )

    def _read_again(self, article: Article) -> None:
        said = _("the article is no longer in its file")
        options = ReadOptions(names=article.names)
        library = self.shell.library
        try:
            for one in import_files(library, [article.path], options, workers=0, again=True):
                if isinstance(one, Imported) and one.name == article.name:
                    self.app.call_from_thread(self._reopen, one.added.id)
                    return
                said = str(one) if isinstance(one, ArticleError) else said
        except WorkbenchError as error:
            said = str(error)
        self.app.call_from_thread(partial(self.notify, said, severity="error"))

    def _reopen(self, article_id: int) -> None:
        self.article_id = None
        self.open_article(article_id)
        self.notify(_("read again"))
