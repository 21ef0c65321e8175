"""How a model is run, setting by setting: what each costs here, and what fits.

Everything is worked out from the header of the file; nothing is loaded.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from workbench.catalog.fit import memory_needed
from workbench.catalog.gguf import GgufHeader
from workbench.desk.settings_help import MODEL, Explained, parsed
from workbench.engine.protocol import ModelInfo
from workbench.errors import WorkbenchError
from workbench.i18n import _
from workbench.settings import KV_TYPES, Settings
from workbench.sizes import gigabytes
from workbench.tasks.calibration import Calibration, choose_draft, choose_sequences
from workbench.tasks.load_options import load_options, parse_adapters, parse_split

_SHOWN = (
    *("context", "kv_type", "gpu_layers", "threads", "sequences", "lora"),
    *("temperature", "seed", "lookup", "main_gpu", "tensor_split"),
)
FIELDS: tuple[Explained, ...] = tuple(
    next(one for one in MODEL if one.name == name) for name in _SHOWN
)


@dataclass(frozen=True, slots=True)
class Machine:
    """What a model may take here: bytes of memory, cores, and the names of GPUs."""

    memory: int
    cores: int
    gpus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What a form comes to: settings as values, what is wrong, what each costs, and all together.

    ``wrong`` and ``costs`` go by the names of settings; ``fits`` is None where nothing is known.
    """

    values: Mapping[str, Any]
    wrong: Mapping[str, str] = field(default_factory=dict)
    costs: Mapping[str, str] = field(default_factory=dict)
    total: str = ""
    fits: bool | None = None


def room_for(machine: Machine, loaded: ModelInfo | None) -> Machine:
    """Count what the loaded model would give back; its weights are a file's, and free as such."""
    if loaded is None:
        return machine
    return replace(machine, memory=machine.memory + loaded.kv_bytes + loaded.compute_bytes)


def reckon(
    texts: Mapping[str, str],
    base: Settings,
    machine: Machine,
    header: GgufHeader | None,
    speed: Calibration | None = None,
) -> Reckoning:
    """Read a form and say what it comes to; what is wrong in one field does not hide the others."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, text in texts.items():
        try:
            values[name] = parsed(name, text)
            if name == "lora":
                parse_adapters(text)
            elif name == "tensor_split":
                parse_split(text)
        except WorkbenchError as error:
            wrong[name] = error.what
    settings = replace(base, **{name: one for name, one in values.items() if name not in wrong})
    if header is not None and settings.lora and "lora" not in wrong:
        try:
            load_options(replace(settings, tensor_split=""), header.path, header)
        except WorkbenchError as error:
            wrong["lora"] = str(error)
    costs = _costs(settings, machine, header, speed)
    if header is None:
        return Reckoning(values, wrong, costs)
    adapters = 0 if "lora" in wrong else _adapter_bytes(settings.lora)
    need = memory_needed(header, settings.context, settings.kv_type) + adapters
    cache = _cache(header, settings.context, settings.kv_type)
    fits = need <= machine.memory
    said = _(
        "{need} of the {memory} that are free: weights {weights}, KV cache {cache}, the rest {rest}"
    ).format(
        need=gigabytes(need),
        memory=gigabytes(machine.memory),
        weights=gigabytes(header.file_size),
        cache=gigabytes(cache),
        rest=gigabytes(need - header.file_size - cache),
    )
    return Reckoning(values, wrong, costs, said, fits)


def _costs(
    settings: Settings, machine: Machine, header: GgufHeader | None, speed: Calibration | None
) -> dict[str, str]:
    costs = {
        "threads": _("{count} physical cores here").format(count=machine.cores),
        "sequences": _("{count} at once").format(count=choose_sequences(settings.sequences, speed)),
        "lookup": _("guesses {count} tokens at a time").format(count=draft)
        if (draft := choose_draft(settings.lookup, speed))
        else _("not used as things are"),
        "temperature": _("the same result each time")
        if not settings.temperature
        else _("another result for another seed"),
        "gpu_layers": ", ".join(machine.gpus)
        if machine.gpus
        else _("no GPU here that llama.cpp can use: the processor computes alone"),
    }
    if header is None:
        return costs
    if machine.gpus and header.block_count:
        costs["gpu_layers"] += " · " + _("{count} layers").format(count=header.block_count + 1)
    most = _most_context(header, settings.kv_type, machine.memory)
    costs["context"] = _(
        "{cache} of KV cache; up to {most} tokens fit, trained on {trained}"
    ).format(
        cache=gigabytes(_cache(header, settings.context, settings.kv_type)),
        most=most,
        trained=header.context_length or "?",
    )
    costs["kv_type"] = ", ".join(
        f"{kind} {gigabytes(_cache(header, settings.context, kind))}" for kind in KV_TYPES
    )
    return costs


def _cache(header: GgufHeader, context: int, kv_type: str) -> int:
    return memory_needed(header, context, kv_type) - _without_cache(header)


def _without_cache(header: GgufHeader) -> int:
    return memory_needed(replace(header, kv_heads=()), 1)


def _most_context(header: GgufHeader, kv_type: str, memory: int) -> int:
    """Return how many tokens fit at most, in whole thousands, as far as the model was trained."""
    a_token = _cache(header, 1024, kv_type) / 1024
    room = memory - _without_cache(header)
    if room <= 0:
        return 0
    most = math.floor(room / a_token) if a_token else 10**9
    return min(header.context_length or most, most // 1000 * 1000 if most > 1000 else most)


def _adapter_bytes(lora: str) -> int:
    total = 0
    for adapter in parse_adapters(lora):
        try:
            total += Path(adapter.path).stat().st_size
        except OSError:
            continue
    return total
