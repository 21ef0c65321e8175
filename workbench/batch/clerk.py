"""One thread that writes to a database, and takes what comes together into one transaction.

A commit waits for the disk; what comes meanwhile shares the next one. Whoever asks sees what was
asked for earlier. Where a transaction fails, nothing of it is kept and nothing is written any more.
"""

import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from workbench.errors import WorkbenchError

Value = TypeVar("Value")
_TOGETHER = 4096
_LONGEST = 0.25
"""Seconds a transaction may take in more before it is ended."""
_LULL = 0.02
"""Seconds without an order after which it is ended; orders that come fast share a wait."""


@dataclass(frozen=True, slots=True)
class _Order:
    """Something to be done with the connection; ``durable``: answered once it is on disk."""

    carry_out: Callable[[sqlite3.Connection], Any]
    answer: "Future[Any]"
    durable: bool


class Clerk:
    """Owns a connection for writing; ``explain`` turns what went wrong into what a user is told."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        explain: Callable[[sqlite3.Error], WorkbenchError],
        room: int = 1024,
    ):
        self._connection = connection
        self._explain = explain
        self._orders: queue.Queue[_Order | None] = queue.Queue(room)
        self._failure: WorkbenchError | None = None
        self._thread = threading.Thread(target=self._work, name="ledger", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> WorkbenchError | None:
        """Why nothing is written any more; None while all is well."""
        return self._failure

    def ask(self, order: Callable[[sqlite3.Connection], Value]) -> Value:
        """Return what an order returns, once it was carried out but maybe not yet committed."""
        return self._give(order).result()

    def tell(self, order: Callable[[sqlite3.Connection], object]) -> None:
        """Give an order and go on; raises why earlier ones failed, where they did."""
        self._give(order)

    def settle(self) -> None:
        """Wait until all that was ordered is on disk; raises why it is not."""
        self._give(lambda _connection: None, durable=True).result()

    def close(self) -> None:
        """Carry out what was ordered, commit it and close the connection."""
        if self._thread.is_alive():
            self._orders.put(None)
            self._thread.join()
        self._connection.close()

    def _give(
        self, order: Callable[[sqlite3.Connection], Value], *, durable: bool = False
    ) -> "Future[Value]":
        answer: Future[Value] = Future()
        if self._failure is not None:
            raise self._failure
        self._orders.put(_Order(order, answer, durable))
        return answer

    def _work(self) -> None:
        closing = False
        while not closing:
            order = self._orders.get()
            if order is None:
                break
            if self._failure is not None:
                order.answer.set_exception(self._failure)
                continue
            closing = self._transaction(order)

    def _transaction(self, order: _Order) -> bool:
        """Carry out an order and those that come meanwhile; say whether it is time to close."""
        began, count, closing = time.monotonic(), 0, False
        durable: list[Future[Any]] = []
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            while True:
                found = order.carry_out(self._connection)
                if order.durable:
                    durable.append(order.answer)
                else:
                    order.answer.set_result(found)
                count += 1
                left = _LONGEST - (time.monotonic() - began)
                if order.durable or count >= _TOGETHER or left <= 0:
                    break
                try:
                    following = self._orders.get(timeout=min(_LULL, left))
                except queue.Empty:
                    break
                if following is None:
                    closing = True
                    break
                order = following
            self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - whoever waits has to hear of it
            self._failure = failure = self._told(error)
            self._roll_back()
            for answer in {order.answer, *durable}:
                if not answer.done():
                    answer.set_exception(failure)
            return closing
        for answer in durable:
            answer.set_result(None)
        return closing

    def _roll_back(self) -> None:
        # SQLite may have done it already, and on a full disk may not be able to.
        with contextlib.suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _told(self, error: Exception) -> WorkbenchError:
        if isinstance(error, sqlite3.Error):
            return self._explain(error)
        if isinstance(error, WorkbenchError):
            return error
        return WorkbenchError(f"{type(error).__name__}: {error}")
