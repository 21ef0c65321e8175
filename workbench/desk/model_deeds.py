"""Getting, checking, adding and measuring models, one after another, while the app goes on."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from workbench.catalog.progress import Progress
from workbench.errors import Cancelled, ModelError, WorkbenchError
from workbench.i18n import N_, _
from workbench.settings import Settings

PULL, VERIFY, ADD, BENCH = "pull", "verify", "add", "bench"
NAMES = {
    PULL: N_("getting"),
    VERIFY: N_("checking"),
    ADD: N_("adding"),
    BENCH: N_("measuring"),
}
_TOLD_EVERY_SECONDS = 0.2
_CLOSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing to be done with a model: ``name`` is its name, or the path of a file to add.

    ``called`` is what such a file is to be called, empty for its own name.
    """

    kind: str
    name: str
    called: str = ""


@dataclass(frozen=True, slots=True)
class DeedProgress:
    """How far a deed is: bytes (a measurement: thousandths), bytes a second; ``line`` says it."""

    deed: Deed
    done: int
    total: int
    rate: float
    line: str


@dataclass(frozen=True, slots=True)
class DeedEnded:
    """A deed is over: ``state`` is ``done``, ``stopped`` or ``failed``."""

    deed: Deed
    state: str
    line: str


DeedEvent = DeedProgress | DeedEnded


class Holds(Protocol):
    """What holds work back while a model is measured."""

    @property
    def paused(self) -> bool:
        """Say whether it is held back already."""

    @property
    def settings(self) -> Settings:
        """Return the settings that work is done with."""

    def pause(self, *, keep: bool) -> None:
        """Hold it back; ``keep``: also at the next start."""

    def resume(self) -> None:
        """Let it go on."""


class ModelDeeds:
    """Does deeds on a thread of its own, in the order they came; ``tell`` hears on that thread."""

    def __init__(self, desk: Holds, tell: Callable[[DeedEvent], None]) -> None:
        self._desk = desk
        self._tell = tell
        self._changed = threading.Lock()
        self._waiting: deque[Deed] = deque()
        self._running: Deed | None = None
        self._stop = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> Deed | None:
        """Return what is being done."""
        return self._running

    @property
    def waiting(self) -> list[Deed]:
        """Return what waits, in order."""
        return list(self._waiting)

    def do(self, deed: Deed) -> bool:
        """Have something done; False where the very same is under way or waits."""
        with self._changed:
            if self._closed or deed == self._running or deed in self._waiting:
                return False
            self._waiting.append(deed)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="models", daemon=True)
                self._thread.start()
        return True

    def stop(self) -> None:
        """Stop what is being done; what a pull has got stays, and the next one goes on from it."""
        self._stop.set()

    def close(self) -> None:
        """Stop everything, and wait a little for it to end."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            thread = self._thread
        self._stop.set()
        if thread is not None:
            thread.join(_CLOSE_SECONDS)

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._waiting:
                    self._thread, self._running = None, None
                    return
                self._running = self._waiting.popleft()
                if not self._closed:
                    self._stop.clear()
            deed = self._running
            try:
                ended = DeedEnded(deed, "done", self._done(deed))
            except Cancelled:
                ended = DeedEnded(deed, "stopped", _("stopped: {name}").format(name=deed.name))
            except WorkbenchError as error:
                ended = DeedEnded(deed, "failed", str(error))
            except Exception as error:  # noqa: BLE001 - the others have to go on
                ended = DeedEnded(deed, "failed", f"{type(error).__name__}: {error}")
            with self._changed:
                self._running = None
            self._tell(ended)

    def _done(self, deed: Deed) -> str:
        following = _Following(deed, self._tell, self._stop)
        following.check()
        if deed.kind == PULL:
            return _pulled(deed.name, following)
        if deed.kind == VERIFY:
            return _verified(deed.name, following)
        if deed.kind == ADD:
            return _added(deed, following)
        return self._measured(deed.name, following)

    def _measured(self, name: str, following: "_Following") -> str:
        from dataclasses import replace

        from workbench.tasks.calibrate import Calibrator, Observer

        held = self._desk.paused
        if not held:
            self._desk.pause(keep=False)
        try:
            calibrator = Calibrator(
                replace(self._desk.settings, model=name),
                Observer(
                    lambda _event: following.check(),
                    lambda event: following.share(event.done, event.total),
                    lambda line: following.say(line),
                ),
            )
            calibration, _path = calibrator.run()
        finally:
            if not held:
                self._desk.resume()
        return _("{name}: reads {read:.0f} and writes {write:.1f} tokens/s").format(
            name=calibrator.name,
            read=calibration.read_tps,
            write=calibration.write_tps[min(calibration.write_tps)],
        )


class _Following:
    """Tells of progress now and then, and stops where that is wished."""

    def __init__(
        self, deed: Deed, tell: Callable[[DeedEvent], None], stop: threading.Event
    ) -> None:
        self._deed, self._tell, self._stop = deed, tell, stop
        self._began: tuple[float, int, str] | None = None
        self._told = 0.0

    def check(self) -> None:
        """Raise Cancelled where the user stopped it."""
        if self._stop.is_set():
            raise Cancelled(_("stopped"))

    def __call__(self, event: Progress) -> None:
        """Take what a pull or a check tells."""
        self.check()
        now = time.monotonic()
        if self._began is None or self._began[2] != event.phase:
            self._began, self._told = (now, event.done, event.phase), 0.0
        if now - self._told < _TOLD_EVERY_SECONDS and event.done < event.total:
            return
        self._told = now
        seconds = now - self._began[0]
        rate = (event.done - self._began[1]) / seconds if seconds > 0 else 0.0
        said = {
            "waiting": _("another process gets it"),
            "downloading": _("getting"),
            "verifying": _("checking the SHA-256"),
        }[event.phase]
        self._tell(DeedProgress(self._deed, event.done, event.total, rate, said))

    def share(self, done: float, total: float) -> None:
        """Take how far a measurement is."""
        self.check()
        share = int(1000 * done / total) if total else 0
        self._tell(DeedProgress(self._deed, share, 1000, 0.0, _("measuring; work is held back")))

    def say(self, line: str) -> None:
        """Take something the user should know."""
        self._tell(DeedProgress(self._deed, 0, 0, 0.0, line))


def _pulled(name: str, following: _Following) -> str:
    from workbench.catalog.pull import pull
    from workbench.catalog.registry import catalogued
    from workbench.offline import allow_network

    with allow_network():
        result = pull(catalogued(name), progress=following)
    if not result.source:
        return _("{name} is here already, its SHA-256 is right").format(name=name)
    return _("got {name} from the {source}, its SHA-256 is right").format(
        name=name, source=result.source
    )


def _verified(name: str, following: _Following) -> str:
    from workbench.catalog.registry import verify

    result = verify(name, following)
    if not result.ok:
        raise ModelError(
            _("the SHA-256 is {got}, it should be {expected}").format(
                got=result.sha256, expected=result.expected
            ),
            path=result.path,
            fix=_("Remove it and get it again."),
        )
    if result.expected is None:
        return _("{name}: {digest}, nothing to compare it with").format(
            name=name, digest=result.sha256
        )
    return _("{name}: the SHA-256 is right").format(name=name)


def _added(deed: Deed, following: _Following) -> str:
    from workbench.catalog.registry import add

    model = add(Path(deed.name), name=deed.called or None, progress=following)
    return _("added {name}; the file stays where it is").format(name=model.name)
