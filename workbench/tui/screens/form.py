"""A small form above the screen: its title, its fields, and the keys that end it."""

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from workbench.i18n import N_

Answer = TypeVar("Answer")


class Form(ModalScreen[Answer | None]):
    """A modal form; Escape leaves it without an answer.

    ``form_title`` and ``hint`` say what it is for and which keys end it.
    """

    DEFAULT_CSS = """
    Form {
        align: center middle;
        & > .form-box {
            width: 72;
            max-width: 96%;
            height: auto;
            max-height: 96%;
            background: $surface;
            border: round $primary;
            padding: 0 1;
        }
        & .form-fields { height: auto; max-height: 100%; }
        & .form-hint, & .form-label { color: $text-muted; height: auto; }
        & .form-error { color: $error; height: auto; display: none; }
        & Input, & Select { margin: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", N_("Leave"), show=False, id="form.cancel"),
    ]

    def __init__(self, form_title: str, hint: str) -> None:
        super().__init__()
        self._form_title = form_title
        self._hint = hint

    def compose(self) -> ComposeResult:
        """Lay the form out around its fields."""
        with Vertical(classes="form-box") as box:
            box.border_title = self._form_title
            with VerticalScroll(classes="form-fields", can_focus=False):
                yield from self.fields()
            yield Static("", classes="form-error", markup=False)
            yield Static(self._hint, classes="form-hint", markup=False)

    def fields(self) -> ComposeResult:
        """Yield the fields."""
        yield from ()

    def complain(self, error: str) -> None:
        """Say what is wrong, above the hint; an empty text takes it back."""
        said = self.query_one(".form-error", Static)
        said.update(error)
        said.display = bool(error)

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)


def label(text: str) -> Static:
    """Return a quiet line above a field."""
    return Static(text, classes="form-label", markup=False)
