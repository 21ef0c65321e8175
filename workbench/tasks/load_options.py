"""From the settings to how the engine loads a model."""

import math
from pathlib import Path

from workbench.catalog.gguf import GgufHeader, read_header
from workbench.catalog.hashes import file_sha256
from workbench.engine.protocol import Adapter, LoadOptions, ModelInfo
from workbench.errors import ModelError, SettingsError
from workbench.i18n import _
from workbench.settings import Settings
from workbench.tasks.calibration import choose_draft, choose_sequences


def load_options(settings: Settings, path: Path, header: GgufHeader) -> LoadOptions:
    """Return the options to load the model at ``path`` with, of which nothing was measured.

    Raises SettingsError where a setting has no sense, ModelError where an adapter is not one for
    this model: before anything is loaded.
    """
    adapters = parse_adapters(settings.lora)
    for adapter in adapters:
        _check_adapter(adapter, header)
    return LoadOptions(
        path=str(path),
        context=settings.context,
        threads=settings.threads,
        gpu_layers=settings.gpu_layers,
        main_gpu=settings.main_gpu,
        tensor_split=parse_split(settings.tensor_split),
        kv_type=settings.kv_type,
        sequences=choose_sequences(settings.sequences, None),
        draft=choose_draft(settings.lookup, None),
        adapters=adapters,
    )


def parse_split(text: str) -> tuple[float, ...]:
    """Read the shares of ``tensor_split``: numbers of 0 or more, with commas between."""
    if not text.strip():
        return ()
    try:
        shares = tuple(float(part) for part in text.split(","))
    except ValueError:
        shares = ()
    if not any(shares) or not all(math.isfinite(share) and share >= 0 for share in shares):
        raise SettingsError(
            _("tensor_split must be numbers with commas between, not {text!r}").format(text=text),
            fix=_("Give the share of each GPU, such as 3,1; 0 leaves one out."),
        )
    return shares


def parse_adapters(text: str) -> tuple[Adapter, ...]:
    """Read the lines of ``lora``: ``PATH`` or ``PATH=SCALE``.

    What follows the last ``=`` is a scale where it is a number, else it is part of the path; so a
    path that ends like a scale is written with ``=1`` behind it.
    """
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        path, equals, last = line.rpartition("=")
        try:
            scale = float(last)
        except ValueError:
            path, equals, scale = line, "", 1.0
        if not equals:
            path, scale = line, 1.0
        if not path or not math.isfinite(scale):
            raise SettingsError(
                _("{line!r} is not PATH or PATH=SCALE").format(line=line),
                fix=_("Name a LoRA adapter in a GGUF file, and how strongly it counts."),
            )
        found.append(Adapter(str(Path(path).expanduser()), scale))
    return tuple(found)


def adapter_identities(options: LoadOptions) -> tuple[str, ...]:
    """Return what a result says of each adapter: SHA-256 of the file and scale."""
    return tuple(
        f"{file_sha256(Path(adapter.path))}={adapter.scale:g}" for adapter in options.adapters
    )


def without_gpu(settings: Settings, info: ModelInfo) -> str:
    """Say that layers were asked for on a GPU where there is none; empty where all is well."""
    if settings.gpu_layers <= 0 or info.gpu_layers:
        return ""
    return _(
        "gpu_layers is {layers}, but llama.cpp finds no GPU here: the processor computes alone (see"
        " 'workbench doctor')"
    ).format(layers=settings.gpu_layers)


def _check_adapter(adapter: Adapter, model: GgufHeader) -> None:
    header = read_header(Path(adapter.path))
    fix = _("Use a LoRA adapter in GGUF made for this very model.")
    if header.kind != "adapter":
        raise ModelError(
            _("is not an adapter but of type {kind!r}").format(kind=header.kind),
            path=adapter.path,
            fix=fix,
        )
    if header.architecture != model.architecture:
        raise ModelError(
            _("is an adapter for {theirs!r}, the model is {ours!r}").format(
                theirs=header.architecture, ours=model.architecture
            ),
            path=adapter.path,
            fix=fix,
        )
