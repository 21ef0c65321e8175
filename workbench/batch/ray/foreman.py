"""The actor beside the head's node that runs the dataset and hands on what comes of it.

Ray Data does the scheduling: each window of loads is a dataset, mapped by a pool of engine actors.
The driver asks for news, as Ray's client (``ray://``) knows no generators that go on.
"""

import math
import pickle
import threading
from collections import OrderedDict
from typing import Any

from workbench.batch.ray.node import COLUMN, NodeEngine
from workbench.batch.ray.parcels import Ending, News, Orders

_KEPT = 4
"""Parts of files that are kept for the next node that wants them."""


class Foreman:
    """Lives in the cluster; its methods are called by the driver and by the engines."""

    def __init__(self, orders: Orders):
        self._orders = orders
        self._change = threading.Condition()
        self._begun: list[int] = []
        self._ended: list[Ending] = []
        self._wanted: list[tuple[str, int]] = []
        self._asked: set[tuple[str, int]] = set()
        self._parts: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._over = False
        self._failure = ""
        self._stopped = False

    def begin(self, parcels: list[bytes], together: int) -> None:
        """Have loads done, ``together`` of them in a block; ``news`` tells how it goes."""
        self._over, self._failure = False, ""
        threading.Thread(target=self._go, args=(parcels, together), daemon=True).start()

    def news(self, seconds: float) -> bytes:
        """Return what happened since the last call, pickled; waits so long for something."""
        with self._change:
            self._change.wait_for(
                lambda: self._begun or self._ended or self._wanted or self._over, seconds
            )
            found = News(
                tuple(self._begun),
                tuple(self._ended),
                tuple(self._wanted),
                self._over,
                self._failure,
            )
            self._begun, self._ended, self._wanted = [], [], []
            return pickle.dumps(found)

    def begun(self, piece: int) -> None:
        """Hear from an engine that it begins a piece."""
        with self._change:
            self._begun.append(piece)
            self._change.notify_all()

    def stop(self) -> None:
        """Have nothing more begun."""
        self._stopped = True

    def stopped(self) -> bool:
        """Tell an engine whether nothing more is to be begun."""
        return self._stopped

    def part(self, sha256: str, number: int) -> bytes:
        """Return a part of a file to an engine, once the driver has given it."""
        wanted = (sha256, number)
        with self._change:
            while wanted not in self._parts:
                if wanted not in self._asked:
                    self._asked.add(wanted)
                    self._wanted.append(wanted)
                    self._change.notify_all()
                self._change.wait()
            return self._parts[wanted]

    def give(self, sha256: str, number: int, data: bytes) -> None:
        """Take a part of a file from the driver; empty where it cannot be read."""
        with self._change:
            self._asked.discard((sha256, number))
            self._parts[sha256, number] = data
            while len(self._parts) > _KEPT:
                self._parts.popitem(last=False)
            self._change.notify_all()

    def _go(self, parcels: list[bytes], together: int) -> None:
        failure = ""
        try:
            self._mapped(parcels, together)
        except Exception as error:  # noqa: BLE001 - the driver has to hear of it
            failure = f"{type(error).__name__}: {str(error).strip().splitlines()[-1:]}"
        with self._change:
            self._over, self._failure = True, failure
            self._change.notify_all()

    def _mapped(self, parcels: list[bytes], together: int) -> None:
        import ray
        import ray.data

        engines, takes, threads = _places(ray.nodes())  # type: ignore[no-untyped-call]
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        done = ray.data.from_items(
            [{COLUMN: parcel} for parcel in parcels],
            override_num_blocks=math.ceil(len(parcels) / together),
        ).map_batches(
            NodeEngine,
            fn_constructor_args=(
                self._orders,
                ray.get_runtime_context().current_actor,
                threads,
            ),
            batch_size=None,
            compute=ray.data.ActorPoolStrategy(
                size=min(engines, math.ceil(len(parcels) / together)),
                max_tasks_in_flight_per_actor=2,
            ),
            **takes,
        )
        for block in done.iter_batches(batch_size=None, prefetch_batches=0):
            endings = [pickle.loads(one) for one in block[COLUMN]]  # noqa: S301 - ours
            with self._change:
                self._ended += endings
                self._change.notify_all()


def _places(nodes: list[dict[str, Any]]) -> tuple[int, dict[str, Any], int]:
    """Return how many engines there is place for, what each takes, and its threads.

    Where the cluster has GPUs each gets one; else each node does, and larger ones several.
    """
    alive = [one["Resources"] for one in nodes if one["Alive"]]
    gpus = sum(int(one.get("GPU", 0)) for one in alive)
    if gpus:
        return gpus, {"num_gpus": 1}, 0
    cpus = [int(one["CPU"]) for one in alive if one.get("CPU", 0) >= 1]
    if not cpus:
        raise RuntimeError("no node of the cluster has a CPU or GPU to give")
    each = min(cpus)
    return sum(one // each for one in cpus), {"num_cpus": each}, each
