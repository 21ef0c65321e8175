"""Being asked to stop: once, what is being written is finished; twice, everything ends at once."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

GO_ON, FINISH, AT_ONCE = 0, 1, 2
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Stop:
    """How urgently somebody wants the work to end; may be asked from any thread."""

    def __init__(self) -> None:
        self._level = GO_ON
        self._asked = threading.Event()
        self._at_once = threading.Event()

    @property
    def level(self) -> int:
        """GO_ON, FINISH or AT_ONCE."""
        return self._level

    def ask(self, level: int = FINISH) -> None:
        """Ask for an end, never less urgently than before."""
        self._level = max(self._level, level)
        self._asked.set()
        if self._level == AT_ONCE:
            self._at_once.set()

    def wait(self, seconds: float) -> bool:
        """Wait until somebody asks, at most so long; say whether somebody has."""
        return self._asked.wait(seconds)

    def rest(self, seconds: float) -> None:
        """Wait so long, or until it is to end at once."""
        self._at_once.wait(seconds) if self._level < AT_ONCE else time.sleep(seconds)


@contextmanager
def on_signals(stop: Stop) -> Iterator[None]:
    """Have SIGINT, SIGTERM and SIGHUP ask for an end, for a ``with`` in the main thread.

    Who asks a third time does not even wait for that. What was ignored, as under nohup, stays so.
    """

    def asked(_number: int, _frame: FrameType | None) -> None:
        if stop.level == AT_ONCE:
            raise KeyboardInterrupt
        stop.ask(AT_ONCE if stop.level else FINISH)

    wanted = [
        signal.SIGINT,
        signal.SIGTERM,
        *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []),
    ]
    before = {
        number: signal.signal(number, asked)
        for number in wanted
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
