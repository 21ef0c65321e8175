"""Tiny LoRA adapters in GGUF files, for the models of ``tiny_gguf``."""

from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np


@dataclass(frozen=True)
class TinyAdapter:
    """A LoRA adapter to write; ``tensors`` take the place of those of the same name."""

    architecture: str = "qwen2"
    type: str = "adapter"
    adapter: str = "lora"
    alpha: float | None = 8.0
    rank: int = 4
    embedding: int = 64
    layers: int = 2
    seed: int = 3
    names: tuple[str, ...] = ("attn_q", "attn_v")
    tensors: tuple[tuple[str, np.ndarray], ...] = ()


def write_adapter(path: Path, tiny: TinyAdapter = TinyAdapter()) -> Path:  # noqa: B008 - frozen
    """Write a LoRA adapter for the model ``write`` makes, and return its path."""
    writer = gguf.GGUFWriter(path, tiny.architecture)
    writer.add_type(tiny.type)
    writer.add_string("adapter.type", tiny.adapter)
    if tiny.alpha is not None:
        writer.add_float32("adapter.lora.alpha", tiny.alpha)
    random = np.random.default_rng(tiny.seed)
    tensors = {
        f"blk.{layer}.{name}.weight.{part}": random.normal(0.0, 0.5, shape)
        for layer in range(tiny.layers)
        for name in tiny.names
        for part, shape in (
            ("lora_a", (tiny.rank, tiny.embedding)),
            ("lora_b", (tiny.embedding, tiny.rank)),
        )
    }
    for name, values in (tensors | dict(tiny.tensors)).items():
        dtype = values.dtype if values.dtype.kind == "i" else np.float32
        writer.add_tensor(name, np.ascontiguousarray(values, dtype=dtype))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
