"""The process that owns llama.cpp: ``python -m workbench.engine.child``, JSON lines on its pipes.

The main thread schedules and computes; loading and unloading wait until what was handed in before
them is done. A second thread reads commands, so that a ping, a cancel and the end of the input
count at once, even while llama.cpp computes.
"""

import os
import queue
import signal
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from workbench.engine import wire
from workbench.engine.archive import Archive
from workbench.engine.interrupts import Interrupts
from workbench.engine.layout import lay_out
from workbench.engine.loading import LoadedModel, load
from workbench.engine.native_log import NativeLog
from workbench.engine.pipes import Outbox, failure, listen, own_descriptors
from workbench.engine.protocol import (
    NICENESS,
    Done,
    Loading,
    LoadOptions,
    Reading,
    Statistics,
    Text,
)
from workbench.engine.scheduler import Listeners, Scheduler
from workbench.engine.states import StateStore, fingerprint
from workbench.errors import EngineError
from workbench.i18n import _
from workbench.offline import forbid_network

_LAST_WRITES = 1.5
"""Seconds the end of the process is put off for states that are being written; the parent waits
two seconds before it uses force."""


class Worker:
    """Carries out commands on the one model."""

    def __init__(self, outbox: Outbox, interrupts: Interrupts):
        self._outbox = outbox
        self._interrupts = interrupts
        self._commands: queue.SimpleQueue[tuple[int, wire.Command]] = queue.SimpleQueue()
        self._held: deque[tuple[int, wire.Command]] = deque()
        self._log = NativeLog()
        self._model: LoadedModel | None = None
        self._scheduler: Scheduler | None = None

    def take(self, number: int, command: wire.Command) -> None:
        """Put a command behind those that wait; any thread may."""
        if not isinstance(command, wire.Measure):  # what only looks on stops nothing
            self._interrupts.expect(number)
        self._commands.put((number, command))

    def save(self) -> None:
        """Give what is being written to disk the time to get there; any thread may."""
        if (scheduler := self._scheduler) is not None:
            scheduler.save(_LAST_WRITES)

    def work(self) -> NoReturn:
        """Carry out commands for ever."""
        self._start_native()
        while True:
            self._receive()
            scheduler = self._scheduler
            if scheduler is not None and scheduler.busy:
                self._step(scheduler)
            elif self._held:
                self._carry_out(*self._held.popleft())
                while self._held and isinstance(self._held[0][1], wire.Submit | wire.Prefetch):
                    self._carry_out(*self._held.popleft())

    def _start_native(self) -> None:
        from llama_cpp import llama_cpp

        self._log.capture()
        llama_cpp.llama_backend_init()

    def _receive(self) -> None:
        """Take what came; wait for it where there is nothing else to do."""
        busy = self._scheduler is not None and self._scheduler.busy
        wait = not busy and not self._held
        while True:
            try:
                number, command = self._commands.get(wait)
            except queue.Empty:
                return
            wait = isinstance(command, wire.Submit) and command.more
            # Behind a change of model everything waits, but for what is only counted.
            waits = isinstance(command, wire.Load | wire.Unload)
            if waits and self._scheduler is not None:
                self._scheduler.stop_reading_ahead()
            if waits or (self._held and isinstance(command, wire.Submit | wire.Prefetch)):
                self._held.append((number, command))
            else:
                self._carry_out(number, command)

    def _step(self, scheduler: Scheduler) -> None:
        try:
            scheduler.step()
        except Exception as error:  # noqa: BLE001 - whatever it is, all who wait get it
            reply = failure(error)
            scheduler.fail_all(EngineError(reply.what, path=reply.path, fix=reply.fix))

    def _carry_out(self, number: int, command: wire.Command) -> None:
        """Carry out a command, or say why not: the client waits for an answer."""
        try:
            reply = self._reply(number, command)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
            reply = failure(error)
        if reply is not None:
            self._outbox.send(number, reply)
            self._interrupts.forget(number)

    def _reply(self, number: int, command: wire.Command) -> wire.Reply | None:
        match command:
            case wire.Load(options):
                return self._load(number, options)
            case wire.Unload():
                self._unload()
                return wire.Finished()
            case wire.Submit(request=request):
                self._scheduling().submit(number, request)
                return None
            case wire.Prefetch(request):
                self._scheduling().prefetch(number, request)
                return None
            case wire.Count(texts):
                tokenize = self._loaded().vocabulary.tokenize
                return wire.Counts(tuple(len(tokenize(text, special=False)) for text in texts))
            case wire.CountPrompt(request):
                return wire.Counts((len(lay_out(self._loaded(), request).tokens),))
            case wire.CountReusable(request):
                return wire.Counts((self._scheduling().reusable(request),))
            case wire.Measure():
                scheduler = self._scheduler
                return Statistics() if scheduler is None else scheduler.statistics()
            case _:
                raise EngineError(
                    _("this process does not do that: {name}").format(name=type(command).__name__)
                )

    def _load(self, number: int, options: LoadOptions) -> wire.Reply:
        self._unload()
        self._interrupts.begin((number,))
        try:
            model = load(
                options,
                self._log,
                self._interrupts,
                lambda progress: self._outbox.send(number, Loading(progress)),
            )
        finally:
            self._interrupts.end()
        self._model = model
        self._scheduler = Scheduler(
            model,
            self._interrupts,
            Listeners(self._tell, self._tell_failure, self._tell_finished),
            _archive(options, model),
        )
        return model.info

    def _tell(self, number: int, event: Reading | Text | Done) -> None:
        self._outbox.send(number, event)
        if isinstance(event, Done):
            self._interrupts.forget(number)

    def _tell_failure(self, number: int, error: EngineError) -> None:
        self._outbox.send(number, failure(error))
        self._interrupts.forget(number)

    def _tell_finished(self, number: int) -> None:
        self._outbox.send(number, wire.Finished())
        self._interrupts.forget(number)

    def _unload(self) -> None:
        scheduler, self._scheduler = self._scheduler, None
        model, self._model = self._model, None
        if scheduler is not None:
            scheduler.close()
        if model is not None:
            model.close()

    def _loaded(self) -> LoadedModel:
        if self._model is None:
            raise _nothing_loaded()
        return self._model

    def _scheduling(self) -> Scheduler:
        if self._scheduler is None:
            raise _nothing_loaded()
        return self._scheduler


