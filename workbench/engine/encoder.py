"""Vectors and scores as the rest of the program asks for them, from a process of their own."""

import queue
import threading
import weakref
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from workbench.engine import wire
from workbench.engine.process import EngineProcess
from workbench.engine.protocol import Loading
from workbench.errors import Cancelled, EngineError
from workbench.i18n import _

_Reply = TypeVar("_Reply", wire.EncoderInfo, wire.Vectors, wire.Scores)


class Alarm(Protocol):
    """What rings once, later, unless it is cancelled; ``threading.Timer`` is one."""

    def start(self) -> None:
        """Begin to wait."""

    def cancel(self) -> None:
        """Do not ring; too late where it rings already."""


def _timer(seconds: float, ring: Callable[[], None]) -> Alarm:
    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    return timer


class LlamaEncoder:
    """An embedding or reranking model in a child process of its own.

    The process starts and the model loads on first use. After ``idle_seconds`` without use the
    process ends and its memory is free; the next use starts another. A process that dies during a
    call is started anew and the call tried once more. ``gpu_layers`` -1 for as many as fit,
    ``threads`` 0 for the physical cores. ``on_event`` hears of loading, in the thread that waits;
    it must not call the encoder.

    Any thread may call; one call runs at a time. Every call raises EngineError with one clear line
    where it cannot be carried out, and the encoder stays usable until ``close``.
    """

    def __init__(
        self,
        path: str,
        *,
        threads: int = 0,
        gpu_layers: int = -1,
        idle_seconds: float = 120.0,
        on_event: Callable[[Loading | wire.EncoderInfo], None] | None = None,
        alarm: Callable[[float, Callable[[], None]], Alarm] = _timer,
    ):
        self._command = wire.LoadEncoder(path, threads, gpu_layers)
        self._idle_seconds = idle_seconds
        self._on_event = on_event
        self._new_alarm = alarm
        self._alarm: Alarm | None = None
        self._turn = threading.Lock()
        self._closed = threading.Event()
        self._process: EngineProcess | None = None
        self._finalizer: weakref.finalize[Any, Any] | None = None
        self._info: wire.EncoderInfo | None = None
        self._uses = 0

    @property
    def info(self) -> wire.EncoderInfo:
        """Return what is known of the model, loading it first where it never was."""
        return self._info or self._call(None, wire.EncoderInfo)

    @property
    def process_id(self) -> int | None:
        """The id of the child process, None where none runs."""
        process = self._process
        return process.identifier if process is not None and not process.over else None

    def embed(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        """Return a vector of length 1 for each text, in order.

        The texts are read as they are. Models that want an instruction before a query, such as
        Qwen3-Embedding, get it from the caller. EngineError names a text that is longer than the
        model's context; none is cut.
        """
        if not texts:
            return []
        return list(self._call(wire.Embed(tuple(texts)), wire.Vectors).vectors)

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return how well each text answers the query, in order; a higher score is better.

        Scores of one model can be compared, those of two cannot. EngineError names a text that
        is, with the query, longer than the model's context; none is cut.
        """
        if not texts:
            return []
        return list(self._call(wire.Rerank(query, tuple(texts)), wire.Scores).scores)

    def close(self) -> None:
        """End the process at once, also while another thread waits for it."""
        self._closed.set()
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _call(self, command: wire.Embed | wire.Rerank | None, kind: type[_Reply]) -> _Reply:
        """Load the model where it is not, then carry out the command; None asks for its info."""
        with self._turn:
            self._uses += 1
            if self._alarm is not None:
                self._alarm.cancel()
            try:
                try:
                    return self._attempt(command, kind)
                except _DiedError:
                    return self._attempt(command, kind)
            except _DiedError as death:
                raise death.error from None
            finally:
                self._watch()

    def _attempt(self, command: wire.Embed | wire.Rerank | None, kind: type[_Reply]) -> _Reply:
        if self._closed.is_set():
            raise _closed()
        process, info = self._process, self._info
        try:
            if process is None or process.over or info is None:
                process = self._start()
                info = self._info = self._ask(process, self._command, wire.EncoderInfo)
            if command is not None:
                return self._ask(process, command, kind)
        except (EngineError, Cancelled):
            if self._info is None:
                # Without a model the process is of no use.
                self._end()
            raise
        except BaseException:
            # It died; or the listener raised, or Ctrl-C: nobody waits for the answer any more.
            if process is not None:
                process.kill()
            self._end()
            raise
        assert isinstance(info, kind)
        return info

    def _start(self) -> EngineProcess:
        self._end()
        self._info = None
        process = EngineProcess("workbench.engine.encoder_child")
        # Ends the process when this object is forgotten and when the program exits.
        self._finalizer = weakref.finalize(self, process.end)
        self._process = process
        if self._closed.is_set():
            self._end()
        return process

    def _ask(self, process: EngineProcess, command: wire.Command, kind: type[_Reply]) -> _Reply:
        number, inbox = process.open(command)
        try:
            while True:
                reply = self._next(process, inbox)
                if isinstance(reply, Loading | wire.EncoderInfo) and self._on_event is not None:
                    self._on_event(reply)
                if isinstance(reply, kind):
                    return reply
        finally:
            process.forget(number)

    def _next(self, process: EngineProcess, inbox: "queue.SimpleQueue[Any]") -> Any:
        """Wait for a reply; raise what it reports, or how the process ended."""
        reply = inbox.get()
        if reply is None:
            raise _closed() if self._closed.is_set() else _DiedError(process.death())
        if isinstance(reply, wire.Failed):
            kind = Cancelled if reply.cancelled else EngineError
            raise kind(reply.what, path=reply.path, fix=reply.fix)
        return reply

    def _watch(self) -> None:
        """Let the process end when it has not been used for a while."""
        if self.process_id is None:
            return
        ring = _ring(weakref.ref(self), self._uses)
        self._alarm = self._new_alarm(self._idle_seconds, ring)
        self._alarm.start()

    def _end_if_idle(self, uses: int) -> None:
        with self._turn:
            if uses == self._uses:
                self._end()

    def _end(self) -> None:
        alarm, self._alarm = self._alarm, None
        if alarm is not None:
            alarm.cancel()
        finalizer, self._finalizer = self._finalizer, None
        self._process = None
        if finalizer is not None:
            finalizer()


class _DiedError(Exception):
    """The process ended before it answered; ``error`` says how."""

    def __init__(self, error: EngineError):
        super().__init__(error.what)
        self.error = error


def _ring(encoder: "weakref.ref[LlamaEncoder]", uses: int) -> Callable[[], None]:
    """Return what an alarm calls: it must not keep a forgotten encoder alive."""

    def ring() -> None:
        if (found := encoder()) is not None:
            found._end_if_idle(uses)

    return ring


def _closed() -> EngineError:
    return EngineError(_("the encoder is closed"))
