"""The child process as its parent sees it: started, spoken to, watched, ended."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from typing import Any

from workbench.engine import wire
from workbench.engine.protocol import Done
from workbench.errors import Cancelled, EngineError
from workbench.i18n import _

PATIENCE = 10.0
"""Seconds a process may take to obey a cancel, which is sent once more in the middle of them; the
longest step of llama.cpp that cannot be stopped inside is a chunk of prefill on a GPU."""
_TAIL = 4000
_GRACE = 2.0


class EngineProcess:
    """A running child; every command gets an inbox of its replies.

    ``module`` is what it runs. An inbox yields None when the process has ended: whoever waits is
    always woken.
    """

    def __init__(self, module: str = "workbench.engine.child") -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        try:
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
                bufsize=0,
                env=_environment(),
            )
        except OSError as error:
            self._errors.close()
            raise EngineError(
                _("the engine process cannot be started: {error}").format(error=error)
            ) from None
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        # Numbers of commands, negative where the watchdog is to send the cancel; a SimpleQueue,
        # for the garbage collector may put into it at any moment.
        self._to_stop: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._inboxes: dict[int, queue.SimpleQueue[Any]] = {}
        self._last = 0
        self._over = False
        self.gave_up_on: int | None = None
        """The command that was cancelled in vain, so that the process had to be killed."""
        threading.Thread(target=self._receive, name="engine replies", daemon=True).start()
        threading.Thread(target=self._insist, name="engine watchdog", daemon=True).start()

    @property
    def identifier(self) -> int:
        """The process id."""
        return self._child.pid

    @property
    def over(self) -> bool:
        """Whether the process has ended."""
        return self._over

    def open(self, command: wire.Command) -> tuple[int, "queue.SimpleQueue[Any]"]:
        """Send a command; return its number and the inbox of its replies."""
        return self.open_all([command])[0]

    def open_all(
        self, commands: Sequence[wire.Command]
    ) -> list[tuple[int, "queue.SimpleQueue[Any]"]]:
        """Send commands with nothing between them; return number and inbox of each."""
        opened: list[tuple[int, queue.SimpleQueue[Any]]] = []
        with self._lock:
            over = self._over
            for _command in commands:
                self._last += 1
                inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
                opened.append((self._last, inbox))
                if over:
                    inbox.put(None)
                else:
                    self._inboxes[self._last] = inbox
        if not over:
            numbers = [number for number, _inbox in opened]
            # All are encoded before the first is sent: the process may wait for the last.
            lines = b"".join(map(wire.encode, numbers, commands))
            with self._writing:
                self._write(lines)
        return opened

    def forget(self, number: int) -> None:
        """Close the inbox of a command."""
        with self._lock:
            self._inboxes.pop(number, None)

    def send(self, number: int, command: wire.Command) -> None:
        """Send a line; a process that has ended is met in the inbox, not here."""
        line = wire.encode(number, command)
        with self._writing:
            self._write(line)

    def abandon(self, number: int) -> None:
        """Cancel a command whose replies nobody wants; never waits, not even for a lock."""
        self._to_stop.put(-number)

    def _write(self, lines: bytes) -> None:
        rest = memoryview(lines)
        assert self._child.stdin is not None
        try:
            while rest:
                rest = rest[self._child.stdin.write(rest) :]
        except (OSError, ValueError):
            return
        except BaseException:
            # Half a line was sent: what follows could not be understood.
            self._child.kill()
            raise

    def next(self, inbox: "queue.SimpleQueue[Any]") -> Any:
        """Wait for a reply; raise what it reports, or how the process ended."""
        reply = inbox.get()
        if reply is None:
            raise self.death()
        if isinstance(reply, wire.Failed):
            kind = Cancelled if reply.cancelled else EngineError
            raise kind(reply.what, path=reply.path, fix=reply.fix)
        return reply

    def ask(self, command: wire.Command, kind: type) -> Any:
        """Send a command and wait for its reply of one kind; EngineError, Cancelled."""
        return self.reply(*self.open(command), kind)

    def reply(self, number: int, inbox: "queue.SimpleQueue[Any]", kind: type) -> Any:
        """Wait for the reply of one kind to a command; EngineError, Cancelled."""
        try:
            while not isinstance(reply := self.next(inbox), kind):
                pass
            return reply
        finally:
            self.forget(number)

    def cancel(self, number: int) -> None:
        """Stop a command; a process that does not obey in time is ended."""
        self._to_stop.put(number)
        self.send(number, wire.Cancel())

    def kill(self) -> None:
        """End the process at once."""
        self._child.kill()

    def end(self) -> None:
        """Ask the process to end, then make it."""
        with contextlib.suppress(OSError):
            assert self._child.stdin is not None
            self._child.stdin.close()
        try:
            self._child.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def death(self) -> EngineError:
        """Say in one line how the process ended."""
        try:
            status = self._child.wait(_GRACE)
        except subprocess.TimeoutExpired:
            # It closed its pipe and went on: of no use any more.
            self._child.kill()
            status = self._child.wait()
        how = (
            _("signal {number}").format(number=-status)
            if status < 0
            else _("status {number}").format(number=status)
        )
        said = self._last_words()
        what = (
            _("the engine process ended ({how}): {said}").format(how=how, said=said)
            if said
            else _("the engine process ended ({how})").format(how=how)
        )
        return EngineError(what, fix=_advice(status))

    def _last_words(self) -> str:
        """Return the last line native code printed, such as a failed assertion."""
        size = os.fstat(self._errors.fileno()).st_size
        tail = os.pread(self._errors.fileno(), _TAIL, max(0, size - _TAIL))
        lines = [line.strip() for line in tail.decode("utf-8", "replace").splitlines()]
        return next((line for line in reversed(lines) if line), "")

    def _receive(self) -> None:
        """Put every reply into its inbox; at the end of them, None into all there are."""
        try:
            self._distribute()
        finally:
            self._to_stop.put(None)
            with self._lock:
                self._over = True
                for inbox in self._inboxes.values():
                    inbox.put(None)
                self._inboxes.clear()

    def _distribute(self) -> None:
        assert self._child.stdout is not None
        with (
            contextlib.suppress(OSError),
            os.fdopen(os.dup(self._child.stdout.fileno()), "rb") as lines,
        ):
            for line in lines:
                try:
                    number, reply = wire.decode(line)
                except wire.WireError:
                    # Half a line is what a process killed while writing leaves behind.
                    self._child.kill()
                    break
                with self._lock:
                    # A command that is over needs no inbox: who waits for it has it in hand.
                    over = isinstance(reply, Done | wire.Failed | wire.Finished)
                    take = self._inboxes.pop if over else self._inboxes.get
                    inbox = take(number, None)
                if inbox is not None:
                    inbox.put(reply)

    def _insist(self) -> None:
        """Cancel again what is not over in half the time; end the process in the whole of it."""
        deadlines: list[tuple[float, int, bool]] = []
        while True:
            wait = max(0.0, deadlines[0][0] - time.monotonic()) if deadlines else None
            try:
                number, again = self._to_stop.get(timeout=wait), True
            except queue.Empty:
                _deadline, number, again = deadlines.pop(0)
                if not self._waits(number):
                    continue
                if not again:
                    self._give_up_on(number)
                    continue
                self._nudge(number)
                again = False
            if number is None:
                return
            if number < 0:
                number = -number
                self._nudge(number)
            deadlines.append((time.monotonic() + PATIENCE / 2, number, again))

    def _nudge(self, number: int) -> None:
        """Send a cancel, unless a process that no longer reads keeps who writes to it waiting."""
        if self._writing.acquire(timeout=1.0):
            try:
                self._write(wire.encode(number, wire.Cancel()))
            finally:
                self._writing.release()

    def _waits(self, number: int) -> bool:
        with self._lock:
            return number in self._inboxes

    def _give_up_on(self, number: int) -> None:
        with self._lock:
            if number not in self._inboxes:
                return
            self.gave_up_on = number
        self._child.kill()


def _environment() -> dict[str, str]:
    """Return the environment of the child.

    GNU's OpenMP lets threads that wait for each other spin for so long that one busy program beside
    llama.cpp stops it nearly dead: on 2 cores the 0.5B then wrote less than one token a second.
    Spinning as little as here it wrote 6, with 1000 it wrote 11; alone it reads as fast as ever and
    writes 3 % slower, while 1000 would cost a tenth of the reading (llama-bench, medians of five).
    """
    return {
        "GOMP_SPINCOUNT": "5000",
        **os.environ,
        # llama.cpp would start a debugger on itself before it aborts.
        "GGML_NO_BACKTRACE": "1",
    }


def _advice(status: int) -> str:
    if status == -signal.SIGKILL:
        return _("Memory may have run out: try again, or take a smaller model or context.")
    if status == -signal.SIGILL:
        return _("llama.cpp was built for another processor: install it again on this machine.")
    return _("Try again: the model is loaded anew.")
