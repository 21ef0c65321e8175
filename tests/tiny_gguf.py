"""Tiny GGUF files of real architectures, which the real llama.cpp loads in milliseconds.

The tokenizer is byte-level BPE, so any text becomes tokens. The weights are random, or chosen so
that the model recites a script whatever it is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import gguf
import numpy as np

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
WINDOW = 64
"""Tokens every second layer of ``gemma2`` looks back."""
NORMAL, CONTROL, USER_DEFINED = 1, 3, 4
MARKS = ("[CLS]", "[SEP]")


@dataclass(frozen=True)
class Tiny:
    """What to write; ``script``: the bytes of the tokens recited after a line break.

    For encoders: ``pooling`` is its number in llama.h, ``head`` the weights that rank, with
    ``labels`` for their results; ``marks`` has texts begin with ``[CLS]`` and end with ``[SEP]``.
    """

    architecture: str = "qwen2"
    template: str | None = CHATML
    context: int = 4096
    script: tuple[bytes, ...] | None = None
    special: tuple[str, ...] = SPECIAL
    user_defined: tuple[str, ...] = ()
    end: str = "<|im_end|>"
    embedding: int = 64
    feed_forward: int = 128
    layers: int = 2
    rope_dimensions: int | None = None
    pooling: int | None = None
    labels: tuple[str, ...] = ()
    head: bool = False
    marks: bool = False
    rerank_template: str | None = None
    seed: int = 7


def write(path: Path, tiny: Tiny = Tiny()) -> Path:  # noqa: B008 - frozen
    """Write the file and return its path."""
    script = tiny.script or ()
    tokens = [byte_token(bytes([byte])) for byte in range(256)]
    merges = _merges("的了是中文字")
    tokens += [left + right for left, right in (merge.split(" ") for merge in merges)]
    tokens += [name for piece in script if (name := byte_token(piece)) not in tokens]
    types = [NORMAL] * len(tokens)
    special = [*tiny.special, *(MARKS if tiny.marks else ())]
    tokens += [*special, *tiny.user_defined]
    types += [CONTROL] * len(special) + [USER_DEFINED] * len(tiny.user_defined)

    width = tiny.embedding if tiny.script is None else -(-len(tokens) // 64) * 64
    writer = gguf.GGUFWriter(path, tiny.architecture)
    writer.add_context_length(tiny.context)
    writer.add_embedding_length(width)
    writer.add_block_count(tiny.layers)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(merges)
    writer.add_eos_token_id(tokens.index(MARKS[1] if tiny.marks else tiny.end))
    writer.add_add_bos_token(tiny.marks)
    if tiny.marks:
        writer.add_bos_token_id(tokens.index(MARKS[0]))
        writer.add_sep_token_id(tokens.index(MARKS[1]))
        writer.add_add_eos_token(True)
        writer.add_add_sep_token(True)
    if tiny.template is not None:
        writer.add_chat_template(tiny.template)
    if tiny.rerank_template is not None:
        writer.add_chat_template([{"name": "rerank", "template": tiny.rerank_template}])

    random = np.random.default_rng(tiny.seed)
    tensors = _tensors(tiny, width, len(tokens), random, writer)
    if tiny.script is not None:
        recited = [tokens.index(byte_token(piece)) for piece in (b"\n", *script)]
        _recite(tensors, [*recited, tokens.index(tiny.end)], len(tokens))
    for name, values in tensors.items():
        writer.add_tensor(name, np.ascontiguousarray(values, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@cache
def _alphabet() -> dict[int, str]:
    """Return the printable stand-ins of GPT-2's byte-level BPE (openai/gpt-2, encoder.py)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {
        byte: chr(256 + number) for number, byte in enumerate(others)
    }


def byte_token(piece: bytes) -> str:
    """Return the name of the token that stands for these bytes."""
    return "".join(_alphabet()[byte] for byte in piece)


def _merges(characters: str) -> list[str]:
    """Merge the bytes of some characters, so that words of several sizes are in play."""
    merges: list[str] = []
    for character in characters:
        first, second, third = (byte_token(bytes([byte])) for byte in character.encode())
        merges += [f"{first} {second}", f"{first}{second} {third}"]
    return list(dict.fromkeys(merges))


