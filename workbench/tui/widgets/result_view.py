"""The result pane: a result of an article, or one that is being written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from workbench.errors import LibraryError
from workbench.i18n import N_, _
from workbench.tasks.result import Point, Result
from workbench.tasks.stored import result_from
from workbench.tasks.views import footer
from workbench.tui.reading.progress_line import SPINNER
from workbench.tui.reading.rows import Row, RowKind, rows_of
from workbench.tui.reading.written import Written
from workbench.tui.widgets.lines_view import LinesView
from workbench.tui.widgets.result_text import ResultText
from workbench.tui.widgets.said import Said

_SPIN_SECONDS = 0.15


class ResultView(Vertical):
    """Shows a stored result, or a job while it is written; says what the user wants done with it.

    A job's events are handed in by ``begin``, ``progress``, ``text``, ``again``, ``point`` and one
    of ``finish``, ``stop`` and ``fail``.
    """

    DEFAULT_CSS = """
    ResultView {
        height: 1fr;
        & > ResultText { height: 1fr; }
        & > #result-empty { height: 1fr; padding: 1 2; color: $text-muted; display: none; }
        & > #result-status { height: auto; max-height: 5; padding: 0 1; color: $text-muted; }
        &.-busy > #result-status { color: $text; height: 2; }
        &.-failed > #result-status { color: $error; }
        &.-empty > #result-empty { display: block; }
        &.-empty > ResultText { display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", N_("Stop"), show=False, id="result.stop"),
        Binding("r", "want('regenerate')", N_("Write again"), id="result.regenerate"),
        Binding("e", "want('edit')", N_("Edit"), id="result.edit"),
        Binding(
            "E", "want('edit_outside')", N_("Edit in your editor"), show=False, id="result.editor"
        ),
        Binding(
            "delete", "want('remove')", N_("Leave the point out"), show=False, id="result.remove"
        ),
        Binding("asterisk", "want('rate')", N_("Rate"), show=False, id="result.rate"),
        Binding("Y", "want('copy')", N_("Copy all"), show=False, id="result.copy_all"),
        Binding("w", "want('export')", N_("Export"), show=False, id="result.export"),
        Binding("h", "want('earlier')", N_("Earlier results"), id="result.earlier"),
        Binding(
            "equals_sign", "want('beside')", N_("Side by side"), show=False, id="result.beside"
        ),
    ]

    @dataclass
    class CitationChosen(Message):
        """One went to a point or a citation: what it rests on, what is wrong with it.

        ``article_id`` is the article the result is about. ``opened``: the user wants to go there.
        """

        view: "ResultView"
        article_id: int | None
        spans: tuple[tuple[int, int], ...]
        citations: tuple[Mapping[str, Any], ...]
        checks: tuple[Mapping[str, Any], ...]
        remarks: tuple[str, ...]
        opened: bool

        @property
        def control(self) -> "ResultView":
            """Return the view it was chosen in."""
            return self.view

    @dataclass
    class Wanted(Message):
        """The user wants something done: ``stop``, ``regenerate``, ``edit``, ``export`` and so on.

        ``point`` is the number of the point one is at, from 0, -1 for none.
        """

        view: "ResultView"
        what: str
        point: int

        @property
        def control(self) -> "ResultView":
            """Return the view it is wanted in."""
            return self.view

    def __init__(self, id: str | None = None, *, readonly: bool = False):
        super().__init__(id=id)
        self.readonly = readonly
        self.article_id: int | None = None
        self.result_id: int | None = None
        self.job_id: int | None = None
        self.found: Mapping[str, Any] | None = None
        self.result: Result | None = None
        self._written = Written()
        self._line = ""
        self._turn = 0

    def compose(self) -> ComposeResult:
        """Lay the pane out."""
        yield ResultText(id="result-text")
        yield Said(id="result-empty")
        yield Said(id="result-status")

    def on_mount(self) -> None:
        """Say what to do while there is nothing."""
        self._spinner = self.set_interval(_SPIN_SECONDS, self._spin, pause=True)
        if self.found is None and self.job_id is None:
            self.show_nothing()

    @property
    def text_view(self) -> ResultText:
        """Return the rows."""
        return self.query_one(ResultText)

    @property
    def busy(self) -> bool:
        """Say whether a job is being written."""
        return self.job_id is not None

    # A stored result.

    def show_nothing(self, why: str = "") -> None:
        """Show no result; say why, or what to do."""
        self._leave_job()
        self.found = self.result = self.result_id = None
        self.add_class("-empty")
        self.text_view.show_rows([])
        self.query_one("#result-empty", Static).update(
            why or _("There is no result yet. Press s to have the article summarised.")
        )
        self._say("")

    def show_result(
        self,
        found: Mapping[str, Any],
        *,
        article_id: int | None = None,
        result_id: int | None = None,
        about: str = "",
        keep_place: bool = False,
    ) -> None:
        """Show the JSON of a summary; ``about`` is said above it.

        ``keep_place`` stays at the row one is at, for a result that was edited.
        """
        self._leave_job()
        self.found, self.result_id, self.article_id = found, result_id, article_id
        self.remove_class("-empty")
        if not keep_place:
            self.text_view.reset()
        try:
            self.result = result_from(found)
        except LibraryError as error:
            self.result = None
            self.add_class("-failed")
            self.text_view.show_rows([])
            self._say(str(error))
            return
        self.text_view.show_rows([*_about(about), *rows_of(self.result), *_unread(self.result)])
        self._say(footer(self.result))
        self.refresh_bindings()

    def show_rows(
        self, rows: Sequence[Row], said: str, found: Mapping[str, Any], result_id: int | None
    ) -> None:
        """Show a result of another task, laid out elsewhere."""
        self._leave_job()
        self.found, self.result, self.result_id = found, None, result_id
        self.remove_class("-empty")
        self.text_view.reset()
        self.text_view.show_rows(rows)
        self._say(said)

    # A job while it is written.

    def begin(
        self,
        job_id: int,
        article_id: int | None = None,
        said: str = "",
        written: Written | None = None,
    ) -> None:
        """Show a job that waits, begins, or has ``written`` something already."""
        self._leave_job()
        self.job_id, self.article_id = job_id, article_id
        self.found = self.result = self.result_id = None
        self._written = written or Written()
        self.remove_class("-empty")
        self.add_class("-busy")
        self.text_view.reset()
        self._draw()
        self._line = said or _("waiting")
        self._spinner.resume()
        self._spin()
        self.refresh_bindings()

    def progress(self, line: str, *, writing: bool = False) -> None:
        """Say how far it is; what is written after reading or checking is a draft of its own."""
        if not writing:
            self._written.pause()
        self._line = line
        self._spin(turn=False)

    def text(self, piece: str) -> None:
        """Show a piece that the model wrote."""
        self._written.add(piece)
        self._draw()

    def again(self, reason: str) -> None:
        """Say that the engine failed and what it was writing is void."""
        self._written.again(reason)
        self._draw()

    def point(self, point: Point) -> None:
        """Show a point that was checked."""
        self._written.point(point)
        self._draw()

    def stop(self, said: str = "") -> None:
        """Keep what there is of a job that was stopped."""
        points = len(self._written.points)
        self._written.drafts.clear()
        self._draw()
        self._leave_job()
        self._say(said or _("stopped; {count} points were written").format(count=points))
        if not points:
            self.show_nothing(_("Stopped before a point was written. Press s to begin anew."))

    def fail(self, error: str) -> None:
        """Say why a job failed; what was written stays in sight."""
        self._written.drafts.clear()
        self._draw()
        self._leave_job()
        self.add_class("-failed")
        self._say(error)

    def _draw(self) -> None:
        if self.busy:
            self.text_view.show_rows(self._written.rows(), follow=True)

    def _leave_job(self) -> None:
        self.job_id = None
        self._spinner.pause()
        self.remove_class("-busy", "-failed")
        self.refresh_bindings()

    def _spin(self, turn: bool = True) -> None:
        if self.busy:
            self._turn += turn
            self._say(f"{SPINNER[self._turn % len(SPINNER)]} {self._line}")

    def _say(self, line: str) -> None:
        self.query_one("#result-status", Static).update(line)

    # Keys.

    def action_stop(self) -> None:
        """Stop the job that is written, and keep what there is."""
        self._line = _("stopping")
        self._spin(turn=False)
        self.post_message(self.Wanted(self, "stop", -1))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done with what is shown."""
        if action == "want":
            return self._can(str(parameters[0]))
        if action == "stop":
            return self.busy
        return super().check_action(action, parameters)

    def _can(self, what: str) -> bool:
        if self.readonly or self.busy:
            return False
        return what in ("regenerate", "earlier") or self.found is not None

    def action_want(self, what: str) -> None:
        """Ask for something to be done with the result."""
        row = self.text_view.row
        self.post_message(self.Wanted(self, what, row.index if row else -1))

    @on(ResultText.Gone)
    def _tell_citation(self, message: ResultText.Gone) -> None:
        message.stop()
        row = message.row
        self.post_message(
            self.CitationChosen(
                self,
                self.article_id,
                tuple((one["start"], one["end"]) for one in message.citations),
                message.citations,
                row.checks,
                row.remarks,
                message.opened,
            )
        )

    @on(LinesView.Copied)
    def _say_copied(self, message: LinesView.Copied) -> None:
        message.stop()
        self.notify(_("copied {count} characters").format(count=message.characters))


def _about(line: str) -> list[Row]:
    return [Row(RowKind.ABOUT, line)] if line else []


def _unread(result: Result) -> list[Row]:
    """Say loudly that not everything was read, where that is so."""
    coverage = result.coverage
    if coverage.passages_read >= coverage.passages_total:
        return []
    said = _("only {read} of {total} passages were read").format(
        read=coverage.passages_read, total=coverage.passages_total
    )
    return [Row(RowKind.REMARK, said, lead="! ", mark="!")]
