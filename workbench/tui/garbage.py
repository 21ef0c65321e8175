"""Garbage collections that do not hold up the keys."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_LONG_SECONDS = 0.01
_MOST_FROZEN = 400_000
"""So many objects, and twice what was alive at the last look at everything, are left out."""


@contextmanager
def short_collections(clock: Callable[[], float] = time.perf_counter) -> Iterator[None]:
    """Leave out of later collections what a long one found alive.

    The app holds some 200,000 objects, mostly code. A full collection looks at each, which takes
    more than 100 ms, and comes every few seconds while someone types; what is frozen
    (``gc.freeze``) it passes over. Right after a collection no garbage is frozen with it; what
    becomes garbage later is found once so much is frozen that everything is looked at again.
    """
    began = 0.0
    most = _MOST_FROZEN
    thawed = False

    def listen(phase: str, info: dict[str, Any]) -> None:
        nonlocal began, most, thawed
        if info["generation"] < 2:
            return
        if phase == "start":
            began = clock()
        elif clock() - began > _LONG_SECONDS:
            gc.freeze()
            frozen = gc.get_freeze_count()
            if thawed:
                most, thawed = max(_MOST_FROZEN, 2 * frozen), False
            elif frozen > most:
                gc.unfreeze()
                thawed = True

    gc.callbacks.append(listen)
    try:
        yield
    finally:
        gc.callbacks.remove(listen)
        gc.unfreeze()
