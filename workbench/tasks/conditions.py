"""Under which conditions a model would run here, and what was measured under them."""

from collections.abc import Callable
from pathlib import Path

from workbench.catalog.hashes import known_sha256
from workbench.engine.about import NativeReport, native_report
from workbench.engine.devices import CPU
from workbench.engine.protocol import LoadOptions
from workbench.engine.weights import threads
from workbench.settings import Settings
from workbench.tasks.calibration import Calibration, Conditions
from workbench.tasks.calibration_files import any_calibration, find
from workbench.tasks.load_options import parse_split


def conditions_of(options: LoadOptions, sha256: str, report: NativeReport) -> Conditions:
    """Return the conditions under which options would run a model, as llama.cpp reports them."""
    processors = [device.description for device in report.devices if device.kind == CPU]
    return Conditions(
        model_sha256=sha256,
        processor=", ".join(processors),
        threads=options.threads or threads(),
        cards=tuple(card.description for card in report.offload_devices),
        llama_cpp=report.version,
        features=report.features,
        kv_type=options.kv_type,
        context=options.context,
        gpu_layers=options.gpu_layers,
        main_gpu=options.main_gpu,
        tensor_split=options.tensor_split,
    )


def measured(
    options: LoadOptions,
    sha256: Callable[[], str | None],
    report: Callable[[], NativeReport] = native_report,
) -> tuple[Calibration | None, str]:
    """Return what was measured of a model under these options, and what is wrong with the file.

    ``sha256`` is that of the model, None where it is not known. Where nothing was ever measured,
    neither it nor llama.cpp is asked.
    """
    if not any_calibration():
        return None, ""
    digest = sha256()
    return find(conditions_of(options, digest, report())) if digest else (None, "")


def measured_model(
    path: Path, settings: Settings, report: Callable[[], NativeReport] = native_report
) -> tuple[Calibration | None, str]:
    """Return the same of a model file under the settings; one not hashed yet counts as unknown."""
    options = LoadOptions(
        str(path),
        context=settings.context,
        threads=settings.threads,
        gpu_layers=settings.gpu_layers,
        main_gpu=settings.main_gpu,
        tensor_split=parse_split(settings.tensor_split),
        kv_type=settings.kv_type,
    )
    return measured(options, lambda: known_sha256(path), report)
