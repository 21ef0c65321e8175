"""A page of set lines that scrolls, with marks beside them and text that can be selected."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from workbench.files import encodable
from workbench.i18n import N_
from workbench.tui.typeset.cells import shown, width_of
from workbench.tui.typeset.page import Line, Page
from workbench.tui.widgets.runs import Overlay, cut, selected

GUTTER = 2
"""Cells beside the text: a mark that tells what the colours tell, and a space."""
_WIDEST = 84
"""Lines of more than 42 Chinese characters are hard to follow."""
_SELECTED = "screen--selection"


class Caret(NamedTuple):
    """A line of the page and a character of its paragraph."""

    line: int
    character: int


class LinesView(ScrollView, can_focus=True):
    """Lines of a page; what they say is the matter of the widgets built on it.

    Text is selected with the mouse, or with a caret that ``v`` sets; ``y`` copies it as paragraphs,
    without the breaks of lines.
    """

    ALLOW_SELECT = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--text", "lines--gutter", "lines--caret"}
    DEFAULT_CSS = """
    LinesView {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        & > .lines--gutter { color: $text-muted; }
        & > .lines--caret { text-style: reverse; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", N_("Up"), show=False, id="lines.up"),
        Binding("down,j", "move(1)", N_("Down"), show=False, id="lines.down"),
        Binding("left", "step(-1)", N_("Left"), show=False, id="lines.left"),
        Binding("right", "step(1)", N_("Right"), show=False, id="lines.right"),
        Binding("home,g", "go_to_end(-1)", N_("To the beginning"), show=False, id="lines.home"),
        Binding("end,G", "go_to_end(1)", N_("To the end"), show=False, id="lines.end"),
        Binding("pageup,b", "page(-1)", N_("A screen up"), show=False, id="lines.page_up"),
        Binding("pagedown,space", "page(1)", N_("A screen down"), show=False, id="lines.page_down"),
        Binding("v", "select", N_("Select text"), show=False, id="lines.select"),
        Binding("y", "copy", N_("Copy"), show=False, id="lines.copy"),
        Binding(
            "escape", "leave_selection", N_("Leave the selection"), show=False, id="lines.leave"
        ),
    ]

    caret: var[Caret | None] = var(None)

    @dataclass
    class Copied(Message):
        """Text was copied: this many characters."""

        view: "LinesView"
        characters: int

        @property
        def control(self) -> "LinesView":
            """Return the view it was copied from."""
            return self.view

    def __init__(self, id: str | None = None, classes: str | None = None):
        super().__init__(id=id, classes=classes)
        self.page: Page | None = None
        self._anchor: Caret | None = None
        self._laid_out_at = -1
        self._styles: dict[str, Style] = {}

    # What the widgets built on this one say.

    def component(self, number: int) -> str:
        """Return the component class of a line's plain text."""
        return "lines--text"

    def overlays(self, number: int) -> list[Overlay]:
        """Return what stands out in a line, the later above the earlier."""
        return []

    def mark(self, number: int) -> tuple[str, str]:
        """Return the mark beside a line, one cell wide, and its component class."""
        return "", "lines--gutter"

    def lead(self, number: int) -> str:
        """Return what is written into a line's indent, such as a number."""
        return ""

    def lay_out(self, width: int) -> None:
        """Set the page anew for lines of so many cells, and show it."""

    # Layout.

    @property
    def text_width(self) -> int:
        """How many cells a line may take."""
        return max(2, min(_WIDEST, self.scrollable_content_region.width - GUTTER))

    @property
    def _margin(self) -> int:
        """Cells before the gutter where the pane is wider than lines should be."""
        return max(0, (self.scrollable_content_region.width - GUTTER - self.text_width) // 2)

    def on_resize(self) -> None:
        """Break the lines anew where the width changed."""
        if self.size.width and self.text_width != self._laid_out_at:
            self.action_leave_selection()
            self.lay_out_anew()

    def lay_out_anew(self) -> None:
        """Lay out what is shown now; a hidden view has no width, and does so when it has one."""
        self._laid_out_at = self.text_width if self.size.width else -1
        if self.size.width:
            self.lay_out(self.text_width)

    def show_page(self, page: Page) -> None:
        """Show a page in place of the one that is shown."""
        self.page = page
        self.virtual_size = Size(self.scrollable_content_region.width, len(page.lines))
        self.refresh()

    def notify_style_update(self) -> None:
        """Draw anew in the colours of another theme."""
        super().notify_style_update()
        self._styles.clear()
        self.refresh()

    def style_of(self, component: str) -> Style:
        """Return the style of a component class, its colours mixed with what they lie upon."""
        found = self._styles.get(component)
        if found is None:
            own = self.get_component_styles(component)
            below = self.background_colors[1]
            ground = below + own.background if own.has_rule("background") else below
            colour = None
            if own.has_rule("color"):
                over = ground.get_contrast_text(own.color.a) if own.auto_color else own.color
                colour = (ground + over).rich_color
            on = ground.rich_color if own.has_rule("background") else None
            found = self._styles[component] = Style(color=colour, bgcolor=on) + own.text_style
        return found

    # Drawing.

    def render_line(self, y: int) -> Strip:
        """Return one line of the window."""
        number = self.scroll_offset.y + y
        width = self.scrollable_content_region.width
        base = self.get_component_rich_style("lines--text")
        if self.page is None or number >= len(self.page.lines):
            return Strip.blank(width, base)
        strip = Strip(self._segments(self.page, number, base)).apply_offsets(0, number)
        return strip.adjust_cell_length(width, base)

    def _segments(self, page: Page, number: int, base: Style) -> list[Segment]:
        line = page.lines[number]
        mark, component = self.mark(number)
        lead = self.lead(number)
        before = " " * self._margin
        found = [
            Segment(before, base),
            Segment(
                (mark + " " * GUTTER)[: GUTTER - (width_of(mark) - len(mark))],
                base + Style(color=self.style_of(component).color, bold=True),
            ),
        ]
        plain = base + self.style_of(self.component(number))
        found.append(Segment(lead + " " * (line.indent - width_of(lead)), plain))
        if line.paragraph < 0:
            return self._selected(found, number)
        text = shown(page.paragraphs[line.paragraph].text[line.start : line.end])
        overlays = self.overlays(number)
        if self.caret is not None and self.caret.line == number:
            at = min(self.caret.character, line.end - 1)
            overlays = [*overlays, Overlay(at, at + 1, "lines--caret")]
        styles = {one.component: self.style_of(one.component) for one in overlays}
        found += cut(text, line.start, overlays, plain, styles)
        return self._selected(found, number)

    def _selected(self, segments: list[Segment], number: int) -> list[Segment]:
        selection = self.text_selection
        span = selection.get_span(number) if selection else None
        if span is None:
            return segments
        return selected(segments, span, self.screen.get_component_rich_style(_SELECTED))

    # Moving.

    def action_move(self, by: int) -> None:
        """Scroll by lines, or move the caret."""
        if self.caret is None:
            self.scroll_relative(y=by, animate=False)
            return
        self._move_caret_to_line(self.caret.line + by, 1 if by > 0 else -1)

    def action_step(self, by: int) -> None:
        """Move the caret by characters."""
        if self.caret is None or self.page is None:
            return
        line = self.page.lines[self.caret.line]
        character = self.caret.character + by
        if line.start <= character < line.end:
            self._set_caret(Caret(self.caret.line, character))
        else:
            self._move_caret_to_line(self.caret.line + by, by, to_edge=True)

    def action_page(self, by: int) -> None:
        """Scroll by screens, or move the caret so far; one line stays in sight."""
        lines = by * max(1, self.scrollable_content_region.height - 1)
        if self.caret is None:
            self.scroll_relative(y=lines, animate=False)
        elif self.page is not None:
            wanted = min(max(0, self.caret.line + lines), len(self.page.lines) - 1)
            self._move_caret_to_line(wanted, -by)

    def action_go_to_end(self, direction: int) -> None:
        """Go to the beginning or the end of the page, or of the caret's line."""
        if self.caret is not None and self.page is not None:
            line = self.page.lines[self.caret.line]
            edge = line.start if direction < 0 else line.end - 1
            self._set_caret(Caret(self.caret.line, edge))
        elif direction < 0:
            self.scroll_home(animate=False)
        else:
            self.scroll_end(animate=False)

    def reveal_line(self, number: int, *, above: int = 3) -> None:
        """Scroll a line into sight, if it is not, with some lines above it."""
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if not top <= number < top + max(1, height):
            self.scroll_to(y=max(0, number - min(above, height // 3)), animate=False, force=True)

    # Selecting.

    def action_select(self) -> None:
        """Set a caret at the first line in sight and begin a selection, or end it."""
        if self.caret is not None:
            self.action_leave_selection()
            return
        if self.page is None:
            return
        number = self.first_choice()
        lines = self.page.lines
        while number < len(lines) and lines[number].paragraph < 0:
            number += 1
        if number < len(lines):
            self._anchor = Caret(number, lines[number].start)
            self._set_caret(self._anchor)

    def first_choice(self) -> int:
        """Return the line where a selection by keyboard begins."""
        return self.scroll_offset.y

    def action_leave_selection(self) -> None:
        """Take the caret and the selection away."""
        self.caret = self._anchor = None
        if self.is_attached and self.text_selection is not None:
            self.screen.clear_selection()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave Escape to others while nothing is selected."""
        if action == "leave_selection":
            return self.caret is not None or self.text_selection is not None
        return super().check_action(action, parameters)

    def action_copy(self) -> None:
        """Copy what is selected; without a selection, the paragraph in sight."""
        selection = self.text_selection or self._paragraph_selection(self.first_choice())
        found = self.get_selection(selection) if selection else None
        if found and found[0]:
            self.copy_text(found[0])
        self.action_leave_selection()

    def copy_text(self, text: str) -> None:
        """Put a text on the clipboard, through the terminal (OSC 52), and say so."""
        self.app.copy_to_clipboard(encodable(text))
        self.post_message(self.Copied(self, len(text)))

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text, the lines of a paragraph joined again."""
        if self.page is None:
            return None
        pieces: list[str] = []
        previous = -1
        for number, line in enumerate(self.page.lines):
            span = selection.get_span(number)
            if span is None or line.paragraph < 0:
                continue
            low, high = (self._character(line, x) for x in span)
            if span[1] < 0:
                high = line.end
            text = self.page.paragraphs[line.paragraph].text
            if line.paragraph == previous:
                pieces[-1] += self._between(text, number) + text[low:high]
            else:
                pieces.append(text[low:high])
            previous = line.paragraph
        return "\n".join(pieces), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw what is selected."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Select a paragraph by a double click."""
        if event.chain == 2:
            event.prevent_default()
            number = self.scroll_offset.y + event.y - self.content_offset_y
            selection = self._paragraph_selection(number)
            if selection is not None:
                self.screen.selections = {self: selection}

    @property
    def content_offset_y(self) -> int:
        """Rows of border and padding above the first line."""
        return self.gutter.top

    def watch_caret(self) -> None:
        """Draw the caret."""
        self.refresh()

    def _set_caret(self, caret: Caret) -> None:
        self.caret = caret
        self.reveal_line(caret.line)
        if self._anchor is not None:
            first, last = sorted((self._anchor, caret))
            start = self._offset(first, 0)
            end = self._offset(last, 1)
            self.screen.selections = {self: Selection(start, end)}

    def _move_caret_to_line(self, number: int, step: int, *, to_edge: bool = False) -> None:
        """Move the caret to a line, or past blank lines to the next one with text."""
        if self.page is None or self.caret is None:
            return
        lines = self.page.lines
        step = 1 if step > 0 else -1
        while 0 <= number < len(lines) and lines[number].paragraph < 0:
            number += step
        if not 0 <= number < len(lines):
            return
        line = lines[number]
        if to_edge:
            character = line.start if step > 0 else line.end - 1
        else:
            old = lines[self.caret.line]
            character = line.start + self.caret.character - old.start
        self._set_caret(Caret(number, max(line.start, min(character, line.end - 1))))

    def _offset(self, caret: Caret, after: int) -> Offset:
        assert self.page is not None
        line = self.page.lines[caret.line]
        return Offset(self._before(line) + caret.character - line.start + after, caret.line)

    def _before(self, line: Line) -> int:
        """Return how many characters of a drawn line come before its text."""
        return self._margin + GUTTER + line.indent

    def _character(self, line: Line, x: int) -> int:
        """Return which character of the paragraph is the ``x``-th of a drawn line."""
        return max(line.start, min(line.end, line.start + x - self._before(line)))

    def _between(self, text: str, number: int) -> str:
        """Return the spaces at which a line was broken."""
        assert self.page is not None
        return text[self.page.lines[number - 1].end : self.page.lines[number].start]

    def _paragraph_selection(self, number: int) -> Selection | None:
        if self.page is None or not 0 <= number < len(self.page.lines):
            return None
        paragraph = self.page.lines[number].paragraph
        if paragraph < 0:
            return None
        lines = self.page.lines_of(paragraph)
        first, last = lines[0], lines[-1]
        end = self.page.lines[last]
        return Selection(
            Offset(self._before(self.page.lines[first]), first),
            Offset(self._before(end) + end.end - end.start, last),
        )
