"""Asking whether to do what cannot be undone."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from workbench.i18n import N_, _
from workbench.tui.screens.form import Form


class ConfirmForm(Form[bool]):
    """Returns True where it is to be done."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "confirm", N_("Do it"), show=False, id="confirm.yes"),
        Binding("n", "cancel", N_("Leave it"), show=False, id="confirm.no"),
    ]

    def __init__(self, form_title: str, said: str) -> None:
        super().__init__(form_title, _("y does it · n or Esc leaves it"))
        self._said = said

    def fields(self) -> ComposeResult:
        """What will happen."""
        yield Static(self._said, markup=False)

    def action_confirm(self) -> None:
        """Do it."""
        self.dismiss(True)
