"""The engine as the rest of the program uses it: a client of the process that owns llama.cpp."""

import contextlib
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from functools import partial
from types import TracebackType
from typing import Any, NoReturn, Self

from workbench.engine import wire
from workbench.engine.answering import Begun, ProcessAnswer
from workbench.engine.process import EngineProcess
from workbench.engine.protocol import (
    Answer,
    LoadEvent,
    Loading,
    LoadOptions,
    ModelInfo,
    Request,
    Statistics,
)
from workbench.errors import Cancelled, EngineError
from workbench.i18n import _


class LlamaEngine:
    """An Engine in a child process of its own.

    The process starts and the model loads on first use, or with ``load`` or ``with``. When the
    process dies, the next use starts another, and what was running begins anew, once. ``on_event``
    hears of loading, in the thread that waits for it.
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
        self._loads: tuple[EngineProcess, int] | None = None
        self._cancels = 0
        self._listing = threading.Lock()
        self._answers: weakref.WeakSet[ProcessAnswer] = weakref.WeakSet()
        self._prefetches = 0
        self._ahead: tuple[EngineProcess, int] | None = None

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
        """Load the model anew, or another one in its place, when what runs is done.

        A closed engine is opened again.
        Raises EngineError where it cannot be loaded, Cancelled after ``cancel``.
        """
        with self._loading:
            self._options = options or self._options
            self._model = None
            self._closed = False
            return self._ready()[1]

    def unload(self) -> None:
        """Free the model's memory when what runs is done; the next use loads it again."""
        with self._loading:
            self._model = None
            if self._process is not None and not self._process.over:
                self._process.ask(wire.Unload(), wire.Finished)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, special tokens taken as plain text."""
        return self._count(wire.Count(tuple(texts)))

    def prompt_tokens(self, request: Request) -> int:
        """Count the tokens of the whole rendered prompt, chat template included."""
        return self._count(wire.CountPrompt(request))[0]

    def reusable_tokens(self, request: Request) -> int:
        """Count the tokens of a prompt that were read before, by this process or an earlier one."""
        return self._count(wire.CountReusable(request))[0]

    def submit(self, request: Request) -> Answer:
        """Hand in a request, after loading the model where it is not; what fails is told later."""
        return self.submit_together([request])[0]

    def submit_together(self, requests: Sequence[Request]) -> list[Answer]:
        """Hand in requests that are planned as one: what each gets does not depend on timing."""
        cancels = self._cancels
        commands = [
            wire.Submit(request, more=number < len(requests))
            for number, request in enumerate(requests, start=1)
        ]
        try:
            with self._loading:  # else another thread could unload the model in between
                process, _model = self._ready(cancels)
                opened = process.open_all(commands)
        except (EngineError, Cancelled) as error:
            return [ProcessAnswer(partial(_raise, error)) for _request in requests]
        answers = [
            ProcessAnswer(partial(self._begin, request, cancels), (process, *one))
            for request, one in zip(requests, opened, strict=True)
        ]
        with self._listing:
            self._answers.update(answers)
        if cancels != self._cancels:
            # They were not listed yet when all that were listed were cancelled.
            for answer in answers:
                answer.cancel()
        return list(answers)

    def _begin(self, request: Request, cancels: int) -> Begun:
        return self._open(wire.Submit(request), cancels)

    def prefetch(self, request: Request) -> None:
        """Read what a request shares with others, while there is nothing better to do."""
        self._prefetches += 1
        latest = self._prefetches

        def read() -> None:
            with contextlib.suppress(EngineError, Cancelled):
                self.model  # noqa: B018 - loads it
                if latest == self._prefetches:
                    process, number, _inbox = self._open(wire.Prefetch(request))
                    process.forget(number)
                    self._ahead = process, number

        if self._model is not None and self._process is not None and not self._process.over:
            read()
        else:
            threading.Thread(target=read, name="loading for reading ahead", daemon=True).start()

    def cancel(self) -> None:
        """Stop all that is loaded, read or written; where nothing is, do nothing."""
        self._cancels += 1
        self._prefetches += 1
        for command in (self._loads, self._ahead):
            if command is not None:
                process, number = command
                process.cancel(number)
        for answer in self._listed():
            answer.cancel()

    def ping(self) -> float:
        """Return the seconds the process takes to answer, whatever it is doing."""
        self._ready()
        started = time.monotonic()
        process, number, inbox = self._open(wire.Ping())
        process.reply(number, inbox, wire.Pong)
        return time.monotonic() - started

    def statistics(self) -> Statistics:
        """Return what the scheduler holds and has done since the model was loaded."""
        process, number, inbox = self._open(wire.Measure())
        measured: Statistics = process.reply(number, inbox, Statistics)
        return measured

    def close(self) -> None:
        """End the process: at once where it listens, else by force after two seconds.

        Whoever waits for it gets an EngineError.
        """
        self._closed = True
        for answer in self._listed():
            answer.give_up(_closed())
        self._end()

    def _listed(self) -> list[ProcessAnswer]:
        with self._listing:
            return list(self._answers)

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

    def _open(self, command: wire.Command, cancels: int | None = None) -> Begun:
        """Send a command to a process whose model is loaded, and is when the command arrives."""
        with self._loading:
            process, _model = self._ready(cancels)
            return process, *process.open(command)

    def _ready(self, cancels: int | None = None) -> tuple[EngineProcess, ModelInfo]:
        """Return the process and its model, after starting and loading what is not there.

        ``cancels`` is how often ``cancel`` had been called when the wish arose.
        """
        with self._loading:
            if self._closed:
                raise _closed()
            if cancels is not None and cancels != self._cancels:
                raise Cancelled(_("stopped"))
            process = self._process
            if process is None or process.over:
                self._end()
                process = EngineProcess()
                # Ends the process when this object is forgotten and when the program exits.
                self._finalizer = weakref.finalize(self, process.end)
                self._process = process
                if self._closed:
                    # Closed meanwhile, by a thread that found no process to end.
                    self._end()
                    raise _closed()
            if self._model is None:
                self._model = self._load(process)
            return process, self._model

    def _load(self, process: EngineProcess) -> ModelInfo:
        number, inbox = process.open(wire.Load(self._options))
        self._loads = (process, number)
        try:
            while True:
                reply = process.next(inbox)
                if isinstance(reply, Loading | ModelInfo) and self._on_event is not None:
                    self._on_event(reply)
                if isinstance(reply, ModelInfo):
                    return reply
        except EngineError as error:
            raise _closed() if self._closed else error from None
        except Cancelled:
            raise
        except BaseException:
            # The listener raised, or Ctrl-C: nobody waits for this model any more.
            process.kill()
            raise
        finally:
            self._loads = None
            process.forget(number)

    def _count(self, command: wire.Count | wire.CountPrompt | wire.CountReusable) -> list[int]:
        process, number, inbox = self._open(command)
        try:
            counts: wire.Counts = process.reply(number, inbox, wire.Counts)
        except EngineError:
            if self._closed:
                raise _closed() from None
            if not process.over:
                raise
            process, number, inbox = self._open(command)
            counts = process.reply(number, inbox, wire.Counts)
        return list(counts.counts)


def _raise(error: Exception) -> NoReturn:
    raise error


def _closed() -> EngineError:
    return EngineError(_("the engine is closed"))
