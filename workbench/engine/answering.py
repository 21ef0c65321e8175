"""The events of one request, as its process sends them."""

import queue
import threading
from collections.abc import Callable
from typing import Any, Self

from workbench.engine import wire
from workbench.engine.process import EngineProcess
from workbench.engine.protocol import Done, Event, Restarted, Text, Usage
from workbench.errors import Cancelled, EngineError

Begun = tuple[EngineProcess, int, "queue.SimpleQueue[Any]"]
Start = Callable[[], Begun]


class ProcessAnswer:
    """An Answer from a child process; when that dies, the request begins anew, once.

    ``start`` hands the request in and returns the process, the number of the request and the
    inbox of its replies; ``begun`` is that of a request which was handed in with others. Dropped
    unread, it cancels the request.
    """

    def __init__(self, start: Start, begun: Begun | None = None):
        self._start = start
        self._lock = threading.Lock()
        self._process: EngineProcess | None = None
        self._number = 0
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._failure: EngineError | None = None
        self._cancelled = False
        self._over = False
        self._again = True
        self._shown = ""
        try:
            self._begin(begun)
        except Cancelled:
            self._cancelled = True
        except EngineError as error:
            self._failure = error

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        """Wait for the next event; EngineError where the request cannot be carried out."""
        if self._over:
            raise StopIteration
        if self._failure is not None:
            self._end()
            raise self._failure
        if self._process is None:
            self._end()
            return Done(self._shown, "cancelled", Usage())
        reply = self._inbox.get()
        if reply is None:
            return self._after_death(self._process)
        if isinstance(reply, wire.Failed):
            self._end()
            raise EngineError(reply.what, path=reply.path, fix=reply.fix)
        event: Event = reply
        if isinstance(event, Text):
            self._shown += event.text
        elif isinstance(event, Done):
            self._end()
        return event

    def cancel(self) -> None:
        """Stop the request: its events end with Done, ``cancelled``; any thread may."""
        with self._lock:
            self._cancelled = True
            process, number = self._process, self._number
        if process is not None and not self._over:
            process.cancel(number)

    def close(self) -> None:
        """Stop the request and wait until it is over; a process that does not obey is ended."""
        self._cancelled = True
        if not self._over and self._process is not None:
            self._process.cancel(self._number)
            while not isinstance(last := self._inbox.get(), Done | wire.Failed | None):
                pass
            self._inbox.put(last)  # for a thread that may be waiting for the next event
        self._end()

    def give_up(self, failure: EngineError) -> None:
        """Say why there will be no answer, to whoever waits for it."""
        if not self._over:
            self._failure = failure
            self._again = False

    def __del__(self) -> None:
        if not self._over and self._process is not None:
            self._process.abandon(self._number)

    def _begin(self, begun: Begun | None = None) -> None:
        process, number, inbox = begun or self._start()
        with self._lock:
            self._process, self._number, self._inbox = process, number, inbox
            cancelled = self._cancelled
        if cancelled:
            process.cancel(number)

    def _after_death(self, process: EngineProcess) -> Event:
        if self._cancelled or process.gave_up_on == self._number:
            self._end()
            return Done(self._shown, "cancelled", Usage())
        death = process.death()
        if not self._again:
            self._end()
            raise self._failure or death
        self._again = False
        self._shown = ""
        try:
            self._begin()
        except Cancelled:
            self._end()
            return Done("", "cancelled", Usage())
        except EngineError:
            self._end()
            raise
        return Restarted(death.what)

    def _end(self) -> None:
        self._over = True
        if self._process is not None:
            self._process.forget(self._number)
