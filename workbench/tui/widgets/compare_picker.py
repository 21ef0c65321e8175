"""Picking the articles to compare: those picked on top, below them what a search finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Button, Input, OptionList
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from workbench.desk.picking import Pickable, described, offered
from workbench.errors import WorkbenchError
from workbench.i18n import N_, _
from workbench.store.library import Library
from workbench.tasks.compare.task import FEWEST, MOST
from workbench.tui.while_there import while_there
from workbench.tui.widgets.flowing import Flowing


class ComparePicker(Vertical):
    """Offers the articles of the library; two to twenty of them can be compared."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "compare", N_("Compare"), id="picker.compare"),
        Binding("f4", "clear", N_("Pick none"), id="picker.clear"),
        Binding("down", "into_list", N_("To the list"), id="picker.into_list", show=False),
    ]
    DEFAULT_CSS = """
    ComparePicker {
        padding: 0 1;
        & #picker-said { margin: 0 0 1 0; }
        & #picker-list { height: 1fr; border: none; padding: 0; }
        & #picker-foot { height: auto; margin: 1 0; }
        & #picker-go { margin: 0 2 0 0; }
    }
    """

    @dataclass
    class Wanted(Message):
        """These articles, in this order, are to be compared."""

        article_ids: tuple[int, ...]

    def __init__(self, library: Library, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._library = library
        self._picked: dict[int, Pickable] = {}
        self._offered: list[Pickable] = []

    def compose(self) -> ComposeResult:
        """Words to look for, the list, and what starts it all."""
        yield Flowing(id="picker-said")
        yield Input(placeholder=_("Search in either script"), id="picker-words", compact=True)
        yield OptionList(id="picker-list")
        with Horizontal(id="picker-foot"):
            yield Button(
                _("Compare"), id="picker-go", variant="primary", disabled=True, compact=True
            )
            yield Flowing(id="picker-count")

    def on_mount(self) -> None:
        """Offer what is there."""
        self._tell()
        self.look_again()

    @property
    def picked(self) -> tuple[int, ...]:
        """Return the articles picked, in the order they were."""
        return tuple(self._picked)

    def pick(self, article_ids: Sequence[int]) -> None:
        """Have these articles picked, and no others."""
        self._picked = {one.id: one for one in described(self._library, article_ids[:MOST])}
        self._tell()
        self._fill()

    def look_again(self) -> None:
        """Look the articles up anew: the library may have changed."""
        self._look(self.query_one("#picker-words", Input).value)

    def action_compare(self) -> None:
        """Have what is picked compared."""
        if FEWEST <= len(self._picked) <= MOST:
            self.post_message(self.Wanted(self.picked))
        else:
            self.app.notify(_counted(len(self._picked)), severity="warning")

    def action_clear(self) -> None:
        """Pick none."""
        self._picked.clear()
        self._tell()
        self._fill()

    def action_into_list(self) -> None:
        """Go from the words to the list."""
        self.query_one("#picker-list").focus()

    @work(thread=True, exclusive=True, group="picker")
    def _look(self, words: str) -> None:
        worker = get_current_worker()
        error = ""
        found: list[Pickable] = []
        try:
            found = offered(self._library, words)
        except WorkbenchError as wrong:
            error = str(wrong)
        if not worker.is_cancelled:
            self.call_later(self._found, found, error)

    @while_there
    def _found(self, found: list[Pickable], error: str) -> None:
        self._offered = found
        self._fill()
        if error:
            self.query_one("#picker-said", Flowing).show([[(f"! {error}", "warning")]])
        else:
            self._tell()

    def _fill(self) -> None:
        listed = self.query_one("#picker-list", OptionList)
        at = listed.highlighted
        kept = listed.get_option_at_index(at).id if at is not None else None
        rows = [*self._picked.values()]
        rows += [one for one in self._offered if one.id not in self._picked]
        listed.clear_options()
        listed.add_options([Option(self._line(one), id=str(one.id)) for one in rows])
        ids = [str(one.id) for one in rows]
        if rows:
            listed.highlighted = ids.index(kept) if kept in ids else 0

    def _line(self, one: Pickable) -> Text:
        number = list(self._picked).index(one.id) + 1 if one.id in self._picked else 0
        mark = f"[{number:>2}] " if number else "[  ] "
        about = "  ".join(part for part in (one.date, one.source) if part)
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(mark, style="bold" if number else "")
        text.append(one.title, style="bold" if number else "")
        return text.append(f"  {about}", style="dim")

    def _tell(self) -> None:
        count = len(self._picked)
        fits = FEWEST <= count <= MOST
        self.query_one("#picker-go", Button).disabled = not fits
        said = _("Enter picks an article or leaves it out; Ctrl+R compares what is picked.")
        if not self._offered and not self._picked:
            words = self.query_one("#picker-words", Input).value
            said = _("No article holds these words.") if words else _("The library is empty.")
        self.query_one("#picker-said", Flowing).show([[(said, "quiet")]])
        self.query_one("#picker-count", Flowing).show(
            [[(_counted(count), "" if fits or not count else "warning")]]
        )

    @on(Input.Changed, "#picker-words")
    def _words_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._look(event.value)

    @on(Input.Submitted, "#picker-words")
    def _words_given(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_into_list()

    @on(OptionList.OptionSelected, "#picker-list")
    def _toggle(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        article_id = int(event.option.id or 0)
        if article_id in self._picked:
            del self._picked[article_id]
        elif len(self._picked) >= MOST:
            self.app.notify(_counted(len(self._picked) + 1), severity="warning")
            return
        else:
            found = next((one for one in self._offered if one.id == article_id), None)
            if found is None:
                return
            self._picked[article_id] = found
        self._tell()
        self._fill()

    @on(Button.Pressed, "#picker-go")
    def _go(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_compare()


def _counted(count: int) -> str:
    return _("{count} picked; it takes {fewest} to {most}").format(
        count=count, fewest=FEWEST, most=MOST
    )
