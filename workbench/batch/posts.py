"""Who does the work: a model loaded here, or a server, with as many pieces at once as suit it."""

import threading
import time
from collections.abc import Callable
from typing import Protocol

from workbench.engine.openai.address import names_server
from workbench.engine.openai.retry import Backoff
from workbench.engine.protocol import Engine, LoadEvent
from workbench.errors import UsageError
from workbench.evaluation.matrix import Runner
from workbench.i18n import _
from workbench.settings import Settings
from workbench.tasks.result import ModelIdentity
from workbench.tasks.session import Session

MOST_THREADS = 64
_SHARE_OF_CONTEXT = 0.75
"""The rest of the context is for what is written and for calls of another kind."""
_LONGEST_REST = 60.0


class OpenSession(Protocol):
    """Makes what runs a model; nothing is loaded before it is needed."""

    def __call__(
        self,
        settings: Settings,
        on_load: Callable[[LoadEvent], None],
        notify: Callable[[str], None],
        patience: float,
    ) -> Runner:
        """Return it; WorkbenchError where there is no such model."""


def open_session(
    settings: Settings,
    on_load: Callable[[LoadEvent], None],
    notify: Callable[[str], None],
    patience: float,
) -> Runner:
    """Return a session; a server is given up sooner than where one person waits for one answer."""
    silence = max(1.0, patience / 2)
    backoff = Backoff(attempts=2)
    return Session(settings, on_load, notify, silence=silence, backoff=backoff, mixed=True)


class Post:
    """One engine and what is known of its health; the engine is started once, by who needs it."""

    def __init__(self, name: str, session: Runner, clock: Callable[[], float] = time.monotonic):
        self.name = name
        self.served = names_server(name)
        self.alive_at = clock()
        self.done = 0
        self._session = session
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._until = 0.0
        self._told: set[str] = set()

    @property
    def model(self) -> ModelIdentity:
        """Return which model it is; EngineError where a server is to tell it and does not."""
        with self._lock:
            return self._session.model

    def engine(self) -> Engine:
        """Return the engine, started; EngineError where it cannot be."""
        with self._lock:
            engine = self._session.engine
        engine.model  # noqa: B018 - loads it
        return engine

    def require(self, identity: ModelIdentity) -> None:
        """Refuse a server of another model; UsageError says which it runs."""
        if self.model != identity:
            raise UsageError(
                _("{name} runs {theirs}, not {ours}").format(
                    name=self.name, theirs=self.model.name, ours=identity.name
                ),
                fix=_("Leave out --spread to have each model do everything."),
            )

    @property
    def usable(self) -> bool:
        """Say whether the model was loaded."""
        return self._session.usable

    def size(self) -> tuple[int, int]:
        """Return how many pieces are done at once, and the tokens their articles may take."""
        info = self.engine().model
        threads = max(1, min(info.sequences, MOST_THREADS))
        contexts = info.sequences if self.served else 1
        return threads, int(info.context * contexts * _SHARE_OF_CONTEXT)

    def well(self) -> None:
        """Note that it did a piece."""
        self.done += 1
        self._failures = 0
        self.alive_at = self._clock()

    def rest(self) -> None:
        """Leave it alone for a while, the longer the more often it failed."""
        self._failures += 1
        self._until = self._clock() + min(_LONGEST_REST, 0.5 * 2.0 ** (self._failures - 1))

    @property
    def resting(self) -> float:
        """For how many seconds it is still to be left alone."""
        return max(0.0, self._until - self._clock())

    def doubts(self) -> list[str]:
        """Return what was not yet told of counts that cannot be true."""
        if not self._session.usable:
            return []
        found: tuple[str, ...] = getattr(self._session.engine, "doubts", ())
        new = [one for one in found if one not in self._told]
        self._told.update(new)
        return new

    def cancel(self) -> None:
        """Stop what it does; what is begun after this goes on."""
        if self._session.usable:
            self._session.engine.cancel()

    def close(self) -> None:
        """End the engine."""
        self._session.close()
