"""One line that says how far a piece of work is; it spins while it goes on, then stays quiet."""

from workbench.tui.reading.progress_line import SPINNER
from workbench.tui.widgets.said import Said

_SPIN_SECONDS = 0.15


class WorkStatus(Said):
    """Shows what it is told; nothing to say, no line."""

    DEFAULT_CSS = """
    WorkStatus {
        height: 1;
        padding: 0 1;
        color: $text-muted;
        display: none;
        &.-told { display: block; }
        &.-busy { color: $text; }
        &.-failed { color: $error; height: auto; max-height: 3; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.line = ""
        self._turn = 0

    def on_mount(self) -> None:
        """The spinner stands still until there is work."""
        self._spinner = self.set_interval(_SPIN_SECONDS, self._spin, pause=True)

    def busy(self, line: str) -> None:
        """Show how far the work is."""
        self._tell(line)
        self.add_class("-busy")
        self._spinner.resume()
        self._show()

    def quiet(self, line: str = "") -> None:
        """Show how it went, or nothing."""
        self._spinner.pause()
        self._tell(line)
        self._show()

    def failed(self, line: str) -> None:
        """Show why it failed."""
        self.quiet(line)
        self.add_class("-failed")

    def _tell(self, line: str) -> None:
        self.line = line
        self.remove_class("-busy", "-failed")
        self.set_class(bool(line), "-told")

    def _spin(self) -> None:
        self._turn += 1
        self._show()

    def _show(self) -> None:
        mark = f"{SPINNER[self._turn % len(SPINNER)]} " if self.has_class("-busy") else ""
        self.update(f"{mark}{self.line}")
