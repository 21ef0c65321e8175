"""A finished comparison: its overview, the table of claims, the timeline, the passages."""

from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import ContentSwitcher, Input, Tab, Tabs
from textual.worker import get_current_worker

from workbench.desk.comparing import (
    ALL,
    TIMELINE,
    VIEWS,
    Kept,
    Place,
    counts,
    first_view,
    place_of,
    place_of_event,
    rows_of,
    status_of,
)
from workbench.desk.passages import InContext, in_context
from workbench.errors import WorkbenchError
from workbench.i18n import N_, _
from workbench.store.library import Library
from workbench.tasks.compare.comparison import AGREE, ALONE, CHANGES, DIFFER, SILENT, Cell, Row
from workbench.tasks.compare.views import footer, reference, remarks
from workbench.tui.while_there import while_there
from workbench.tui.widgets.claim_cells import MARKS, WORDS
from workbench.tui.widgets.claim_table import ClaimTable
from workbench.tui.widgets.flowing import Flowing, Run
from workbench.tui.widgets.passage_preview import PassagePreview
from workbench.tui.widgets.timeline_table import TimelineTable


class ComparisonView(Vertical):
    """Shows one comparison of the library; every cell opens the passage it is taken from."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "differences", N_("Only differences"), id="compare.differences"),
        Binding("t", "view('timeline')", N_("Timeline"), id="compare.timeline"),
        Binding("a", "view('all')", N_("All rows"), id="compare.all", show=False),
        Binding("v", "next_view(1)", N_("Next view"), id="compare.next_view", show=False),
        Binding("V", "next_view(-1)", N_("Previous view"), id="compare.last_view", show=False),
        Binding("slash", "find", N_("Find"), id="compare.find"),
        Binding("y", "copy_cell", N_("Copy the cell"), id="compare.copy_cell", show=False),
    ]
    DEFAULT_CSS = """
    ComparisonView {
        & #comparison-about { height: auto; max-height: 5; padding: 0 1; }
        & #comparison-words { display: none; margin: 0 1; }
        & #comparison-words.open { display: block; }
        & ContentSwitcher { height: 1fr; }
        & #comparison-none { padding: 1 2; }
        & #comparison-footer { padding: 0 1; max-height: 2; }
        & PassagePreview { height: 30%; min-height: 5; }
    }
    """

    @dataclass
    class Opened(Message):
        """A passage is to be shown in its article."""

        article_id: int
        spans: tuple[tuple[int, int], ...]

    def __init__(self, library: Library, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._library = library
        self.kept: Kept | None = None
        self.view = ALL

    def compose(self) -> ComposeResult:
        """What holds for all articles above, rows in the middle, the passage below."""
        with VerticalScroll(id="comparison-about", can_focus=False):
            yield Flowing(id="comparison-overview")
        yield Tabs(*(Tab(name, id=name) for name in VIEWS), id="comparison-views")
        yield Input(placeholder=_("words that rows must hold"), id="comparison-words", compact=True)
        with ContentSwitcher(initial="comparison-rows"):
            yield ClaimTable(id="comparison-rows")
            yield TimelineTable(id="comparison-timeline")
            yield Flowing(id="comparison-none")
        yield PassagePreview()
        yield Flowing(id="comparison-footer")

    def show(self, kept: Kept) -> None:
        """Show a comparison, what differs first."""
        self.kept = kept
        self._close_find()
        comparison = kept.comparison
        lines: list[list[Run]] = []
        if comparison.overview:
            lines.append([(comparison.overview.text, "strong")])
        lines += [[(f"! {remark}", "warning")] for remark in remarks(comparison)]
        about = self.query_one("#comparison-about")
        about.display = bool(lines)
        self.query_one("#comparison-overview", Flowing).show(lines)
        self.query_one("#comparison-footer", Flowing).show([[(footer(comparison), "quiet")]])
        for name, number in counts(comparison).items():
            self.query_one(f"#comparison-views Tab#{name}", Tab).label = f"{_names(name)} {number}"
        self._turn_to(first_view(comparison))
        self.focus_rows()

    def focus_rows(self) -> None:
        """Have the keys go to the rows."""
        name = "timeline" if self.view == TIMELINE else "rows"
        self.query_one(f"#comparison-{name}").focus()

    def action_view(self, view: str) -> None:
        """Show another view."""
        self._turn_to(view)
        self.focus_rows()

    def action_differences(self) -> None:
        """Show only what differs, or everything again."""
        self.action_view(ALL if self.view == DIFFER else DIFFER)

    def action_next_view(self, by: int) -> None:
        """Go through the views."""
        self.action_view(VIEWS[(VIEWS.index(self.view) + by) % len(VIEWS)])

    def action_find(self) -> None:
        """Ask for words that the rows shown must hold."""
        words = self.query_one("#comparison-words", Input)
        words.add_class("open")
        words.focus()

    def action_copy_cell(self) -> None:
        """Put what the cursor is at on the clipboard, with the passages it is from."""
        if said := self.pointed_text():
            self.app.copy_to_clipboard(said)
            self.app.notify(_("copied: {text}").format(text=said.partition("\n")[0][:40]))

    def leave_find(self) -> bool:
        """Close the field of words where it is open; say whether it was."""
        if not self.query_one("#comparison-words").has_class("open"):
            return False
        self._close_find()
        self._fill()
        self.focus_rows()
        return True

    def pointed_text(self) -> str:
        """Return what the cursor is at as text: what is said, and the quotes with their places."""
        if self.kept is None:
            return ""
        if self.view == TIMELINE:
            event = self.query_one(TimelineTable).pointed
            return f"{event.date} {event.text}" if event else ""
        found = self.query_one(ClaimTable).pointed
        if found is None:
            return ""
        row, cell = found
        if cell is None:
            return row.subject
        quotes = [f"“{' '.join(one.quote.split())}”" for one in cell.citations]
        said = " ".join(part for part in (cell.value, cell.text) if part)
        return "\n".join([f"{said} {reference(cell)}".strip(), *quotes])

    def _turn_to(self, view: str) -> None:
        self.view = view
        self.query_one("#comparison-views", Tabs).active = view
        self._fill()

    def _fill(self) -> None:
        if self.kept is None:
            return
        comparison = self.kept.comparison
        switcher = self.query_one(ContentSwitcher)
        words = self.query_one("#comparison-words", Input).value
        if self.view == TIMELINE:
            self.query_one(TimelineTable).show(comparison.timeline, len(comparison.articles))
            empty = not comparison.timeline
            switcher.current = "comparison-timeline"
        else:
            rows = rows_of(comparison, self.view, words)
            self.query_one(ClaimTable).show(comparison, rows)
            empty = not rows
            switcher.current = "comparison-rows"
        if empty:
            switcher.current = "comparison-none"
            said = _("no row holds these words") if words else _nothing(self.view)
            self.query_one("#comparison-none", Flowing).show([[(said, "quiet")]])
            self.query_one(PassagePreview).say((said, "quiet"))

    def _close_find(self) -> None:
        words = self.query_one("#comparison-words", Input)
        words.remove_class("open")
        with words.prevent(Input.Changed):
            words.value = ""

    @on(Tabs.TabActivated)
    def _tab_chosen(self, event: Tabs.TabActivated) -> None:
        event.stop()
        if event.tab.id and event.tab.id != self.view:
            self._turn_to(event.tab.id)

    @on(Input.Changed, "#comparison-words")
    def _words_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.view == TIMELINE:
            self._turn_to(ALL)
        self._fill()

    @on(Input.Submitted, "#comparison-words")
    def _words_given(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_rows()

    @on(ClaimTable.Pointed)
    def _cell_pointed(self, event: ClaimTable.Pointed) -> None:
        event.stop()
        if self.kept is None:
            return
        preview = self.query_one(PassagePreview)
        cell = event.cell
        if cell is None:
            preview.say((event.row.subject, "strong"))
            return
        place = place_of(cell, self.kept.article_ids)
        heading = self._heading(event.row, cell)
        if cell.status == SILENT:
            preview.say(*heading)
        elif place is None:
            quotes = [(" ".join(one.quote.split()), "") for one in cell.citations]
            gone = (_("the article is not in the library any more"), "warning")
            preview.say(*heading, ("  ", ""), gone, ("  ", ""), *quotes)
        else:
            self._look_up(heading, place)

    @on(TimelineTable.Pointed)
    def _event_pointed(self, event: TimelineTable.Pointed) -> None:
        event.stop()
        if self.kept is None:
            return
        place = place_of_event(event.event, self.kept.article_ids)
        heading: list[Run] = [(event.event.date, "strong")]
        if place is None:
            self.query_one(PassagePreview).say(*heading)
        else:
            self._look_up(heading, place)

    @on(ClaimTable.Chosen)
    def _cell_chosen(self, event: ClaimTable.Chosen) -> None:
        event.stop()
        if self.kept is not None and event.cell is not None:
            self._open(place_of(event.cell, self.kept.article_ids), event.cell.status == SILENT)

    @on(TimelineTable.Chosen)
    def _event_chosen(self, event: TimelineTable.Chosen) -> None:
        event.stop()
        if self.kept is not None:
            self._open(place_of_event(event.event, self.kept.article_ids), silent=False)

    def _open(self, place: Place | None, silent: bool) -> None:
        if place is not None:
            self.post_message(self.Opened(place.article_id, place.spans))
        elif silent:
            self.app.notify(_("the article says nothing of this: there is no passage to open"))
        else:
            self.app.notify(_("the article is not in the library any more"), severity="warning")

    @work(thread=True, exclusive=True, group="preview")
    def _look_up(self, heading: list[Run], place: Place) -> None:
        """Fetch the article of a passage; done beside, for articles may be long."""
        worker = get_current_worker()
        quotes: tuple[InContext, ...] = ()
        try:
            quotes = in_context(self._library.get(place.article_id), place.spans)
        except WorkbenchError as error:
            heading = [*heading, ("  ", ""), (str(error), "warning")]
        if not worker.is_cancelled:
            self.call_later(self._show_passage, heading, quotes)

    @while_there
    def _show_passage(self, heading: list[Run], quotes: tuple[InContext, ...]) -> None:
        self.query_one(PassagePreview).show(heading, quotes)

    def _heading(self, row: Row, cell: Cell) -> list[Run]:
        if self.kept is None:
            return []
        status = status_of(row, cell)
        identity = self.kept.comparison.articles[cell.article - 1].article
        named = [identity.title or identity.name, identity.source, identity.date]
        style = {DIFFER: "differs", CHANGES: "warning", AGREE: "supported"}.get(status, "quiet")
        said = _(WORDS[status])
        if status == SILENT:
            said = _("silent: looked for in every sentence, not found")
        return [
            (f"[{cell.article}] ", "strong"),
            (f"{MARKS[status]} {said}", style),
            (f" · {cell.value}" if cell.value else "", "strong"),
            (" · " + " · ".join(one for one in named if one), "quiet"),
        ]


def _names(view: str) -> str:
    return {
        ALL: _("All"),
        DIFFER: _("Differ"),
        CHANGES: _("Change"),
        AGREE: _("Agree"),
        ALONE: _("Only one"),
        TIMELINE: _("Timeline"),
    }[view]


def _nothing(view: str) -> str:
    return {
        ALL: _("The articles have nothing that could be compared."),
        DIFFER: _("No difference was found. The rules prefer silence to a false alarm."),
        CHANGES: _("Nothing changes over time here."),
        AGREE: _("The articles share no statement."),
        ALONE: _("No article says anything alone."),
        TIMELINE: _("No statement carries a date."),
    }[view]
