"""Progress of a batch on standard error: a live bar on a terminal, a line a minute elsewhere."""

import sys
import threading
import time
from types import TracebackType
from typing import Any, Self

from workbench.batch.watching import Progress, Watcher
from workbench.cli.evaluation_progress import duration
from workbench.cli.output import complain, one_line, say
from workbench.engine.protocol import LoadEvent, Loading
from workbench.i18n import _

_A_MINUTE = 60.0
_NAMES = 3
_BAR = 20
_BESIDE = _BAR + 12
"""Cells of a line that are not for what is told: bar, percents, the ^C of a terminal."""


class BatchProgress(Watcher):
    """Shows how far a batch is; every method may be called from any thread."""

    def __init__(self) -> None:
        self.live = sys.stderr.isatty()
        self._lock = threading.RLock()
        self._shown = time.monotonic()
        self._loading = ""
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        if self.live:
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn
            from rich.progress import Progress as Bar

            self._bar = Bar(
                TextColumn("{task.percentage:>3.0f} %"),
                BarColumn(bar_width=_BAR),
                TextColumn("{task.description}", markup=False),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task(_("looking at the articles"), total=1.0)
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def notice(self, text: str) -> None:
        """Say something that stays."""
        with self._lock:
            self._over_the_bar(say, text)

    def failed(self, name: str, error: str) -> None:
        """Say at once what failed: the night is long enough to look into it."""
        with self._lock:
            self._over_the_bar(complain, f"{name}: {error}")

    def loading(self, event: LoadEvent) -> None:
        """Show how far loading a model is."""
        if self._bar is not None and isinstance(event, Loading):
            text = _("loading the model {share:.0%}").format(share=event.progress)
            self._bar.update(self._task, description=text)

    def reporting(self) -> None:
        """Show that the reports are being written."""
        if self._bar is not None:
            self._bar.update(self._task, description=_("writing the reports"))

    def progress(self, progress: Progress) -> None:
        """Show how far everything is."""
        with self._lock:
            if self._bar is not None:
                doing = " | ".join(map(one_line, progress.running[:_NAMES]))
                text = self._fit(f"{line(progress)} {doing}")
                self._bar.update(self._task, completed=progress.share, description=text)
            elif time.monotonic() - self._shown >= _A_MINUTE:
                self._shown = time.monotonic()
                say(f"{progress.share:.0%} {line(progress)}")

    def _fit(self, text: str) -> str:
        """Cut a text so that the bar keeps its place, and ^C does not begin a new line."""
        from rich.cells import cell_len, set_cell_size

        room = max(10, self._bar.console.width - _BESIDE)
        return text if cell_len(text) <= room else set_cell_size(text, room - 1).rstrip() + "…"

    def _over_the_bar(self, write: Any, text: str) -> None:
        if self._bar is None:
            write(text)
            return
        self._bar.stop()
        write(text)
        self._bar.start()


def line(progress: Progress) -> str:
    """Return where a run is as one line: files, results, failures, speed, time left."""
    counts = progress.counts
    parts = [
        _("{units}/{total} files").format(units=progress.units, total=progress.units_total),
        _("{count} results").format(count=counts.done + counts.before),
    ]
    if counts.failed:
        parts.append(_("{count} failed").format(count=counts.failed))
    if progress.tokens_a_second:
        parts.append(_("{rate:.0f} tokens/s").format(rate=progress.tokens_a_second))
    if progress.seconds_left is not None:
        parts.append(_("{time} left").format(time=duration(progress.seconds_left)))
    elif progress.running:
        parts.append(_("time left: not known yet"))
    return ", ".join(parts)
