"""Progress on standard error: one live line on a terminal, plain lines elsewhere."""

import time

from workbench.catalog.progress import Progress
from workbench.cli.status_line import StatusLine
from workbench.engine.protocol import LoadEvent, Loading
from workbench.i18n import _
from workbench.settings import Settings
from workbench.sizes import gigabytes
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
        elif isinstance(event, PointReady) and not self.live:
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
