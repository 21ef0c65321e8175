"""The engine as the rest of the program uses it: a client of the process that owns llama.cpp."""

import contextlib
import queue
import threading
import time
import weakref
from collections.abc import Callable, Generator, Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from workbench.engine import wire
from workbench.engine.process import EngineProcess
from workbench.engine.protocol import (
    Done,
    Event,
    LoadEvent,
    Loading,
    LoadOptions,
    ModelInfo,
    Request,
    Text,
    Usage,
)
from workbench.errors import Cancelled, EngineError
from workbench.i18n import _

_PATIENCE = 10.0
# Seconds a process may take to obey a cancel; the longest step of llama.cpp that cannot be stopped
# inside is a chunk of prefill on a GPU.


class LlamaEngine:
    """An Engine in a child process of its own.

    The process starts and the model loads on first use, or with ``load`` or ``with``; when the
    process dies, the next use starts another. ``cancel`` and counting may come from any thread.
    One request runs at a time: a second thread waits for its turn, a second request of the same
    thread is an EngineError. ``on_event`` hears of loading, in the thread that waits for it.
    """

    def __init__(
        self, options: LoadOptions, *, on_event: Callable[[LoadEvent], None] | None = None
    ):
        self._options = options
        self._on_event = on_event
        self._process: EngineProcess | None = None
        self._finalizer: weakref.finalize[Any, Any] | None = None
        self._model: ModelInfo | None = None
        self._closed = False
        self._loading = threading.RLock()
        self._turn = threading.Lock()
        self._owner: int | None = None
        self._running: tuple[EngineProcess, int] | None = None
        self._stop = threading.Event()

    @property
    def model(self) -> ModelInfo:
        """Return what is known of the model, loading it first where it is not."""
        return self._ready()[1]

    @property
    def options(self) -> LoadOptions:
        """What is or will be loaded."""
        return self._options

    @property
    def process_id(self) -> int | None:
        """The id of the child process, None where none runs."""
        process = self._process
        return process.identifier if process is not None and not process.over else None

    def load(self, options: LoadOptions | None = None) -> ModelInfo:
        """Load the model anew, or another one in its place; waits for a running request.

        A closed engine is opened again.
        Raises EngineError where it cannot be loaded, Cancelled after ``cancel``.
        """
        with self._my_turn():
            self._options = options or self._options
            self._model = None
            self._closed = False
            return self._ready()[1]

    def unload(self) -> None:
        """Free the model's memory; the next use loads it again."""
        with self._my_turn(), self._loading:
            self._model = None
            if self._process is not None and not self._process.over:
                self._ask(self._process, wire.Unload(), wire.Finished)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, special tokens taken as plain text."""
        return self._count(wire.Count(tuple(texts)))

    def prompt_tokens(self, request: Request) -> int:
        """Count the tokens of the whole rendered prompt, chat template included."""
        return self._count(wire.CountPrompt(request))[0]

    def submit(self, request: Request) -> Iterator[Event]:
        """Run a request; the events end with Done. Closing the iterator cancels it.

        The request starts when the first event is asked for.
        """
        with self._my_turn():
            try:
                process, _model = self._ready()
                done = yield from self._events(process, request)
            except Cancelled:
                done = Done("", "cancelled", Usage())
        # Out of turn: who has Done need not ask the iterator for more.
        yield done

    def cancel(self) -> None:
        """Stop what is being loaded, read or written; where nothing is, do nothing."""
        if self._owner is not None:
            self._stop.set()
        running = self._running
        if running is not None:
            process, number = running
            process.send(number, wire.Cancel())
            insist = threading.Timer(_PATIENCE, process.kill_unless_answered, (number,))
            insist.daemon = True
            insist.start()

    def ping(self) -> float:
        """Return the seconds the process takes to answer, whatever it is doing."""
        process, _model = self._ready()
        started = time.monotonic()
        self._ask(process, wire.Ping(), wire.Pong)
        return time.monotonic() - started

    def close(self) -> None:
        """End the process: at once where it listens, else by force after two seconds.

        Whoever waits for it gets an EngineError.
        """
        self._closed = True
        self._end()

    def _end(self) -> None:
        self._process = self._model = None
        if self._finalizer is not None:
            self._finalizer()

    def __enter__(self) -> Self:
        try:
            self.load()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextlib.contextmanager
    def _my_turn(self) -> Iterator[None]:
        me = threading.get_ident()
        if self._owner == me:
            raise EngineError(
                _("the engine is still at work on another request"),
                fix=_("Read that one to its end or close it first."),
            )
        with self._turn:
            self._owner = me
            self._stop.clear()
            try:
                yield
            finally:
                self._owner = None

    def _ready(self) -> tuple[EngineProcess, ModelInfo]:
        """Return the process and its model, after starting and loading what is not there."""
        with self._loading:
            if self._closed:
                raise _closed()
            process = self._process
            if process is None or process.over:
                self._end()
                process = EngineProcess()
                # Ends the process when this object is forgotten and when the program exits.
                self._finalizer = weakref.finalize(self, process.end)
                self._process = process
            if self._model is None:
                self._model = self._load(process)
            return process, self._model

    def _load(self, process: EngineProcess) -> ModelInfo:
        number, inbox = process.open(wire.Load(self._options))
        try:
            with self._cancellable(process, number):
                while True:
                    reply = self._next(process, inbox)
                    if isinstance(reply, Loading | ModelInfo) and self._on_event is not None:
                        self._on_event(reply)
                    if isinstance(reply, ModelInfo):
                        return reply
        except (EngineError, Cancelled):
            raise
        except BaseException:
            # The listener raised, or Ctrl-C: nobody waits for this model any more.
            process.kill()
            raise
        finally:
            process.forget(number)

    def _events(self, process: EngineProcess, request: Request) -> Generator[Event, None, Done]:
        number, inbox = process.open(wire.Submit(request))
        over, shown = False, ""
        try:
            with self._cancellable(process, number):
                while True:
                    try:
                        event: Event = self._next(process, inbox)
                    except EngineError:
                        over = True
                        if process.gave_up_on == number:
                            return Done(shown, "cancelled", Usage())
                        raise
                    if isinstance(event, Text):
                        shown += event.text
                    if isinstance(event, Done):
                        over = True
                        return event
                    yield event
        finally:
            if not over:
                process.send(number, wire.Cancel())
                _drain(process, inbox)
            process.forget(number)

    @contextlib.contextmanager
    def _cancellable(self, process: EngineProcess, number: int) -> Iterator[None]:
        self._running = (process, number)
        try:
            if self._owner is not None and self._stop.is_set():
                process.send(number, wire.Cancel())
            yield
        finally:
            self._running = None

    def _count(self, command: wire.Count | wire.CountPrompt) -> list[int]:
        counts: wire.Counts = self._ask(self._ready()[0], command, wire.Counts)
        return list(counts.counts)

    def _ask(self, process: EngineProcess, command: wire.Command, kind: type) -> Any:
        number, inbox = process.open(command)
        try:
            while not isinstance(reply := self._next(process, inbox), kind):
                pass
            return reply
        finally:
            process.forget(number)

    def _next(self, process: EngineProcess, inbox: "queue.SimpleQueue[Any]") -> Any:
        """Wait for a reply; raise what it reports, or how the process ended."""
        reply = inbox.get()
        if reply is None:
            raise _closed() if self._closed else process.death()
        if isinstance(reply, wire.Failed):
            kind = Cancelled if reply.cancelled else EngineError
            raise kind(reply.what, path=reply.path, fix=reply.fix)
        return reply


def _closed() -> EngineError:
    return EngineError(_("the engine is closed"))


def _drain(process: EngineProcess, inbox: "queue.SimpleQueue[Any]") -> None:
    """Wait until a cancelled request is over; a process that does not obey is ended."""
    deadline = time.monotonic() + _PATIENCE
    with contextlib.suppress(queue.Empty):
        while True:
            reply = inbox.get(timeout=max(0.0, deadline - time.monotonic()))
            if reply is None or isinstance(reply, Done | wire.Failed):
                return
    process.kill()
