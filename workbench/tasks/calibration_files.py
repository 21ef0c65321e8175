"""Calibrations on disk: one JSON file for each set of conditions, in the data folder."""

import json
import math
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.errors import ModelError
from workbench.files import write_atomically
from workbench.i18n import _
from workbench.paths import data_folder
from workbench.tasks.calibration import Calibration, Conditions, Sample

_FORMAT = 1
_TUPLES = ("cards", "features", "tensor_split")


def calibrations_folder() -> Path:
    """Return the folder of calibrations, whether it exists or not."""
    return data_folder() / "calibrations"


def any_calibration() -> bool:
    """Tell whether anything was ever measured here, so that looking further is worth while."""
    try:
        return any(calibrations_folder().glob("*.json"))
    except OSError:
        return False


def save(calibration: Calibration) -> Path:
    """Write a calibration in one step, in place of an earlier one, and return its file.

    Raises ModelError where it cannot be written.
    """
    path = _file(calibration.conditions)
    try:
        write_atomically(path, json.dumps(to_json(calibration), ensure_ascii=False, indent=2))
    except OSError as error:
        raise ModelError(
            _("cannot be written: {reason}").format(reason=error.strerror or error), path=path
        ) from None
    return path


def find(conditions: Conditions) -> tuple[Calibration | None, str]:
    """Return what was measured under these conditions, None where nothing was.

    The second value says what is wrong with the file, empty where nothing is; a file that cannot
    be used counts as none.
    """
    path = _file(conditions)
    try:
        calibration = from_json(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None, ""
    except (OSError, ValueError, RecursionError):
        return None, _(
            "{path}: the measured speeds cannot be read and are not used; run 'workbench bench'"
        ).format(path=path)
    # The name of a file says what should be in it, not what is.
    return (calibration, "") if calibration.conditions.key == conditions.key else (None, "")


def to_json(calibration: Calibration) -> dict[str, Any]:
    """Return a calibration as JSON takes it."""
    return {
        "format": _FORMAT,
        "conditions": asdict(calibration.conditions),
        "date": calibration.date,
        "prompt_tokens": calibration.prompt_tokens,
        "reading": list(calibration.reading.values),
        "writing": {str(n): list(sample.values) for n, sample in calibration.writing.items()},
        "quoting": {str(n): list(sample.values) for n, sample in calibration.quoting.items()},
        "prose": {str(n): list(sample.values) for n, sample in calibration.prose.items()},
        "other_load": calibration.other_load,
        "cores": calibration.cores,
    }


def from_json(document: Any) -> Calibration:
    """Read what ``to_json`` wrote; ValueError where it is anything else."""
    try:
        if document["format"] != _FORMAT:
            raise ValueError(document["format"])
        values: dict[str, Any] = {
            name: tuple(_exactly(list, value)) if name in _TUPLES else value
            for name, value in document["conditions"].items()
        }
        conditions = Conditions(**values)
        _check_conditions(conditions)
        writing = _samples(document["writing"])
        if not writing:
            raise ValueError(writing)
        return Calibration(
            conditions=conditions,
            date=datetime.fromisoformat(document["date"]).isoformat(),
            prompt_tokens=_exactly(int, document["prompt_tokens"]),
            reading=_sample(document["reading"]),
            writing=writing,
            quoting=_samples(document["quoting"]),
            prose=_samples(document["prose"]),
            other_load=_number(document["other_load"]),
            cores=_exactly(int, document["cores"]),
        )
    except (AttributeError, KeyError, OverflowError, TypeError) as error:
        raise ValueError(str(error)) from None


def _file(conditions: Conditions) -> Path:
    return calibrations_folder() / f"{conditions.key[:32]}.json"


def _check_conditions(conditions: Conditions) -> None:
    for name in ("model_sha256", "processor", "llama_cpp", "kv_type"):
        _exactly(str, getattr(conditions, name))
    for name in ("threads", "context", "gpu_layers", "main_gpu"):
        _exactly(int, getattr(conditions, name))
    for text in (*conditions.cards, *conditions.features):
        _exactly(str, text)
    for share in conditions.tensor_split:
        _exactly(float, share)


def _exactly(kind: type[Any], value: Any) -> Any:
    if type(value) is not kind:
        raise ValueError(value)
    return value


def _samples(table: Any) -> dict[int, Sample]:
    found = {int(number): _sample(values) for number, values in table.items()}
    if any(number < 1 for number in found):
        raise ValueError(table)
    return dict(sorted(found.items()))


def _sample(values: Any) -> Sample:
    numbers = tuple(_number(value) for value in values)
    if not numbers or not all(numbers):
        raise ValueError(values)
    return Sample(numbers)


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value) or value < 0:
        raise ValueError(value)
    return float(value)
