"""Two results of one article side by side."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.markup import escape
from textual.screen import ModalScreen
from textual.widgets import Static

from workbench.errors import WorkbenchError
from workbench.i18n import N_, _
from workbench.store.results import StoredResult
from workbench.tui.reading.stored_lines import about, rows_of_other
from workbench.tui.widgets.result_view import ResultView
from workbench.tui.widgets.said import Said

_NARROW = 60


class BesideScreen(ModalScreen[None]):
    """Shows two results, and below them the passages that the point one is at rests on."""

    DEFAULT_CSS = """
    BesideScreen {
        background: $surface;
        & #beside-both { height: 1fr; }
        & .beside-one { width: 1fr; height: 1fr; border: round $panel; padding: 0; }
        & .beside-one:focus-within { border: round $primary; }
        & #beside-quotes { height: auto; max-height: 6; padding: 0 1; color: $text-muted; }
        & #beside-hint { height: 1; padding: 0 1; color: $text-muted; }
        &.-narrow #beside-both { layout: vertical; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", N_("Leave"), show=False, id="beside.leave"),
    ]

    def __init__(self, results: Sequence[StoredResult]) -> None:
        super().__init__()
        self._results = results

    def compose(self) -> ComposeResult:
        """Both, the quotes and a hint."""
        with Horizontal(id="beside-both"):
            for number, stored in enumerate(self._results):
                with Vertical(classes="beside-one") as box:
                    box.border_title = escape(f"{stored.template} · {stored.model}")
                    yield ResultView(id=f"beside-{number}", readonly=True)
        yield Said(id="beside-quotes")
        yield Said(
            _("arrows go from point to point · Tab to the other result · Esc leaves"),
            id="beside-hint",
        )

    def on_mount(self) -> None:
        """Show both."""
        for number, stored in enumerate(self._results):
            view = self.query_one(f"#beside-{number}", ResultView)
            if stored.task == "summarize":
                view.show_result(stored.result, result_id=stored.id, about=about(stored))
                continue
            try:
                view.show_rows(rows_of_other(stored), "", stored.result, stored.id)
            except WorkbenchError as error:
                view.show_nothing(str(error))
        self.query_one("#beside-0", ResultView).text_view.focus()

    def on_resize(self) -> None:
        """Put one above the other where there is no room beside."""
        self.set_class(self.size.width < _NARROW, "-narrow")

    @on(ResultView.CitationChosen)
    def _quote(self, message: ResultView.CitationChosen) -> None:
        message.stop()
        quotes = [
            f"[{one['passage']}] {' '.join(one['quote'].split())}" for one in message.citations
        ]
        said = [f"! {remark}" for remark in message.remarks]
        self.query_one("#beside-quotes", Static).update("\n".join([*said, *quotes]))
