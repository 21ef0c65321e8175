"""One line on standard error that says what is being done."""

import sys
import time
from types import TracebackType
from typing import Self

from workbench.cli.output import one_line, say

_REDRAW_SECONDS = 0.1
_PLAIN_SECONDS = 5.0


class StatusLine:
    """One line that is drawn over on a terminal, and written now and then elsewhere."""

    def __init__(self) -> None:
        self.live = sys.stderr.isatty()
        self._last = 0.0
        self._stage = ""
        self._drawn = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.clear()

    def show(self, stage: str, text: str) -> None:
        """Show a text; a new ``stage`` is shown at once, the same one not too often."""
        now = time.monotonic()
        pause = _REDRAW_SECONDS if self.live else _PLAIN_SECONDS
        if stage == self._stage and now - self._last < pause:
            return
        self._stage, self._last = stage, now
        text = one_line(text)
        if self.live:
            sys.stderr.write(f"\r\x1b[2K{_fit(text)}")
            self._drawn = True
        else:
            sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def notice(self, text: str) -> None:
        """Say something that stays."""
        self.clear()
        say(text)

    def clear(self) -> None:
        """Take the line away before something else is written."""
        if self._drawn:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
            self._drawn = False


def _fit(text: str) -> str:
    """Cut a line to the width of the terminal, keeping its end, which is what changes."""
    import shutil

    from rich.cells import cell_len, set_cell_size

    width = shutil.get_terminal_size().columns - 1
    if cell_len(text) <= width:
        return text
    head = set_cell_size(text, width // 2 - 2)
    tail = text
    while cell_len(tail) > width - width // 2 - 1:
        tail = tail[max(1, (cell_len(tail) - width) // 2) :]
    return f"{head.rstrip()} … {tail}"[: width * 2]