def _archive(options: LoadOptions, model: LoadedModel) -> Archive | None:
    if not options.keeps_states:
        return None
    import llama_cpp

    same = {
        "model": options.identity,
        "library": llama_cpp.__version__,
        "kv_type": options.kv_type,
        "offload": model.info.gpu_offload,
        "chunk": model.context.options.chunk,
        "flash": model.context.options.flash,
    }
    store = StateStore(Path(options.states), options.states_bytes)
    return Archive(
        store,
        lambda adapters: fingerprint({**same, "adapters": model.adapters.identity(adapters)}),
    )


def _nothing_loaded() -> EngineError:
    return EngineError(_("no model is loaded"))


def give_way() -> None:
    """Let other programs go first, by as many steps as ``NICENESS`` in the environment says.

    The app has its engine give way, so that keys are answered while it reads; where nothing else
    wants the processor that costs nothing.
    """
    steps = os.environ.get(NICENESS, "")
    if steps.isdigit() and hasattr(os, "nice"):
        with suppress(OSError):
            os.nice(int(steps))


def main() -> NoReturn:
    """Serve the client at the other end of the pipes."""
    # The terminal's Ctrl-C is the client's to handle.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    give_way()
    forbid_network()
    commands, replies = own_descriptors()
    outbox = Outbox(replies)
    interrupts = Interrupts()
    worker = Worker(outbox, interrupts)
    threading.Thread(
        target=listen,
        args=(commands, outbox, worker.take, interrupts.cancel, worker.save),
        daemon=True,
    ).start()
    worker.work()


if __name__ == "__main__":
    main()
