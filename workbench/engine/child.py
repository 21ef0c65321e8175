"""The process that owns llama.cpp: ``python -m workbench.engine.child``, JSON lines on its pipes.

The main thread carries out commands in order. A second one reads them, so that a ping, a cancel
and the end of the input count at once, even while llama.cpp computes.
"""

import contextlib
import os
import queue
import signal
import threading
from collections import deque
from typing import NoReturn

from workbench.engine import wire
from workbench.engine.cancellation import Cancellation
from workbench.engine.generation import lay_out, run
from workbench.engine.loading import LoadedModel, load
from workbench.engine.native_log import NativeLog
from workbench.engine.protocol import Loading
from workbench.errors import Cancelled, EngineError, WorkbenchError
from workbench.i18n import _
from workbench.offline import forbid_network


class Outbox:
    """Where replies go; whole lines, from whichever thread."""

    def __init__(self, descriptor: int):
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, number: int, message: wire.Reply) -> None:
        """Send a reply; without a reader the process has no purpose and ends."""
        line = memoryview(wire.encode(number, message))
        with self._lock:
            while line:
                try:
                    line = line[os.write(self._descriptor, line) :]
                except OSError:
                    os._exit(0)


class Worker:
    """Carries out commands on the one model."""

    def __init__(self, outbox: Outbox, cancellation: Cancellation):
        self._outbox = outbox
        self._cancellation = cancellation
        self._commands: queue.SimpleQueue[tuple[int, wire.Command]] = queue.SimpleQueue()
        self._later: deque[tuple[int, wire.Command]] = deque()
        self._log = NativeLog()
        self._model: LoadedModel | None = None

    def take(self, number: int, command: wire.Command) -> None:
        """Put a command behind those that wait; any thread may."""
        self._commands.put((number, command))

    def work(self) -> NoReturn:
        """Carry out commands for ever."""
        self._start_native()
        while True:
            number, command = self._later.popleft() if self._later else self._commands.get()
            self._answer(number, command)

    def _start_native(self) -> None:
        from llama_cpp import llama_cpp

        self._log.capture()
        llama_cpp.llama_backend_init()

    def _answer(self, number: int, command: wire.Command) -> None:
        self._cancellation.begin(number)
        try:
            self._attempt(number, command)
        finally:
            self._cancellation.end()

    def _attempt(self, number: int, command: wire.Command) -> None:
        """Carry out a command, or say why not: the client waits for an answer."""
        try:
            self._carry_out(number, command)
        except Cancelled as error:
            self._fail(number, error, cancelled=True)
        except WorkbenchError as error:
            self._fail(number, error)
        except MemoryError:
            self._fail(number, EngineError(_("the engine process ran out of memory")))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
            what = _("the engine failed: {error}").format(error=f"{type(error).__name__}: {error}")
            self._fail(number, EngineError(what))

    def _fail(self, number: int, error: WorkbenchError, *, cancelled: bool = False) -> None:
        path = None if error.path is None else str(error.path)
        self._outbox.send(number, wire.Failed(error.what, path, error.fix, cancelled))

    def _carry_out(self, number: int, command: wire.Command) -> None:
        match command:
            case wire.Load(options):
                self._unload()
                self._model = load(
                    options,
                    self._log,
                    self._cancellation,
                    lambda progress: self._outbox.send(number, Loading(progress)),
                )
                self._outbox.send(number, self._model.info)
            case wire.Unload():
                self._unload()
                self._outbox.send(number, wire.Finished())
            case wire.Submit(request):
                for event in run(self._loaded(), request, self._cancellation):
                    self._outbox.send(number, event)
                    self._count_waiting()
            case wire.Count() | wire.CountPrompt():
                self._count(number, command)
            case _:
                raise AssertionError(f"{command} is the reading thread's to handle")

    def _count(self, number: int, command: wire.Count | wire.CountPrompt) -> None:
        model = self._loaded()
        if isinstance(command, wire.Count):
            texts = command.texts
            counts = [len(model.vocabulary.tokenize(text, special=False)) for text in texts]
        else:
            counts = [len(lay_out(model, command.request)[1])]
        self._outbox.send(number, wire.Counts(tuple(counts)))

    def _count_waiting(self) -> None:
        """Count in between, so that counting need not wait for the request that runs."""
        while True:
            try:
                number, command = self._commands.get_nowait()
            except queue.Empty:
                return
            if isinstance(command, wire.Count | wire.CountPrompt):
                self._attempt(number, command)
            else:
                self._later.append((number, command))

    def _unload(self) -> None:
        model, self._model = self._model, None
        if model is not None:
            model.close()

    def _loaded(self) -> LoadedModel:
        if self._model is None:
            raise EngineError(_("no model is loaded"))
        return self._model


def _listen(descriptor: int, outbox: Outbox, worker: Worker, cancellation: Cancellation) -> None:
    """Read commands; the end of them ends the process at once, whatever it is doing."""
    with contextlib.suppress(OSError, wire.WireError), os.fdopen(descriptor, "rb") as lines:
        for line in lines:
            number, command = wire.decode(line)
            match command:
                case wire.Ping():
                    outbox.send(number, wire.Pong())
                case wire.Cancel():
                    cancellation.cancel(number)
                case wire.Quit():
                    break
                case _:
                    worker.take(number, command)
    os._exit(0)


def _own_descriptors() -> tuple[int, int]:
    """Take the pipes for messages alone; return where commands come from and replies go to.

    What native code prints goes where the errors go: into the file the parent gave.
    """
    commands, replies = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return commands, replies


def main() -> NoReturn:
    """Serve the client at the other end of the pipes."""
    # The terminal's Ctrl-C is the client's to handle.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    forbid_network()
    commands, replies = _own_descriptors()
    outbox = Outbox(replies)
    cancellation = Cancellation()
    worker = Worker(outbox, cancellation)
    threading.Thread(
        target=_listen, args=(commands, outbox, worker, cancellation), daemon=True
    ).start()
    worker.work()


if __name__ == "__main__":
    main()
