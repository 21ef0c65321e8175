"""Being asked to stop: once, what is being written is finished; twice, everything ends at once."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

GO_ON, FINISH, AT_ONCE = 0, 1, 2
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
_LOOK = 0.05


class Stop:
    """How urgently somebody wants the work to end; may be asked from any thread or signal handler.

    There is no lock in it: a handler runs between any two steps of the main thread, which may hold
    that very lock, and would wait for it for ever.
    """

    def __init__(self) -> None:
        self._level = GO_ON

    @property
    def level(self) -> int:
        """GO_ON, FINISH or AT_ONCE."""
        return self._level

    def ask(self, level: int = FINISH) -> None:
        """Ask for an end, never less urgently than before."""
        self._level = max(self._level, level)

    def wait(self, seconds: float) -> None:
        """Wait so long, or until somebody asks more urgently than before."""
        before, deadline = self._level, time.monotonic() + seconds
        while self._level == before and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(_LOOK, left))


@contextmanager
def on_signals(stop: Stop) -> Iterator[None]:
    """Have SIGINT, SIGTERM and SIGHUP ask for an end, for a ``with`` in the main thread.

    Who asks a third time does not even wait for that. What was ignored, as under nohup, stays so.
    """

    def asked(_number: int, _frame: FrameType | None) -> None:
        if stop.level == AT_ONCE:
            raise KeyboardInterrupt
        stop.ask(AT_ONCE if stop.level else FINISH)

    wanted = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
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
