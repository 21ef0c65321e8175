"""The one model that is loaded: which it is, how far loading is, and changing it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workbench.desk.events import EngineChanged, EngineState, Listener, Notice
from workbench.engine.protocol import Engine, LoadEvent, Loading, ModelInfo
from workbench.errors import Cancelled, WorkbenchError
from workbench.i18n import _
from workbench.settings import Settings, settings_with
from workbench.tasks.load_options import without_gpu

if TYPE_CHECKING:
    from workbench.tasks.session import Session

OpenSession = Callable[..., "Session"]


def real_session(*given: Any) -> "Session":
    """Open a session; what that takes is imported when it is first needed, not as the app opens."""
    from workbench.tasks.session import Session

    return Session(*given)


class Host:
    """Owns the session. Only the desk's thread opens or closes it; any thread may look."""

    def __init__(self, settings: Settings, open_session: OpenSession, tell: Listener):
        self.settings = settings
        self.state = EngineState(model=settings.model)
        self._open = open_session
        self._tell = tell
        self._session: Session | None = None
        self._loaded: tuple[object, ...] | None = None
        self._lock = threading.Lock()
        self.closing = False

    def use(self, model: str, changed: dict[str, Any]) -> None:
        """Have another model, or other settings, from the next job on; SettingsError if wrong."""
        new = settings_with(**{**_as_flags(self.settings), **changed, "model": model})
        self.settings = new
        self._become(replace(self.state, model=model, error=""))

    def set(self, changed: dict[str, Any]) -> None:
        """Have other settings from the next job on, the model loaded as it is; SettingsError."""
        self.settings = settings_with(**{**_as_flags(self.settings), **changed})

    def session(self, model: str = "") -> "Session":
        """Return the session with a model, by default the one in use, loaded.

        WorkbenchError says why it cannot be; what was loaded before is gone then.
        """
        wanted = replace(self.settings, model=model) if model else self.settings
        as_loaded = _of_model(wanted)
        with self._lock:
            ready = self._session if self._loaded == as_loaded else None
        if ready is not None and ready.usable:
            return ready
        self.close()
        self._become(EngineState("loading", wanted.model))
        session: Session | None = None
        try:
            session = self._open(wanted, self._loading, lambda text: self._tell(Notice(text)))
            name = session.name
            self._become(EngineState("loading", name))
            info = session.engine.model
        except WorkbenchError as error:
            if session is not None:
                session.close()
            self._failed(wanted.model, error)
            raise
        with self._lock:
            self._session, self._loaded = session, as_loaded
        self._become(EngineState("ready", name, 1.0, info=info))
        return session

    def works(self) -> bool:
        """Say whether the model can be used, loading it anew where its process has ended."""
        session = self._session
        if session is None or not session.usable:
            return False
        try:
            return bool(session.engine.model)
        except WorkbenchError as error:
            self.close()
            self._failed(self.state.model, error)
            return False

    def engine(self) -> Engine | None:
        """Return the engine, where a model is loaded."""
        with self._lock:
            session = self._session
        return session.engine if session is not None and session.usable else None

    def close(self) -> None:
        """End the engine, where there is one."""
        with self._lock:
            session, self._session, self._loaded = self._session, None, None
        if session is not None:
            session.close()
            self._become(EngineState(model=self.settings.model))

    def _failed(self, model: str, error: WorkbenchError) -> None:
        self._become(EngineState("failed", model, error=str(error)))

    def _loading(self, event: LoadEvent) -> None:
        if self.closing:
            raise Cancelled(_("stopped"))
        if isinstance(event, Loading):
            self._become(replace(self.state, phase="loading", progress=event.progress))
        elif isinstance(event, ModelInfo) and (text := without_gpu(self.settings, event)):
            self._tell(Notice(text))

    def _become(self, state: EngineState) -> None:
        self.state = state
        self._tell(EngineChanged(state))


def _as_flags(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in Settings.__dataclass_fields__}


_LOADED_WITH = (
    "model",
    "context",
    "threads",
    "gpu_layers",
    "main_gpu",
    "tensor_split",
    "kv_type",
    "lora",
    "sequences",
    "lookup",
    "cache_gb",
    "allow_remote_server",
)


def _of_model(settings: Settings) -> tuple[object, ...]:
    """Return the settings that a model is loaded with; others change from call to call."""
    return tuple(getattr(settings, name) for name in _LOADED_WITH)
