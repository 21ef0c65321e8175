"""A model chosen, checked and loaded once, for any number of articles."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from types import TracebackType

from workbench.catalog.fit import available_memory, default_model, memory_needed
from workbench.catalog.hashes import file_sha256
from workbench.catalog.registry import ResolvedModel, installed, resolve
from workbench.engine.about import native_report
from workbench.engine.client import LlamaEngine
from workbench.engine.openai.address import names_server, parse_address
from workbench.engine.openai.client import OpenAIEngine
from workbench.engine.openai.exchange import SILENCE_SECONDS
from workbench.engine.openai.retry import Backoff
from workbench.engine.protocol import Engine, LoadEvent
from workbench.errors import EngineError, ModelError
from workbench.i18n import _
from workbench.paths import states_folder
from workbench.settings import Settings
from workbench.tasks.calibration import choose_draft, choose_sequences
from workbench.tasks.conditions import measured
from workbench.tasks.load_options import adapter_identities, load_options
from workbench.tasks.result import ModelIdentity

LoadObserver = Callable[[LoadEvent], None]
Notify = Callable[[str], None]


def choose_model(settings: Settings) -> tuple[ResolvedModel, str]:
    """Return the model to use and why: the one named in the settings, or the best one here."""
    if settings.model:
        return resolve(settings.model), _("as asked")
    choice = default_model(settings.context, kv_type=settings.kv_type)
    if not choice.pulled and installed():
        raise ModelError(
            _("no model on this machine fits in the memory that is available"),
            fix=_("Close programs, give a smaller --context, or get '{name}'.").format(
                name=choice.name
            ),
        )
    if not choice.pulled:
        raise ModelError(
            _("there is no model on this machine yet"),
            fix=_("Get one with 'workbench models pull', or name a GGUF with -m."),
        )
    return resolve(choice.name), choice.reason


def require_memory(model: ResolvedModel, settings: Settings) -> None:
    """Refuse a model that cannot fit, before llama.cpp makes the machine swap or dies of it."""
    needed = memory_needed(model.header, settings.context, settings.kv_type)
    available = available_memory()
    if needed > available:
        if settings.gpu_layers and native_report().gpu_offload:
            return  # what the GPU's own memory holds is for llama.cpp to find out
        raise ModelError(
            _("needs about {needed:.1f} GB of memory, {available:.1f} GB are available").format(
                needed=needed / 1e9, available=available / 1e9
            ),
            path=model.path,
            fix=_("Choose a smaller model with -m, a smaller --context, or close programs."),
        )


class LocalModel:
    """A GGUF file on this machine, run by an engine of our own."""

    def __init__(
        self,
        settings: Settings,
        on_load: LoadObserver | None = None,
        notify: Notify | None = None,
        *,
        mixed: bool = False,
    ):
        self._settings = settings
        self._on_load = on_load
        self._notify = notify
        self._resolved, self.reason = choose_model(settings)
        require_writer(self._resolved)
        options = load_options(settings, self._resolved.path, self._resolved.header)
        self._options = replace(options, mixed=mixed)
        require_memory(self._resolved, settings)

    @property
    def name(self) -> str:
        """Its name in the catalogue, or that of the file."""
        return self._resolved.name

    def identity(self) -> ModelIdentity:
        """Return which model it is; hashes the file where that is not yet known."""
        return ModelIdentity(
            name=self._resolved.name,
            sha256=file_sha256(self._resolved.path),
            quantization=self._resolved.header.quantization or "",
            adapters=adapter_identities(self._options),
        )

    def start(self, identity: Callable[[], ModelIdentity]) -> Engine:
        """Return an engine with the model loaded; EngineError where it cannot be."""
        room = self._settings.cache_bytes
        calibration, broken = measured(self._options, lambda: identity().sha256)
        if broken and self._notify is not None:
            self._notify(broken)
        options = replace(
            self._options,
            sequences=choose_sequences(self._settings.sequences, calibration),
            draft=choose_draft(self._settings.lookup, calibration),
            states=str(states_folder()) if room else "",
            states_bytes=room,
            identity=identity().sha256 or "" if room else "",
        )
        engine = LlamaEngine(options, on_event=self._on_load)
        if not engine.model.has_template:
            engine.close()
            raise EngineError(
                _("the model has no chat template, so it cannot follow instructions"),
                path=self._resolved.path,
                fix=_("Use an instruct or chat version of it."),
            )
        return engine


class ServedModel:
    """A model that a server runs, named as ``openai:URL#MODEL``."""

    def __init__(
        self,
        settings: Settings,
        silence: float = SILENCE_SECONDS,
        backoff: Backoff | None = None,
    ):
        self.reason = _("as asked")
        self._engine = OpenAIEngine(
            parse_address(settings.model),
            context=settings.context,
            allow_remote=settings.allow_remote_server,
            silence=silence,
            backoff=backoff,
        )

    @property
    def name(self) -> str:
        """Its name as the server has it; asks the server, EngineError where that fails."""
        return self._engine.name

    def identity(self) -> ModelIdentity:
        """Return what the server says of the model; nobody knows its file."""
        engine = self._engine
        return ModelIdentity(name=engine.name, sha256=None, quantization=engine.quantization)

    def start(self, _identity: Callable[[], ModelIdentity]) -> Engine:
        """Return the engine, the server having answered; EngineError where it does not."""
        _known = self._engine.model
        return self._engine


class Session(AbstractContextManager["Session"]):
    """Owns the engine; it is started when first needed and ended on leaving.

    ``on_load`` hears of loading, ``notify`` of what the user should know though the work goes on.
    ``silence`` is for how many seconds a server may say nothing, ``backoff`` how often it is tried.
    ``mixed``: it is asked about several articles at a time.
    """

    def __init__(
        self,
        settings: Settings,
        on_load: LoadObserver | None = None,
        notify: Notify | None = None,
        *,
        silence: float = SILENCE_SECONDS,
        backoff: Backoff | None = None,
        mixed: bool = False,
    ):
        self.settings = settings
        self._source: LocalModel | ServedModel = (
            ServedModel(settings, silence, backoff)
            if names_server(settings.model)
            else LocalModel(settings, on_load, notify, mixed=mixed)
        )
        self._engine: Engine | None = None
        self._identity: ModelIdentity | None = None

    @property
    def name(self) -> str:
        """The model's name; EngineError where a server is to tell it and does not."""
        return self._source.name

    @property
    def reason(self) -> str:
        """Why this model is used."""
        return self._source.reason

    @property
    def model(self) -> ModelIdentity:
        """Return the identity of the model; hashes the file where it is not yet known."""
        if self._identity is None:
            self._identity = self._source.identity()
        return self._identity

    @property
    def engine(self) -> Engine:
        """Return the engine with the model loaded; EngineError where it cannot be."""
        if self._engine is None:
            self._engine = self._source.start(lambda: self.model)
        return self._engine

    @property
    def usable(self) -> bool:
        """Say whether the model could be loaded, so that another article is worth trying."""
        return self._engine is not None

    def close(self) -> None:
        """End the engine and its process."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def require_writer(model: ResolvedModel) -> None:
    """Refuse a file that is an encoder, an adapter or a projector."""
    role = model.entry.role if model.entry else "chat"
    if role != "chat" or model.header.kind != "model":
        raise ModelError(
            _("is not a model that writes (it is for: {role})").format(
                role=role if role != "chat" else model.header.kind
            ),
            path=model.path,
            fix=_("See 'workbench models list'."),
        )