def _tensors(
    tiny: Tiny, width: int, vocabulary: int, random: np.random.Generator, writer: gguf.GGUFWriter
) -> dict[str, np.ndarray]:
    def noise(*shape: int) -> np.ndarray:
        return random.normal(0.0, 1.5 / np.sqrt(shape[-1]), shape)

    tensors = {
        "token_embd.weight": random.normal(0.0, 1.0, (vocabulary, width)),
        "output_norm.weight": np.ones(width),
        "output.weight": noise(vocabulary, width),
    }
    if tiny.architecture == "bert":
        tensors |= {
            "token_types.weight": np.zeros((2, width)),
            "position_embd.weight": noise(tiny.context, width),
            "token_embd_norm.weight": np.ones(width),
            "token_embd_norm.bias": np.zeros(width),
        }
    for layer in range(tiny.layers):
        block = f"blk.{layer}."
        tensors[f"{block}attn_norm.weight"] = np.ones(width)
        if tiny.architecture == "mamba":
            inner, state, convolution, rank = 2 * width, 16, 4, 8
            tensors |= {
                f"{block}ssm_in.weight": noise(2 * inner, width),
                f"{block}ssm_conv1d.weight": noise(inner, convolution),
                f"{block}ssm_conv1d.bias": np.zeros(inner),
                f"{block}ssm_x.weight": noise(rank + 2 * state, inner),
                f"{block}ssm_dt.weight": noise(inner, rank),
                f"{block}ssm_dt.bias": np.zeros(inner),
                f"{block}ssm_a": np.full((inner, state), -0.01),
                f"{block}ssm_d": np.ones(inner),
                f"{block}ssm_out.weight": noise(width, inner),
            }
            continue
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensors[f"{block}{name}.weight"] = noise(width, width)
        if tiny.architecture == "bert":
            for name in ("attn_output_norm", "layer_output_norm"):
                tensors[f"{block}{name}.weight"] = np.ones(width)
                tensors[f"{block}{name}.bias"] = np.zeros(width)
        if tiny.architecture == "qwen3":
            for name in ("attn_q_norm", "attn_k_norm"):
                tensors[f"{block}{name}.weight"] = np.ones(32)
        if tiny.architecture == "gemma2":
            for name in ("post_attention_norm", "post_ffw_norm"):
                # Strong, or the embedding, which is the output too, has it repeat the last token.
                tensors[f"{block}{name}.weight"] = np.full(width, 64.0)
        tensors[f"{block}ffn_norm.weight"] = np.ones(width)
        tensors[f"{block}ffn_gate.weight"] = noise(tiny.feed_forward, width)
        tensors[f"{block}ffn_up.weight"] = noise(tiny.feed_forward, width)
        tensors[f"{block}ffn_down.weight"] = noise(width, tiny.feed_forward)
    if tiny.head:
        results = max(1, len(tiny.labels))
        tensors["cls.output.weight"] = noise(results, width)
        if tiny.architecture == "bert":
            tensors |= {
                "cls.weight": noise(width, width),
                "cls.bias": random.normal(0.0, 0.1, width),
                "cls.output.bias": random.normal(0.0, 0.1, results),
            }
    _shape(tiny, width, writer)
    if tiny.architecture == "gemma2":
        del tensors["output.weight"]
    if tiny.architecture == "bert":
        unknown = ("output.weight", "output_norm", ".attn_norm", "ffn_norm", "ffn_gate")
        for name in [name for name in tensors if any(part in name for part in unknown)]:
            if not any(part in name for part in ("attn_output", "layer_output", "cls.")):
                del tensors[name]
    return tensors


def _shape(tiny: Tiny, width: int, writer: gguf.GGUFWriter) -> None:
    if tiny.pooling is not None:
        writer.add_uint32(f"{tiny.architecture}.pooling_type", tiny.pooling)
    if tiny.labels:
        writer.add_classifier_output_labels(tiny.labels)
    if tiny.architecture == "mamba":
        writer.add_feed_forward_length(0)
        writer.add_head_count(0)
        writer.add_ssm_conv_kernel(4)
        writer.add_ssm_inner_size(2 * width)
        writer.add_ssm_state_size(16)
        writer.add_ssm_time_step_rank(8)
        return
    writer.add_feed_forward_length(tiny.feed_forward)
    writer.add_head_count(width // 32)
    writer.add_head_count_kv(width // 32)
    writer.add_rope_freq_base(10000.0)
    if tiny.architecture == "gemma2":
        writer.add_key_length(32)
        writer.add_value_length(32)
        writer.add_sliding_window(WINDOW)
    if tiny.rope_dimensions is not None:
        writer.add_rope_dimension_count(tiny.rope_dimensions)
    if tiny.architecture == "bert":
        writer.add_layer_norm_eps(1e-6)
        writer.add_causal_attention(False)
        writer.add_token_type_count(2)


def _recite(tensors: dict[str, np.ndarray], script: Sequence[int], vocabulary: int) -> None:
    """Make each token of the script the sure successor of the one before."""
    assert len(set(script)) == len(script), "a token has one successor: none may come twice"
    width = tensors["output_norm.weight"].shape[0]
    for name, values in tensors.items():
        if name.startswith("blk.") and "norm" not in name:
            values[:] = 0.0
    tensors["token_embd.weight"] = np.eye(vocabulary, width)
    tensors["output.weight"] = np.zeros((vocabulary, width))
    for token, successor in zip(script[:-1], script[1:], strict=True):
        tensors["output.weight"][successor, token] = 1.0
