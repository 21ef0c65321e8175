"""Choosing one of many, by the arrows or by words that narrow them down."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from workbench.articles.script import to_simplified
from workbench.i18n import _
from workbench.tui.dialogs.frame import Dialog
from workbench.tui.widgets.said import Said


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: its number, what it is called, and what is said of it more quietly."""

    id: int
    name: str
    said: str = ""


class ChooseDialog(Dialog[int]):
    """Returns the number of what was chosen; words narrow the list down, in either script."""

    DEFAULT_CSS = """
    ChooseDialog {
        & OptionList { height: auto; max-height: 16; border: none; padding: 0; }
    }
    """

    def __init__(self, title: str, choices: Sequence[Choice], nothing: str) -> None:
        super().__init__()
        self._heading, self._choices, self._nothing = title, list(choices), nothing

    def compose(self) -> ComposeResult:
        """Words, and the list; where there is nothing, what to do."""
        with Vertical(classes="dialog") as box:
            box.border_title = self._heading
            if not self._choices:
                yield Said(self._nothing, classes="dialog-said")
                return
            yield Input(placeholder=_("words that narrow the list down"), compact=True)
            yield OptionList(*map(_option, self._choices))

    def on_mount(self) -> None:
        """Have the first one ready."""
        for listed in self.query(OptionList).results(OptionList):
            listed.highlighted = 0

    def on_key(self, event: events.Key) -> None:
        """Arrows go through the list while words are written."""
        listed = next(iter(self.query(OptionList)), None)
        if event.key in ("up", "down") and isinstance(self.focused, Input) and listed is not None:
            event.stop()
            if event.key == "up":
                listed.action_cursor_up()
            else:
                listed.action_cursor_down()

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        words = to_simplified(event.value).casefold().split()
        listed = self.query_one(OptionList)
        listed.clear_options()
        fitting = [
            one
            for one in self._choices
            if all(word in to_simplified(f"{one.name} {one.said}").casefold() for word in words)
        ]
        listed.add_options(map(_option, fitting))
        listed.highlighted = 0 if fitting else None

    @on(Input.Submitted)
    def _first(self, event: Input.Submitted) -> None:
        event.stop()
        listed = self.query_one(OptionList)
        if listed.highlighted is not None:
            listed.action_select()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(int(event.option.id or 0))


def _option(choice: Choice) -> Option:
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(choice.name)
    if choice.said:
        text.append(f"  {choice.said}", style="dim")
    return Option(text, id=str(choice.id))
