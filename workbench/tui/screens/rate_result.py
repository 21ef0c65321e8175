"""Saying what one thinks of a result."""

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from workbench.i18n import N_, _
from workbench.tui.screens.form import Form, label

_MEANINGS = {
    5: N_("excellent, usable as it is"),
    4: N_("good, small changes needed"),
    3: N_("usable after work"),
    2: N_("poor"),
    1: N_("wrong or useless"),
}


@dataclass(frozen=True)
class Rating:
    """A rating from 1 to 5 and a note."""

    rating: int
    note: str


class RateForm(Form[Rating]):
    """Asks for a rating and a note."""

    DEFAULT_CSS = """
    RateForm OptionList { height: 7; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(str(number), f"choose({number})", meaning, show=False, id=f"rate.{number}")
        for number, meaning in _MEANINGS.items()
    ]

    def __init__(self, rating: int = 0, note: str = "") -> None:
        super().__init__(
            _("Rate this result"), _("1 to 5 choose · Tab to the note · Enter keeps · Esc leaves")
        )
        self._rating = rating
        self._note = note

    def fields(self) -> ComposeResult:
        """Five lines to choose from, and a note."""
        yield OptionList(
            *(
                Option(f"{number}  {_(meaning)}", id=f"rating-{number}")
                for number, meaning in _MEANINGS.items()
            )
        )
        yield label(_("note (kept with the rating)"))
        yield Input(self._note, id="rate-note")

    def on_mount(self) -> None:
        """Begin at the rating there is, else in the middle."""
        self.action_choose(self._rating or 3)
        self.query_one(OptionList).focus()

    def action_choose(self, rating: int) -> None:
        """Choose a rating."""
        self.query_one(OptionList).highlighted = list(_MEANINGS).index(rating)

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    def _keep(self) -> None:
        at = self.query_one(OptionList).highlighted or 0
        self.dismiss(Rating(list(_MEANINGS)[at], self.query_one(Input).value.strip()))
