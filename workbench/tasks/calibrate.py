"""Measure a model on this machine and remember the result."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from workbench.catalog.hashes import file_sha256
from workbench.engine.about import native_report
from workbench.engine.client import LlamaEngine
from workbench.engine.openai.address import names_server
from workbench.engine.protocol import LoadEvent, LoadOptions
from workbench.errors import UsageError
from workbench.i18n import _
from workbench.settings import Settings
from workbench.tasks.calibration import Calibration, is_busy
from workbench.tasks.calibration_files import find, save
from workbench.tasks.conditions import conditions_of
from workbench.tasks.load_options import load_options
from workbench.tasks.measuring import Measuring, Speeds, measure
from workbench.tasks.other_load import OtherLoad
from workbench.tasks.session import choose_model, require_memory, require_writer


@dataclass(frozen=True, slots=True)
class Observer:
    """Who hears of loading, of what is measured now, and of what should be known."""

    loading: Callable[[LoadEvent], None]
    measuring: Callable[[Measuring], None]
    notice: Callable[[str], None]


class Calibrator:
    """A model that is going to be measured; a WorkbenchError says why it cannot be."""

    def __init__(self, settings: Settings, observer: Observer):
        if names_server(settings.model):
            raise UsageError(
                _("only a model on this machine can be measured"),
                fix=_("Name a GGUF with -m; a server decides itself how it runs its model."),
            )
        self._settings = settings
        self._observer = observer
        self._warned = False
        self._model, self.reason = choose_model(settings)
        require_writer(self._model)
        self._options = load_options(settings, self._model.path, self._model.header)
        require_memory(self._model, settings)

    @property
    def name(self) -> str:
        """The model's name in the catalogue, or that of the file."""
        return self._model.name

    def run(self) -> tuple[Calibration, Path]:
        """Measure and store; nothing is stored where that is stopped or fails."""
        sha256 = file_sha256(self._model.path)
        conditions = conditions_of(self._options, sha256, native_report())
        _earlier, broken = find(conditions)
        if broken:
            self._observer.notice(broken)
        with tempfile.TemporaryDirectory() as nothing:
            options = self._options
            if self._settings.cache_bytes:
                # What attention is chosen depends on whether states are kept; that none fits into
                # one byte leaves the disk out.
                options = replace(options, states=nothing, states_bytes=1, identity=sha256)
            speeds, load = self._measured(options)
        self._warn(load)
        calibration = Calibration(
            conditions=conditions,
            date=datetime.now(UTC).isoformat(timespec="seconds"),
            prompt_tokens=speeds.prompt_tokens,
            reading=speeds.reading,
            writing=speeds.writing,
            quoting=speeds.quoting,
            prose=speeds.prose,
            other_load=round(load, 2),
            cores=_cores(),
        )
        return calibration, save(calibration)

    def _measured(self, options: LoadOptions) -> tuple[Speeds, float]:
        """Return the speeds, and the share of a core that other programs took meanwhile."""
        engine = LlamaEngine(options, on_event=self._observer.loading)
        others = OtherLoad(lambda: engine.process_id)
        try:
            speeds = measure(engine, options, lambda event: self._measuring(event, others))
            return speeds, others.cores()
        finally:
            engine.close()

    def _measuring(self, event: Measuring, others: OtherLoad) -> None:
        if event.what != "probing":
            self._warn(others.cores())
        self._observer.measuring(event)

    def _warn(self, load: float) -> None:
        """Say once that the machine is busy."""
        if self._warned or not is_busy(load, _cores()):
            return
        self._warned = True
        self._observer.notice(
            _(
                "other programs keep {cores:.1f} cores busy: the speeds will be too low; close them"
                " and measure again"
            ).format(cores=load)
        )


def _cores() -> int:
    return os.cpu_count() or 1
