"""LoRA adapters: read once, checked before llama.cpp meets them, applied where they change.

Runs in the child only.
"""

import ctypes
import hashlib
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.engine.native_gguf import GgufFacts, Tensor, read_facts
from workbench.engine.native_log import NativeLog
from workbench.engine.placement import metadata
from workbench.engine.protocol import Adapter
from workbench.errors import EngineError
from workbench.i18n import _

MOST = 100.0
"""The largest scale, either way; an adapter is made to be used with 1."""
_A, _B = ".lora_a", ".lora_b"
_EMBEDDING = "token_embd.weight"
_EXPERTS = "_exps"
_TYPES = {0: "F32", 1: "F16", 8: "Q8_0", 30: "BF16"}  # ggml_type: what llama.cpp's converter writes
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class AdapterSet:
    """Adapters that act together: content and scale of each, in no order that matters.

    Two are equal where the model computes the same with both, whatever the files are called.
    """

    parts: tuple[tuple[str, float], ...] = ()
    """SHA-256 of the file and scale, sorted; scales are never 0."""


class Adapters:
    """The adapters of one model; each file is loaded once and freed with ``close``."""

    def __init__(self, model: Any, log: NativeLog):
        self._model = model
        self._log = log
        self._digests: dict[str, str] = {}
        self._pointers: dict[str, Any] = {}
        self._current: tuple[Any, AdapterSet] | None = None

    def get(self, adapters: Sequence[Adapter]) -> AdapterSet:
        """Load what is not loaded yet and return the set.

        Raises EngineError, with the path, for a missing file, one that is no LoRA adapter or not
        one for this model, and for a scale beyond sense. A file named twice counts twice.
        """
        scales: dict[str, float] = {}
        for adapter in adapters:
            if not math.isfinite(adapter.scale) or abs(adapter.scale) > MOST:
                raise EngineError(
                    _("the scale {scale} of an adapter must lie between {low} and {high}").format(
                        scale=adapter.scale, low=-MOST, high=MOST
                    ),
                    path=adapter.path,
                    fix=_("1 is the strength it was made for."),
                )
            digest = self._load(adapter.path)
            scales[digest] = scales.get(digest, 0.0) + adapter.scale
        return AdapterSet(tuple(sorted((name, scale) for name, scale in scales.items() if scale)))

    def apply(self, context: Any, adapters: AdapterSet) -> None:
        """Compute with these from now on; nothing is done where they are in use already."""
        if self._current is not None and self._current == (context, adapters):
            return
        from llama_cpp import llama_cpp

        count = len(adapters.parts)
        pointers = (llama_cpp.llama_adapter_lora_p_ctypes * count)(
            *(self._pointers[digest] for digest, _scale in adapters.parts)
        )
        scales = (ctypes.c_float * count)(*(scale for _digest, scale in adapters.parts))
        self._current = None
        if llama_cpp.llama_set_adapters_lora(context, pointers, count, scales) != 0:
            raise EngineError(_("llama.cpp cannot use these adapters together"))
        self._current = context, adapters

    def identity(self, adapters: AdapterSet) -> list[list[str | float]]:
        """Return the SHA-256 and scale of each, for what is remembered of their results."""
        return [[digest, scale] for digest, scale in adapters.parts]

    def close(self) -> None:
        """Free the adapters; the context that uses them must be freed before."""
        from llama_cpp import llama_cpp

        for pointer in self._pointers.values():
            llama_cpp.llama_adapter_lora_free(pointer)
        self._pointers.clear()
        self._digests.clear()
        self._current = None

    def _load(self, path: str) -> str:
        """Return the SHA-256 of an adapter that is loaded."""
        if (known := self._digests.get(path)) is not None:
            return known
        digest = _sha256(path)
        if digest not in self._pointers:
            self._pointers[digest] = self._read(path)
        self._digests[path] = digest
        return digest

    def _read(self, path: str) -> Any:
        from llama_cpp import llama_cpp

        self._log.clear()
        facts = read_facts(path)
        if facts is None:
            raise _not_usable(path, self._log.reason())
        architecture = metadata(self._model, "general.architecture")
        experts = metadata(self._model, f"{architecture}.expert_count")
        if fault := find_fault(facts, architecture, int(experts or 0)):
            raise EngineError(fault, path=path, fix=_fix())
        pointer = llama_cpp.llama_adapter_lora_init(self._model, os.fsencode(path))
        if not pointer:
            raise _not_usable(path, self._log.reason())
        return pointer


