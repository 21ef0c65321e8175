"""Writing a result to a file."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Select

from workbench.i18n import N_, _
from workbench.tasks.views import FORMATS
from workbench.tui.screens.form import Form, label

FORMAT_NAMES = {"markdown": N_("Markdown"), "text": N_("text"), "json": N_("JSON")}


@dataclass(frozen=True)
class Export:
    """A format of tasks.views.FORMATS and the file to write."""

    format: str
    path: Path


class ExportForm(Form[Export]):
    """Asks for format and path; a file that is there is only replaced when asked for twice."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "write", N_("Write"), show=False, priority=True, id="export.write"),
    ]

    def __init__(self, path: Path) -> None:
        super().__init__(_("Export"), _("Enter or ctrl+s writes · Esc leaves"))
        self._path = path
        self._replace: Path | None = None

    def fields(self) -> ComposeResult:
        """The format and the path."""
        yield label(_("format"))
        yield Select(
            [(_(FORMAT_NAMES[one]), one) for one in ("markdown", "text", "json")],
            value="markdown",
            allow_blank=False,
            compact=True,
            id="export-format",
        )
        yield label(_("file"))
        yield Input(str(self._path.with_suffix(".md")), compact=True, id="export-path")

    def on_mount(self) -> None:
        """Begin at the path."""
        self.query_one("#export-path", Input).focus()

    @on(Select.Changed, "#export-format")
    def _end_of_name(self, message: "Select.Changed") -> None:
        path = self.query_one("#export-path", Input)
        stem, dot, end = path.value.rpartition(".")
        if dot and end in FORMATS.values():
            path.value = f"{stem}.{FORMATS[str(message.value)]}"

    @on(Input.Submitted)
    def action_write(self) -> None:
        """Hand format and path back."""
        given = self.query_one("#export-path", Input).value.strip()
        if not given:
            self.complain(_("name a file to write"))
            return
        path = Path(given).expanduser()
        if path.is_dir():
            self.complain(_("this is a folder; name a file in it"))
            return
        if path.exists() and path != self._replace:
            self._replace = path
            self.complain(_("the file is there already; Enter once more replaces it"))
            return
        format = str(self.query_one("#export-format", Select).value)
        self.dismiss(Export(format, path))
