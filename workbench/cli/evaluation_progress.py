"""Progress of an evaluation on standard error: pieces done, how fast, how long still."""

import time

from workbench.cli.output import complain
from workbench.cli.status_line import StatusLine
from workbench.engine.protocol import LoadEvent, Loading
from workbench.evaluation.matrix import Piece
from workbench.i18n import _
from workbench.tasks.events import ReadingProgress, TaskEvent, Writing


class EvaluationProgress(StatusLine):
    """Follows the pieces of work; ``done`` of ``total`` were done in earlier runs."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0
        self.done = 0
        self._ended = 0
        self._began = time.monotonic()
        self._name = ""

    def start(self, total: int, done: int) -> None:
        """Begin the clock."""
        self.total, self.done, self._began = total, done, time.monotonic()

    def loading(self, event: LoadEvent) -> None:
        """Show how far loading a model is."""
        if isinstance(event, Loading):
            self.show("loading", _("loading the model {share:.0%}").format(share=event.progress))

    def begins(self, piece: Piece) -> None:
        """Show which piece is being done."""
        self._name = f"{piece.arm.model.name} / {piece.arm.template.name} · {piece.item.name}"
        # Each piece is a stage of its own: elsewhere than on a terminal it has a line.
        self._show("")

    def event(self, event: TaskEvent) -> None:
        """Show what is being done of it."""
        if isinstance(event, ReadingProgress):
            self._show(
                _("reading {done} of {total} tokens").format(done=event.done, total=event.total)
            )
        elif isinstance(event, Writing):
            self._show(_("writing"))

    def ended(self, piece: Piece, error: str) -> None:
        """Count a piece, and say what went wrong with it."""
        self._ended += 1
        if error:
            self.clear()
            complain(f"{self._name}: {error}")

    def _show(self, doing: str) -> None:
        done = self.done + self._ended
        line = f"{done}/{self.total} {self._pace()}{self._name} {doing}"
        self.show(f"piece {done}", line)

    def _pace(self) -> str:
        """Say how many pieces a minute are done and how long the rest takes at that."""
        seconds = time.monotonic() - self._began
        if not self._ended or seconds <= 0:
            return ""
        left = (self.total - self.done - self._ended) * seconds / self._ended
        return _("({rate:.1f} a minute, {left} left) ").format(
            rate=60 * self._ended / seconds, left=duration(left)
        )


def duration(seconds: float) -> str:
    """Write a time to wait as hours, minutes or seconds."""
    if seconds >= 3600:
        return _("{hours} h {minutes} min").format(
            hours=int(seconds // 3600), minutes=int(seconds % 3600 // 60)
        )
    if seconds >= 60:
        return _("{minutes} min").format(minutes=int(seconds // 60))
    return _("{seconds} s").format(seconds=int(seconds))
