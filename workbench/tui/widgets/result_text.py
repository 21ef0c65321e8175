"""The rows of a result, one of which is gone to at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import var

from workbench.i18n import N_
from workbench.tui.reading.result_page import ResultPage, set_rows
from workbench.tui.reading.rows import Row, RowKind, passage_labels
from workbench.tui.widgets.lines_view import LinesView
from workbench.tui.widgets.runs import Overlay

_COMPONENTS = {
    RowKind.HEADLINE: "result--headline",
    RowKind.REMARK: "result--remark",
    RowKind.LABEL: "result--headline",
    RowKind.DRAFT: "result--draft",
    RowKind.ABOUT: "result--about",
}
_MARKS = {"✓": "result--supported", "?": "result--elsewhere", "!": "result--unsupported"}


class ResultText(LinesView):
    """Points and fields of a result; arrows go from one to the next, and through its citations."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "result--headline",
        "result--remark",
        "result--draft",
        "result--about",
        "result--tail",
        "result--label",
        "result--here",
        "result--supported",
        "result--elsewhere",
        "result--differs",
        "result--unsupported",
    }
    DEFAULT_CSS = """
    ResultText {
        & > .result--headline { text-style: bold; }
        & > .result--remark { color: $unsupported; }
        & > .result--draft { color: $text-muted; text-style: italic; }
        & > .result--about { color: $text-muted; }
        & > .result--tail { color: $text-muted; }
        & > .result--label { text-style: bold reverse; }
        & > .result--here { background: $foreground 10%; }
        & > .result--supported { color: $supported; }
        & > .result--elsewhere { color: $warning; text-style: underline; }
        & > .result--differs { color: $differs; text-style: bold underline; }
        & > .result--unsupported { color: $unsupported; text-style: bold underline; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "go(-1)", N_("Point before"), show=False, id="result.up"),
        Binding("down,j", "go(1)", N_("Next point"), show=False, id="result.down"),
        Binding("left", "cite(-1)", N_("Citation before"), show=False, id="result.left"),
        Binding("right", "cite(1)", N_("Next citation"), show=False, id="result.right"),
        Binding("enter", "open", N_("Show in the article"), show=False, id="result.open"),
    ]

    here: var[int] = var(-1)
    """The row that was gone to, -1 for none."""

    @dataclass
    class Gone(Message):
        """One went to a row, and perhaps to one of its citations; ``opened`` by Enter."""

        view: "ResultText"
        row: Row
        citations: tuple[dict[str, Any], ...]
        opened: bool

        @property
        def control(self) -> "ResultText":
            """Return the text it is in."""
            return self.view

    def __init__(self, id: str | None = None):
        super().__init__(id=id)
        self.rows: Sequence[Row] = ()
        self._set: ResultPage | None = None
        self._label = -1

    def show_rows(self, rows: Sequence[Row], *, follow: bool = False) -> None:
        """Show rows; ``follow`` keeps the last in sight unless one went to a row above."""
        at_end = self.scroll_offset.y >= self.max_scroll_y - 1
        self.rows = rows
        if self.here >= len(rows):
            self.here = -1
        self.lay_out_anew()
        if follow and at_end and self.here < 0:
            self.scroll_end(animate=False, immediate=True, force=True)

    def reset(self) -> None:
        """Forget where one was."""
        self.here = self._label = -1
        self.action_leave_selection()
        self.scroll_to(y=0, animate=False, force=True)

    def lay_out(self, width: int) -> None:
        """Break the rows into lines of a width."""
        self._set = set_rows(self.rows, width)
        self.show_page(self._set.page)

    # Going from row to row.

    @property
    def row(self) -> Row | None:
        """Return the row that was gone to."""
        return self.rows[self.here] if 0 <= self.here < len(self.rows) else None

    def action_go(self, by: int) -> None:
        """Go to the next row that can be gone to; past the last, scroll."""
        if self.caret is not None:
            self.action_move(by)
            return
        number = self.here + by if self.here >= 0 or by > 0 else len(self.rows) - 1
        while 0 <= number < len(self.rows) and not self.rows[number].stops:
            number += by
        if 0 <= number < len(self.rows):
            self.go_to(number)
        else:
            self.scroll_relative(y=by, animate=False)

    def go_to(self, number: int, *, label: int = -1, opened: bool = False) -> None:
        """Go to a row and tell what it rests on."""
        self.here, self._label = number, label
        if self._set is not None:
            lines = self._set.lines_of(number)
            self.reveal_line(lines[-1])
            self.reveal_line(lines[0])
        self._say_gone(opened)

    def action_cite(self, by: int) -> None:
        """Go through the passages a row cites, one by one; after the last, to all of them."""
        row = self.row
        if self.caret is not None or row is None:
            self.action_step(by)
            return
        labels = passage_labels(row)
        if labels:
            self._label = (self._label + 1 + by) % (len(labels) + 1) - 1
            self.refresh()
            self._say_gone(False)

    def action_open(self) -> None:
        """Show what the row rests on, in the article."""
        if self.row is not None:
            self._say_gone(True)

    def action_copy(self) -> None:
        """Copy what is selected; else the row one is at, with the passages it cites."""
        row = self.row
        if self.text_selection is not None or row is None:
            super().action_copy()
            return
        cited = "".join(f"[{number}]" for number, *_at in passage_labels(row))
        self.copy_text(f"{row.text} {cited}".rstrip())

    def _say_gone(self, opened: bool) -> None:
        row = self.row
        if row is None:
            return
        citations = tuple(dict(one) for one in row.citations)
        labels = passage_labels(row)
        if 0 <= self._label < len(labels):
            number = labels[self._label][0]
            citations = tuple(one for one in citations if one["passage"] == number)
        self.post_message(self.Gone(self, row, citations, opened))

    def on_click(self, event: events.Click) -> None:
        """Go to the row that was clicked on, or to the passage number in it."""
        if event.chain != 1 or self.page is None:
            super().on_click(event)
            return
        number = self.scroll_offset.y + event.y - self.gutter.top
        if not 0 <= number < len(self.page.lines):
            return
        row = self.page.lines[number].paragraph
        while row > 0 and not self.rows[row].stops and self.rows[row].kind is RowKind.REMARK:
            row -= 1
        if row >= 0 and self.rows[row].stops:
            self.go_to(row, label=self._label_at(row, number, event), opened=False)

    def _label_at(self, row: int, number: int, event: events.Click) -> int:
        _widget, offset = self.screen.get_widget_and_offset_at(event.screen_x, event.screen_y)
        if offset is None or self.page is None:
            return -1
        character = self._character(self.page.lines[number], offset.x)
        before = len(self.rows[row].text) + 1
        for index, (_passage, start, end) in enumerate(passage_labels(self.rows[row])):
            if before + start <= character < before + end:
                return index
        return -1

    def watch_here(self) -> None:
        """Draw which row one is at."""
        self.refresh()

    # Drawing.

    def component(self, number: int) -> str:
        """Return the component class of a line by its row."""
        row = self._row_at(number)
        return _COMPONENTS.get(row.kind, "lines--text") if row else "lines--text"

    def lead(self, number: int) -> str:
        """Return the number of a point before its first line."""
        row = self._row_at(number)
        if row is None or not self._is_first(number) or self.text_width < 16:
            return ""
        return "  " * row.depth + row.lead

    def mark(self, number: int) -> tuple[str, str]:
        """Return the mark of a row beside its first line, and where one is."""
        row = self._row_at(number)
        if row is None or self.page is None:
            return "", "lines--gutter"
        here = ">" if self.page.lines[number].paragraph == self.here else " "
        if not self._is_first(number) or not row.mark:
            return here, "lines--gutter"
        return (row.mark + here).rstrip(), _MARKS[row.mark]

    def overlays(self, number: int) -> list[Overlay]:
        """Return what stands out in a line: facts by their checks, the row one is at."""
        row = self._row_at(number)
        if row is None or self.page is None:
            return []
        whole = len(row.text) + 1
        found = []
        if self.page.lines[number].paragraph == self.here:
            found.append(Overlay(0, whole + len(row.tail), "result--here"))
        found.append(Overlay(whole, whole + len(row.tail), "result--tail"))
        for check in row.checks:
            if check["status"] != "supported":
                found.append(Overlay(check["start"], check["end"], f"result--{check['status']}"))
        labels = passage_labels(row)
        if found[0].component == "result--here" and 0 <= self._label < len(labels):
            _number, start, end = labels[self._label]
            found.append(Overlay(whole + start, whole + end, "result--label"))
        return found

    def _row_at(self, number: int) -> Row | None:
        if self.page is None or (line := self.page.lines[number]).paragraph < 0:
            return None
        return self.rows[line.paragraph]

    def _is_first(self, number: int) -> bool:
        assert self.page is not None
        return self.page.first_lines[self.page.lines[number].paragraph] == number
