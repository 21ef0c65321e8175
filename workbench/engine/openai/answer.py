"""The answer to one request, between the thread that asks the server and the one that reads it."""

import queue
import threading
from collections.abc import Callable, Iterator

from workbench.engine.openai.exchange import CONNECT_SECONDS, Exchange
from workbench.engine.protocol import Done, Event, Usage
from workbench.errors import EngineError
from workbench.i18n import _

_PATIENCE = CONNECT_SECONDS + 5


class ServerAnswer:
    """An Answer of the protocol.

    ``run`` is called in a thread of its own with this answer: it puts events, attaches the exchange
    it waits for, and returns Done or raises.
    """

    def __init__(self, run: Callable[["ServerAnswer"], Done]):
        self.stopping = threading.Event()
        self._run = run
        self._events: queue.SimpleQueue[Event | BaseException] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._started = False
        self._over = threading.Event()
        self._ended = False
        self._exchange: Exchange | None = None

    @property
    def over(self) -> bool:
        """Whether it has ended, read or not."""
        return self._over.is_set()

    def put(self, event: Event) -> None:
        """Tell the reader of an event."""
        self._events.put(event)

    def attach(self, exchange: Exchange) -> Exchange:
        """Name the exchange that a cancel has to end, and return it."""
        with self._lock:
            self._exchange = exchange
        if self.stopping.is_set():
            exchange.abort()
        return exchange

    def work(self) -> None:
        """Carry it out, in the thread of the caller; never raises."""
        with self._lock:
            if self._over.is_set():
                return
            self._started = True
        try:
            last: Event | BaseException = self._run(self)
        except BaseException as error:  # noqa: BLE001 - it is raised where the answer is read
            last = error
        self._events.put(last)
        self._over.set()

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        if self._ended:
            raise StopIteration
        event = self._events.get()
        if isinstance(event, BaseException):
            self._ended = True
            raise event
        self._ended = isinstance(event, Done)
        return event

    def cancel(self) -> None:
        """Stop it, from any thread: its events end with Done, ``cancelled``."""
        self.stopping.set()
        with self._lock:
            exchange = self._exchange
            if not self._started and not self._over.is_set():
                self._events.put(Done("", "cancelled", Usage()))
                self._over.set()
        if exchange is not None:
            exchange.abort()

    def close(self) -> None:
        """Stop it and wait until it is over, its events unread."""
        self.cancel()
        self._ended = True
        if not self._over.wait(_PATIENCE):
            raise EngineError(_("the connection to the server does not end"))
