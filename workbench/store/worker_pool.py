"""Work done by processes beside this one, its results in the order of the work."""

import contextlib
import multiprocessing
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from workbench.offline import forbid_network

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 8
"""Pieces of work each process has been given at most, so that it need not wait for this one."""


@dataclass(frozen=True, slots=True)
class Lost(Generic[T]):
    """An item whose process ended while it worked on it, twice where it had company at first."""

    item: T


@dataclass(slots=True)
class _Work:
    number: int
    items: list[Any]


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    connection: "Connection[Any, Any]"
    given: deque[_Work] = field(default_factory=deque)


def ordered_results(
    function: Callable[[list[T]], list[R]], pieces: Iterable[list[T]], workers: int
) -> Generator[R | Lost[T], None, None]:
    """Yield what ``function`` makes of each item, in order, computed by ``workers`` processes.

    ``function`` takes a list of items and returns a result for each; it must be importable by
    name, and items and results must pickle. A bounded number of pieces is under way at any time.
    A process that ends is replaced, and what it worked on is tried item by item: see Lost. Closing
    the generator, or any exception, ends the processes at once.
    """
    pool = _Pool(function, workers)
    try:
        yield from pool.results(iter(pieces))
    finally:
        pool.stop()


class _Pool:
    def __init__(self, function: Callable[[list[Any]], list[Any]], workers: int):
        self._function = function
        # Forked, a process would hold the database and the pipes of the others.
        self._context = multiprocessing.get_context("spawn")
        self._number = workers
        self._workers: list[_Worker] = []
        self._done: dict[int, list[Any]] = {}

    def results(self, pieces: Iterator[list[Any]]) -> Iterator[Any]:
        taken = given_back = 0
        exhausted = False
        while True:
            while not exhausted and taken - given_back < _AHEAD * self._number:
                piece = next(pieces, None)
                if piece is None:
                    exhausted = True
                else:
                    self._give(_Work(taken, piece))
                    taken += 1
                self._collect(wait_seconds=0)
            if given_back == taken:
                return
            while given_back not in self._done:
                self._collect(wait_seconds=None)
            yield from self._done.pop(given_back)
            given_back += 1
            self._collect(wait_seconds=0)

    def _give(self, work: _Work) -> None:
        if len(self._workers) < self._number:
            self._workers.append(self._start())
            worker = self._workers[-1]
        else:
            worker = min(self._workers, key=lambda one: len(one.given))
        worker.given.append(work)
        with contextlib.suppress(OSError):  # it has ended: seen when results are collected
            worker.connection.send(work.items)

    def _collect(self, wait_seconds: float | None) -> None:
        busy = {one.connection: one for one in self._workers if one.given}
        for connection in wait(list(busy), wait_seconds):
            worker = busy[connection]  # type: ignore[index]
            try:
                found = worker.connection.recv()
            except (EOFError, OSError):
                self._replace(worker)
            else:
                self._done[worker.given.popleft().number] = found

    def _replace(self, worker: _Worker) -> None:
        """Go on without a process that ended; the first of its pieces is tried item by item."""
        self._workers.remove(worker)
        _end(worker)
        suspect, *others = worker.given
        self._done[suspect.number] = (
            self._one_by_one(suspect.items) if len(suspect.items) > 1 else [Lost(*suspect.items)]
        )
        for work in others:
            self._give(work)

    def _one_by_one(self, items: list[Any]) -> list[Any]:
        found: list[Any] = []
        worker: _Worker | None = None
        try:
            for item in items:
                worker = worker or self._start()
                try:
                    worker.connection.send([item])
                    found += worker.connection.recv()
                except (EOFError, OSError):
                    found.append(Lost(item))
                    _end(worker)
                    worker = None
        finally:
            if worker:
                _end(worker)
        return found

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(self._function, theirs))
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def stop(self) -> None:
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            _end(worker)
        self._workers.clear()


def _end(worker: _Worker) -> None:
    worker.connection.close()
    worker.process.terminate()
    worker.process.join(2)
    if worker.process.is_alive():
        worker.process.kill()
        worker.process.join()
    worker.process.close()


def _serve(function: Callable[[list[Any]], list[Any]], connection: "Connection[Any, Any]") -> None:
    """Work until the other end is closed; the keyboard's interrupt is for the parent alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    forbid_network()
    work: SimpleQueue[list[Any] | None] = SimpleQueue()
    # A thread takes in what comes, so that neither side ever waits for the other to read.
    threading.Thread(target=_take_in, args=(connection, work), daemon=True).start()
    while (items := work.get()) is not None:
        try:
            connection.send(function(items))
        except OSError:
            return


def _take_in(connection: "Connection[Any, Any]", work: "SimpleQueue[list[Any] | None]") -> None:
    try:
        while True:
            work.put(connection.recv())
    except (EOFError, OSError):
        work.put(None)
