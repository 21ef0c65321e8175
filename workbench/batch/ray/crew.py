"""The work of one model on a cluster: windows of loads go out, what comes back is put down here."""

import pickle
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from workbench.batch.dispatch import Dispatch, Task
from workbench.batch.ledger import Ledger
from workbench.batch.ray.cluster import connected
from workbench.batch.ray.files import part
from workbench.batch.ray.foreman import Foreman
from workbench.batch.ray.parcels import BROKEN, DONE, ENGINE, LEFT, Ending, News, Orders, Parcel
from workbench.batch.workers import Told, described
from workbench.errors import WorkbenchError
from workbench.i18n import _

WINDOW = 2048
"""Loads of one dataset: so many articles are in the cluster at once."""
_RETURNS = 3
"""A piece that comes back unfinished so often, while others are done, is to blame itself."""
_IN_A_ROW = 12
"""So many failures of engines one after the other, and the batch is given up."""
_NEWS = 0.25
"""Seconds to wait for news."""


class Crew:
    """The engines of a cluster, as ``Workers`` are those of this machine."""

    def __init__(
        self, cluster: str, orders: Orders, dispatch: Dispatch, ledger: Ledger, told: Told
    ):
        self._cluster = cluster
        self._orders = orders
        self._dispatch = dispatch
        self._ledger = ledger
        self._told = told
        self._pending: dict[int, Task] = {}
        self._done = 0
        self._in_a_row = 0
        self._ending = threading.Event()
        self._cancelled = threading.Event()
        self.given_up = False
        self._thread = threading.Thread(target=self._go, name="work of the cluster", daemon=True)

    def start(self) -> None:
        """Begin; the cluster is reached once there is something to do."""
        self._thread.start()

    def alive(self) -> bool:
        """Say whether anything may still come back."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Have nothing more begun; what is being done ends."""
        self._dispatch.stop()
        self._ending.set()

    def cancel(self) -> None:
        """End what is being done."""
        self.stop()
        self._cancelled.set()

    def _go(self) -> None:
        try:
            tasks = self._dispatch.window(self, WINDOW)
            if tasks:
                self._on_cluster(tasks)
        except Exception as error:  # noqa: BLE001 - the run has to hear of it
            if self._ledger.failure is None:
                self._give_up(described(error))
        finally:
            self.stop()
            # A ledger that takes no more is told of by the run itself.
            with suppress(WorkbenchError):
                self._leave_all()

    def _on_cluster(self, tasks: Sequence[Task]) -> None:
        with connected(self._cluster) as ray:
            foreman = (
                ray.remote(Foreman)
                .options(
                    num_cpus=0,
                    max_concurrency=256,
                    # The head's node: with it everything ends anyhow.
                    resources={"node:__internal_head__": 0.001},
                )
                .remote(self._orders)
            )
            try:
                while tasks and not self.given_up:
                    self._window(ray, foreman, tasks)
                    tasks = self._dispatch.window(self, WINDOW)
            finally:
                # What it owns, dataset and engines, ends with it.
                ray.kill(foreman)

    def _window(self, ray: Any, foreman: Any, tasks: Sequence[Task]) -> None:
        self._pending = {task.piece: task for task in tasks}
        parcels = _parcels(tasks)
        done, told_stop = self._done, False
        sequences = self._orders.settings.sequences or 4
        together = max(1, sequences * len(parcels) // len(tasks))
        ray.get(foreman.begin.remote(parcels, together))
        while not self._cancelled.is_set():
            news: News = pickle.loads(ray.get(foreman.news.remote(_NEWS)))  # noqa: S301 - ours
            self._hear(ray, foreman, news)
            if self._ending.is_set() and not told_stop:
                foreman.stop.remote()
                told_stop = True
            if news.over:
                if news.failure:
                    self._give_up(news.failure)
                break
        if not self._ending.is_set():
            self._put_off(progress=self._done > done)

    def _hear(self, ray: Any, foreman: Any, news: News) -> None:
        for piece in news.begun:
            if (task := self._pending.get(piece)) is not None:
                self._ledger.started(piece)
                self._told.begins(task)
        for ending in news.ended:
            # What comes twice, as from a node that was thought lost, counts once.
            if (task := self._pending.get(ending.piece)) is not None:
                self._keep(task, ending)
        for sha256, number in news.wanted:
            foreman.give.remote(sha256, number, ray.put(self._part(sha256, number)))

    def _part(self, sha256: str, number: int) -> bytes:
        files = (self._orders.file, *(file for file, _scale in self._orders.adapters))
        path = next((one.path for one in files if one.sha256 == sha256), "")
        try:
            return part(path, number)
        except OSError as error:
            self._told.problem(
                _("{path} cannot be read: {reason}").format(
                    path=path, reason=error.strerror or error
                )
            )
            return b""

    def _keep(self, task: Task, ending: Ending) -> None:
        if ending.state == LEFT:
            return
        if ending.state == BROKEN:
            self._told.problem(
                _("the node {node} cannot work: {reason}").format(
                    node=ending.node, reason=ending.reason
                )
            )
            self._count_failure(ending)
            return
        del self._pending[task.piece]
        if ending.state == DONE and ending.result is not None:
            self._ledger.finished(task.piece, ending.result, ending.seconds)
            self._done += 1
            self._in_a_row = 0
            self._told.done(task, ending.result)
            self._dispatch.done(task)
        else:
            self._fail(task, ending.reason, ending.seconds)
            if ending.state == ENGINE:
                self._count_failure(ending)

    def _fail(self, task: Task, reason: str, seconds: float) -> None:
        self._ledger.failed(task.piece, reason, seconds)
        self._told.failed(task, reason)
        self._dispatch.done(task)

    def _put_off(self, *, progress: bool) -> None:
        """Have what came back unfinished done in another window; without progress give up."""
        left, self._pending = self._pending, {}
        for task in left.values():
            task.returned += 1
            if progress and task.returned > _RETURNS:
                self._fail(task, _("no node of the cluster finished it"), 0.0)
                continue
            self._ledger.stopped(task.piece)
            self._told.left(task)
            self._dispatch.put_off(task)
        if left and not progress:
            self._give_up(_("no node of the cluster can do the work that is left"))

    def _leave_all(self) -> None:
        left, self._pending = self._pending, {}
        for task in left.values():
            self._ledger.stopped(task.piece)
            self._told.left(task)
            self._dispatch.done(task)

    def _count_failure(self, ending: Ending) -> None:
        self._in_a_row += 1
        if self._in_a_row >= _IN_A_ROW and not self._ending.is_set():
            self._give_up(ending.reason)

    def _give_up(self, reason: str) -> None:
        self.given_up = True
        self._told.problem(reason)
        self.stop()


def _parcels(tasks: Sequence[Task]) -> list[bytes]:
    """Pack tasks as loads, in their order."""
    loads: dict[int, list[Task]] = {}
    for task in tasks:
        loads.setdefault(id(task.load), []).append(task)
    return [
        pickle.dumps(
            Parcel(
                some[0].load.articles,
                tuple((one.piece, one.assignment.work, one.assignment.template) for one in some),
            )
        )
        for some in loads.values()
    ]
