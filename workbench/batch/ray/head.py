"""The head's side of a model: which it is, checked before anything is sent, but not loaded here."""

from collections.abc import Callable
from pathlib import Path

from workbench import __version__
from workbench.batch.ray.files import described
from workbench.batch.ray.parcels import Orders
from workbench.engine.protocol import Engine, LoadEvent
from workbench.errors import EngineError
from workbench.i18n import _
from workbench.settings import Settings
from workbench.tasks.load_options import adapter_identities, load_options
from workbench.tasks.result import ModelIdentity
from workbench.tasks.session import choose_model, require_writer


class HeadModel:
    """A model as the head knows it; ModelError where it is none that writes."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._resolved, self.reason = choose_model(settings)
        require_writer(self._resolved)
        self._options = load_options(settings, self._resolved.path, self._resolved.header)
        self._model: ModelIdentity | None = None

    @property
    def model(self) -> ModelIdentity:
        """Return which model it is; hashes the file where that is not yet known."""
        if self._model is None:
            self._model = ModelIdentity(
                name=self._resolved.name,
                sha256=described(self._resolved.path).sha256,
                quantization=self._resolved.header.quantization or "",
                adapters=adapter_identities(self._options),
            )
        return self._model

    @property
    def engine(self) -> Engine:
        """Refuse: engines run on the nodes."""
        raise EngineError(_("the model is not loaded on this machine but on the cluster's nodes"))

    @property
    def usable(self) -> bool:
        """Say that nothing is loaded here."""
        return False

    def close(self) -> None:
        """Nothing was opened."""

    def orders(self) -> Orders:
        """Return what the nodes have to know."""
        return Orders(
            self._settings,
            self.model,
            described(self._resolved.path),
            tuple((described(Path(one.path)), one.scale) for one in self._options.adapters),
            __version__,
        )


def head_model(
    settings: Settings,
    on_load: Callable[[LoadEvent], None],
    notify: Callable[[str], None],
    patience: float,
) -> HeadModel:
    """Return the model of the settings as the head knows it; nothing is loaded or waited for."""
    return HeadModel(settings)
