"""A dialog of several fields: what stands around them, and what is said of wrong answers."""

from typing import TypeVar

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from workbench.tui.dialogs.frame import Dialog
from workbench.tui.widgets.said import Said

Answer = TypeVar("Answer")


class Form(Dialog[Answer]):
    """A dialog around ``fields``; ``hint`` says which keys end it."""

    DEFAULT_CSS = """
    Form {
        & .form-fields { height: auto; max-height: 100%; }
        & .dialog-said, & .dialog-wrong { height: auto; }
        & .dialog-wrong { display: none; }
    }
    """

    def __init__(self, form_title: str, hint: str) -> None:
        super().__init__()
        self._heading = form_title
        self._hint = hint

    def compose(self) -> ComposeResult:
        """Lay the form out around its fields."""
        with Vertical(classes="dialog") as box:
            box.border_title = self._heading
            with VerticalScroll(classes="form-fields", can_focus=False):
                yield from self.fields()
            yield Said(classes="dialog-wrong")
            yield Said(self._hint, classes="dialog-said")

    def fields(self) -> ComposeResult:
        """Yield the fields."""
        yield from ()

    def complain(self, error: str) -> None:
        """Say what is wrong, above the hint; an empty text takes it back."""
        said = self.query_one(".dialog-wrong", Static)
        said.update(error)
        said.display = bool(error)


def label(text: str) -> Static:
    """Return a quiet line above a field."""
    return Said(text, classes="dialog-said")
