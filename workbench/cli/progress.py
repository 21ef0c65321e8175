"""Progress on standard error: one live line on a terminal, plain lines elsewhere."""

import sys
import time
from types import TracebackType
from typing import Self

from workbench.catalog.progress import Progress
from workbench.cli.output import gigabytes, one_line, say
from workbench.engine.protocol import LoadEvent, Loading
from workbench.i18n import _
from workbench.settings import Settings
from workbench.tasks.events import (
    Again,
    Checking,
    PointReady,
    ReadingProgress,
    Step,
    TaskEvent,
    Writing,
)
from workbench.tasks.load_options import without_gpu

_REDRAW_SECONDS = 0.1
_PLAIN_SECONDS = 5.0


class StatusLine:
    """One line that is drawn over on a terminal, and written now and then elsewhere."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
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
        pause = _REDRAW_SECONDS if self._live else _PLAIN_SECONDS
        if stage == self._stage and now - self._last < pause:
            return
        self._stage, self._last = stage, now
        text = one_line(text)
        if self._live:
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


class SummaryProgress(StatusLine):
    """Follows a summary: loading, reading n of m tokens, writing."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self._settings = settings or Settings()
        self.name = ""
        self._step = Step(0, 0, 1, 1)
        self._check: Checking | None = None
        self._reading_since = 0.0
        self._text = ""

    def loading(self, event: LoadEvent) -> None:
        """Show how far loading is, and what was asked for that this machine cannot do."""
        if isinstance(event, Loading):
            self.show("loading", _("loading the model {share:.0%}").format(share=event.progress))
        elif notice := without_gpu(self._settings, event):
            self.notice(notice)

    def __call__(self, event: TaskEvent) -> None:
        """Show what a task reports."""
        if isinstance(event, Step):
            self._step, self._check, self._text, self._reading_since = event, None, "", 0.0
        elif isinstance(event, Checking):
            self._check, self._text, self._reading_since = event, "", 0.0
            self.show(f"check {event.index}", self._where() + _("checking what was written"))
        elif isinstance(event, ReadingProgress):
            self._reading(event)
        elif isinstance(event, Writing):
            self._text += event.text
            where = self._where()
            self.show(f"writing {where}", where + _("writing {text}").format(text=self._text))
        elif isinstance(event, Again):
            self._text, self._reading_since = "", 0.0
            self.notice(_("the model is started again: {reason}").format(reason=event.reason))
        elif isinstance(event, PointReady) and not self._live:
            where = self._where()
            self.show(f"point {where}", where + event.point.text)

    def _reading(self, event: ReadingProgress) -> None:
        now = time.monotonic()
        self._text = ""
        if not self._reading_since:
            self._reading_since = now
        new, seconds = event.done - event.reused, now - self._reading_since
        text = _("reading {done} of {total} tokens").format(done=event.done, total=event.total)
        if new > 0 and seconds > 1:
            rate = new / seconds
            left = (event.total - event.done) / rate
            text += " " + _("({rate:.0f}/s, {left:.0f} s left)").format(rate=rate, left=left)
        where = self._where()
        self.show(f"reading {where}", where + text)

    def _where(self) -> str:
        step, check = self._step, self._check
        part = (
            " " + _("part {part} of {parts}").format(part=step.part, parts=step.parts)
            if step.parts > 1
            else ""
        )
        if check is None:
            place = f"{step.index}/{step.total}"
        else:
            place = _("check {index}/{total}").format(index=check.index, total=check.total)
        return f"{self.name}{part} [{place}] "


class TransferProgress(StatusLine):
    """Follows a download or a check: size, speed, time left."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._began: tuple[str, str, float, int] | None = None

    def __call__(self, event: Progress) -> None:
        """Show how far it is."""
        now = time.monotonic()
        if self._began is None or self._began[:2] != (event.phase, event.source):
            self._began = (event.phase, event.source, now, event.done)
        phase = {
            "waiting": _("waiting for another pull of"),
            "downloading": _("downloading"),
            "verifying": _("verifying"),
        }[event.phase]
        share = event.done / event.total if event.total else 0.0
        filled = int(share * 24)
        text = f"{phase} {self._name} [{'#' * filled}{'.' * (24 - filled)}] {share:4.0%} "
        text += _("{done} of {total}").format(
            done=gigabytes(event.done), total=gigabytes(event.total)
        )
        moved, seconds = event.done - self._began[3], now - self._began[2]
        if moved > 0 and seconds > 0.5:
            rate = moved / seconds
            text += " " + _("{rate}/s, {left:.0f} s left").format(
                rate=gigabytes(rate), left=(event.total - event.done) / rate
            )
        self.show(f"{event.phase} {event.source}", text)


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
