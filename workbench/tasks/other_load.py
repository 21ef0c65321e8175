"""How busy other programs keep the machine while something is measured."""

import time
from collections.abc import Callable

_NOT_BUSY = ("idle", "iowait", "guest", "guest_nice")  # Linux counts guests as user time, too


class OtherLoad:
    """Counts processor time that is neither this process's nor the engine's, from now on.

    ``engine`` returns the id of the engine's process, None where there is none yet; what it used
    before is this program's as well.
    """

    def __init__(self, engine: Callable[[], int | None]):
        self._engine = engine
        self._began = time.monotonic()
        self._all = _all_seconds()
        self._own = _own_seconds(None)

    def cores(self) -> float:
        """Return how many cores others kept busy since the beginning, on average."""
        seconds = time.monotonic() - self._began
        own = _own_seconds(self._engine()) - self._own
        others = _all_seconds() - self._all - own
        return max(0.0, others / seconds) if seconds > 0 else 0.0


def _all_seconds() -> float:
    import psutil

    times = psutil.cpu_times()._asdict()
    return float(sum(value for name, value in times.items() if name not in _NOT_BUSY))


def _own_seconds(engine: int | None) -> float:
    import psutil

    own = psutil.Process().cpu_times()
    seconds = own.user + own.system + own.children_user + own.children_system
    if engine is not None:
        try:
            times = psutil.Process(engine).cpu_times()
        except psutil.Error:
            return float(seconds)
        seconds += times.user + times.system
    return float(seconds)
