"""The process of an embedding or reranking model: ``python -m workbench.engine.encoder_child``.

It speaks the engine's JSON lines. The main thread carries out commands in order; a second one
reads them, so that a ping, a cancel and the end of the input count at once.
"""

import queue
import signal
import threading
from typing import NoReturn

from workbench.engine import wire
from workbench.engine.encoding import Encoder, load_encoder
from workbench.engine.interrupts import Interrupts
from workbench.engine.native_log import NativeLog
from workbench.engine.pipes import Outbox, failure, listen, own_descriptors
from workbench.engine.protocol import Loading
from workbench.errors import EngineError
from workbench.i18n import _
from workbench.offline import forbid_network


class Worker:
    """Carries out commands on the one encoder."""

    def __init__(self, outbox: Outbox, interrupts: Interrupts):
        self._outbox = outbox
        self._interrupts = interrupts
        self._commands: queue.SimpleQueue[tuple[int, wire.Command]] = queue.SimpleQueue()
        self._log = NativeLog()
        self._encoder: Encoder | None = None

    def take(self, number: int, command: wire.Command) -> None:
        """Put a command behind those that wait; any thread may."""
        self._interrupts.expect(number)
        self._commands.put((number, command))

    def work(self) -> NoReturn:
        """Carry out commands for ever."""
        from llama_cpp import llama_cpp

        self._log.capture()
        llama_cpp.llama_backend_init()
        while True:
            number, command = self._commands.get()
            self._outbox.send(number, self._attempt(number, command))

    def _attempt(self, number: int, command: wire.Command) -> wire.Reply:
        """Carry out a command, or say why not: the client waits for an answer."""
        self._interrupts.begin({number})
        try:
            return self._carry_out(number, command)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
            return failure(error)
        finally:
            self._interrupts.end()
            self._interrupts.forget(number)

    def _carry_out(self, number: int, command: wire.Command) -> wire.Reply:
        match command:
            case wire.LoadEncoder():
                self._unload()
                self._encoder = load_encoder(
                    command,
                    self._log,
                    self._interrupts,
                    lambda progress: self._outbox.send(number, Loading(progress)),
                )
                return self._encoder.info
            case wire.Embed(texts):
                return self._loaded().embed(texts)
            case wire.Rerank(query, texts):
                return self._loaded().rerank(query, texts)
            case wire.Unload():
                self._unload()
                return wire.Finished()
            case _:
                raise EngineError(_("this process holds an encoder and does nothing else"))

    def _unload(self) -> None:
        encoder, self._encoder = self._encoder, None
        if encoder is not None:
            encoder.close()

    def _loaded(self) -> Encoder:
        if self._encoder is None:
            raise EngineError(_("no model is loaded"))
        return self._encoder


def main() -> NoReturn:
    """Serve the client at the other end of the pipes."""
    # The terminal's Ctrl-C is the client's to handle.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    forbid_network()
    commands, replies = own_descriptors()
    outbox = Outbox(replies)
    interrupts = Interrupts()
    worker = Worker(outbox, interrupts)
    threading.Thread(
        target=listen, args=(commands, outbox, worker.take, interrupts.cancel), daemon=True
    ).start()
    worker.work()


if __name__ == "__main__":
    main()
