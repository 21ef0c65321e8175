"""Asking for a model's file, with completion of its path."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, OptionList

from workbench.desk.adding import completed
from workbench.i18n import _
from workbench.tui.dialogs.frame import Dialog
from workbench.tui.screens.add import PathInput
from workbench.tui.widgets.said import Said

_MOST = 12


class ModelFileDialog(Dialog[tuple[str, str]]):
    """Returns a path and a name, empty for that of the file; Tab completes the path."""

    DEFAULT_CSS = """
    ModelFileDialog {
        & OptionList { height: auto; max-height: 8; border: none; padding: 0; display: none; }
        & OptionList.-shown { display: block; }
    }
    """

    def compose(self) -> ComposeResult:
        """The line, and what it may be completed to."""
        with Vertical(classes="dialog") as box:
            box.border_title = _("Add a model")
            yield PathInput(placeholder=_("a GGUF file; Tab completes"))
            yield OptionList(markup=False)
            yield Input(placeholder=_("a name for it; empty: that of the file"), id="model-name")
            yield Said(
                _("The file stays where it is; its SHA-256 is remembered."), classes="dialog-said"
            )

    @on(Input.Changed, "PathInput")
    def _offer(self, event: Input.Changed) -> None:
        event.stop()
        found = completed(event.value) if event.value else []
        found = [one for one in found if one.endswith(("/", ".gguf"))][:_MOST]
        offers = self.query_one(OptionList)
        offers.clear_options()
        offers.add_options(found)
        offers.set_class(bool(found) and found != [event.value], "-shown")

    @on(OptionList.OptionSelected)
    def _taken(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        line = self.query_one(PathInput)
        line.value = str(event.option.prompt)
        line.cursor_position = len(line.value)
        line.focus()

    @on(Input.Submitted)
    def _given(self, event: Input.Submitted) -> None:
        event.stop()
        path = self.query_one(PathInput).value.strip()
        if path:
            self.dismiss((path, self.query_one("#model-name", Input).value.strip()))