def find_fault(facts: GgufFacts, architecture: str, experts: int) -> str:
    """Say why a file is no LoRA adapter for a model of this architecture; empty where it is one.

    What llama.cpp refuses on its own is left to it, such as matrices of the wrong size; this finds
    what would end the process there, when the adapter is loaded or when it is first computed with.
    """
    kind = facts.text("general.type") or "model"
    if kind != "adapter":
        return _("this is not an adapter but of type {kind!r}").format(kind=kind)
    if facts.text("adapter.type") != "lora":
        return _("this adapter is not a LoRA but {kind!r}").format(kind=facts.text("adapter.type"))
    if facts.text("general.architecture") != architecture:
        return _("this adapter is for {theirs!r}, the model is {ours!r}").format(
            theirs=facts.text("general.architecture"), ours=architecture
        )
    if "adapter.alora.invocation_tokens" in facts.keys:
        return _("this is an activated LoRA, which acts behind certain tokens only")
    alpha = facts.values.get("adapter.lora.alpha", 0.0)
    if not isinstance(alpha, float) or not math.isfinite(alpha):
        return _("adapter.lora.alpha is no number")
    if "adapter.lora.alpha" in facts.keys and "adapter.lora.alpha" not in facts.values:
        return _("adapter.lora.alpha is no number")
    return _find_fault_in_tensors(facts.tensors, experts)


def _find_fault_in_tensors(tensors: Sequence[Tensor], experts: int) -> str:
    shapes = {tensor.name: tensor.shape for tensor in tensors}
    matrices = [tensor for tensor in tensors if tensor.name.endswith((_A, _B))]
    if not matrices:
        return _("this adapter holds no matrices")
    for tensor in matrices:
        if tensor.type not in _TYPES:
            return _("tensor {name!r} is none of {types}").format(
                name=tensor.name, types=", ".join(_TYPES.values())
            )
        stacked = experts if _EXPERTS in tensor.name else 1
        if min(tensor.shape) < 1 or tensor.shape[2] != stacked or tensor.shape[3] != 1:
            return _("tensor {name!r} has the shape {shape}").format(
                name=tensor.name, shape="x".join(map(str, tensor.shape))
            )
    # llama.cpp compares the ranks of the others.
    if shapes.get(_EMBEDDING + _A, (0,))[0] != shapes.get(_EMBEDDING + _B, (0,))[0]:
        return _("the two matrices of {name!r} do not fit each other").format(name=_EMBEDDING)
    return ""


def _sha256(path: str) -> str:
    digest = hashlib.sha256()
    try:
        if not Path(path).is_file():
            what = _("is not a file") if Path(path).exists() else _("there is no such file")
            raise EngineError(what, path=path, fix=_("Name a LoRA adapter in a GGUF file."))
        with Path(path).open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except (OSError, ValueError) as error:
        raise EngineError(
            _("cannot be read: {error}").format(error=getattr(error, "strerror", None) or error),
            path=path,
            fix=_("Name a LoRA adapter in a GGUF file."),
        ) from None
    return digest.hexdigest()


def _not_usable(path: str, reason: str) -> EngineError:
    return EngineError(
        _("llama.cpp cannot load the adapter: {reason}").format(
            reason=reason.removeprefix("failed to apply lora adapter: ") or _("no reason given")
        ),
        path=path,
        fix=_fix(),
    )


def _fix() -> str:
    return _("Use a LoRA adapter in GGUF made for this very model.")
