"""Asking in which format and to which file something is to be written."""

from collections.abc import Mapping
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, RadioButton, RadioSet, Static

from workbench.i18n import _
from workbench.tui.dialogs.frame import Dialog
from workbench.tui.widgets.said import Said


class ExportDialog(Dialog[tuple[Path, str]]):
    """Returns a file and a format; a file that is there is replaced only where that is said again.

    ``formats`` maps what a format is called to the ending of its files.
    """

    DEFAULT_CSS = """
    ExportDialog {
        & RadioSet { layout: horizontal; width: 100%; border: none; padding: 0; }
        & RadioButton { margin: 0 2 0 0; }
    }
    """

    def __init__(self, title: str, name: str, formats: Mapping[str, str]) -> None:
        super().__init__()
        self._heading = title
        self._formats = dict(formats)
        self._name = name
        self._replaces: Path | None = None

    def compose(self) -> ComposeResult:
        """The formats, the file, and two buttons."""
        first = next(iter(self._formats))
        with Vertical(classes="dialog") as box:
            box.border_title = self._heading
            with RadioSet():
                for format in self._formats:
                    yield RadioButton(format, value=format == first, name=format)
            yield Input(str(Path.cwd() / f"{self._name}.{self._formats[first]}"))
            yield Said(classes="dialog-wrong")
            with Horizontal(classes="dialog-buttons"):
                yield Button(_("Write"), variant="primary", id="export-write")
                yield Button(_("Leave"), id="export-leave")

    def on_mount(self) -> None:
        """The name of the file is what is changed most."""
        self.query_one(Input).focus()

    @on(RadioSet.Changed)
    def _format_chosen(self, event: RadioSet.Changed) -> None:
        event.stop()
        field = self.query_one(Input)
        path = Path(field.value)
        if path.suffix.lower().removeprefix(".") in self._formats.values():
            field.value = str(path.with_suffix(f".{self._formats[event.pressed.name or '']}"))

    @on(Input.Submitted)
    def _given(self, event: Input.Submitted) -> None:
        event.stop()
        self._write()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "export-write":
            self._write()
        else:
            self.dismiss(None)

    def _write(self) -> None:
        path = Path(self.query_one(Input).value).expanduser()
        wrong = self.query_one(Static)
        if not path.name or path.is_dir():
            wrong.update(_("that is a folder: name a file in it"))
        elif not path.parent.is_dir():
            wrong.update(_("there is no folder {folder}").format(folder=path.parent))
        elif path.exists() and self._replaces != path:
            self._replaces = path
            wrong.update(_("the file is there already: once more replaces it"))
        else:
            pressed = self.query_one(RadioSet).pressed_button
            self.dismiss((path, (pressed.name if pressed else None) or next(iter(self._formats))))
