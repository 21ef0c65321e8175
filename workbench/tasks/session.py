"""A model chosen, checked and loaded once, for any number of articles."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType

from workbench.catalog.fit import available_memory, default_model, memory_needed
from workbench.catalog.hashes import file_sha256
from workbench.catalog.registry import ResolvedModel, installed, resolve
from workbench.engine.about import native_report
from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import LoadEvent, LoadOptions
from workbench.errors import EngineError, ModelError
from workbench.i18n import _
from workbench.paths import states_folder
from workbench.settings import Settings
from workbench.tasks.result import ModelIdentity

LoadObserver = Callable[[LoadEvent], None]


def choose_model(settings: Settings) -> tuple[ResolvedModel, str]:
    """Return the model to use and why: the one named in the settings, or the best one here."""
    if settings.model:
        return resolve(settings.model), _("as asked")
    choice = default_model(settings.context)
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


def require_memory(model: ResolvedModel, context: int, gpu_layers: int = 0) -> None:
    """Refuse a model that cannot fit, before llama.cpp makes the machine swap or dies of it."""
    needed, available = memory_needed(model.header, context), available_memory()
    if needed > available:
        if gpu_layers and native_report().gpu_offload:
            return  # what the GPU's own memory holds is for llama.cpp to find out
        raise ModelError(
            _("needs about {needed:.1f} GB of memory, {available:.1f} GB are available").format(
                needed=needed / 1e9, available=available / 1e9
            ),
            path=model.path,
            fix=_("Choose a smaller model with -m, a smaller --context, or close programs."),
        )


class Session(AbstractContextManager["Session"]):
    """Owns the engine; it is started when first needed and ended on leaving."""

    def __init__(self, settings: Settings, on_load: LoadObserver | None = None):
        self.settings = settings
        self.resolved, self.reason = choose_model(settings)
        self._refuse_other_kinds()
        require_memory(self.resolved, settings.context, settings.gpu_layers)
        self._on_load = on_load
        self._engine: LlamaEngine | None = None
        self._identity: ModelIdentity | None = None

    @property
    def model(self) -> ModelIdentity:
        """Return the identity of the model; hashes the file where it is not yet known."""
        if self._identity is None:
            header = self.resolved.header
            self._identity = ModelIdentity(
                name=self.resolved.name,
                sha256=file_sha256(self.resolved.path),
                quantization=header.quantization or "",
            )
        return self._identity

    @property
    def engine(self) -> LlamaEngine:
        """Return the engine with the model loaded; EngineError where it cannot be."""
        if self._engine is None:
            room = self.settings.cache_bytes
            options = LoadOptions(
                path=str(self.resolved.path),
                context=self.settings.context,
                threads=self.settings.threads,
                gpu_layers=self.settings.gpu_layers,
                states=str(states_folder()) if room else "",
                states_bytes=room,
                identity=self.model.sha256 if room else "",
            )
            engine = LlamaEngine(options, on_event=self._on_load)
            if not engine.model.has_template:
                engine.close()
                raise EngineError(
                    _("the model has no chat template, so it cannot follow instructions"),
                    path=self.resolved.path,
                    fix=_("Use an instruct or chat version of it."),
                )
            self._engine = engine
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

    def _refuse_other_kinds(self) -> None:
        role = self.resolved.entry.role if self.resolved.entry else "chat"
        if role not in ("chat",) or self.resolved.header.kind != "model":
            raise ModelError(
                _("is not a model that writes (it is for: {role})").format(
                    role=role if role != "chat" else self.resolved.header.kind
                ),
                path=self.resolved.path,
                fix=_("See 'workbench models list'."),
            )
