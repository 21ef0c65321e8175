"""LoRA adapters, applied by the real llama.cpp to a tiny model in this process."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_gguf import Tiny, write
from tiny_lora import TinyAdapter, write_adapter

from workbench.engine.adapters import Adapters, AdapterSet
from workbench.engine.native_log import NativeLog
from workbench.engine.protocol import Adapter
from workbench.errors import EngineError

LOG = NativeLog()
TOKENS = (40, 41, 42, 43, 44)


@dataclass
class Native:
    """A model and a context of llama.cpp, and its adapters."""

    model: Any
    context: Any
    adapters: Adapters

    def logits(self, *adapters: Adapter) -> np.ndarray:
        """Return the logits behind a prompt, computed anew with these adapters."""
        from llama_cpp import llama_cpp

        self.adapters.apply(self.context, self.adapters.get(adapters))
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self.context), True)
        tokens = (llama_cpp.llama_token * len(TOKENS))(*TOKENS)
        batch = llama_cpp.llama_batch_get_one(tokens, len(TOKENS))
        assert llama_cpp.llama_decode(self.context, batch) == 0
        vocabulary = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self.model))
        row = llama_cpp.llama_get_logits_ith(self.context, -1)
        return np.ctypeslib.as_array(row, (vocabulary,)).copy()


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Native]:
    from llama_cpp import llama_cpp

    LOG.capture()
    llama_cpp.llama_backend_init()
    path = write(tmp_path_factory.mktemp("adapted") / "model.gguf", Tiny())
    model = llama_cpp.llama_model_load_from_file(
        str(path).encode(), llama_cpp.llama_model_default_params()
    )
    parameters = llama_cpp.llama_context_default_params()
    parameters.n_ctx = 64
    parameters.n_threads = parameters.n_threads_batch = 1
    context = llama_cpp.llama_init_from_model(model, parameters)
    found = Native(model, context, Adapters(model, LOG))
    yield found
    llama_cpp.llama_free(context)
    found.adapters.close()
    llama_cpp.llama_model_free(model)


@pytest.fixture
def refusal(native: Native) -> Callable[..., EngineError]:
    def refuse(path: Path, scale: float = 1.0) -> EngineError:
        before = native.logits()
        with pytest.raises(EngineError) as refused:
            native.adapters.get([Adapter(str(path), scale)])
        assert str(refused.value).startswith(f"{path}: ")
        assert refused.value.fix
        assert np.array_equal(native.logits(), before)
        return refused.value

    return refuse


def test_scale_0_changes_nothing_and_1_does(native: Native, tmp_path: Path) -> None:
    path = str(write_adapter(tmp_path / "适配.gguf"))
    plain = native.logits()
    assert np.array_equal(native.logits(Adapter(path, 0.0)), plain)
    adapted = native.logits(Adapter(path))
    assert np.abs(adapted - plain).max() > 0.01
    assert not np.array_equal(native.logits(Adapter(path, 0.5)), adapted)
    assert np.array_equal(native.logits(Adapter(path)), adapted)
    assert np.array_equal(native.logits(), plain)


def test_alpha_over_rank_times_scale_is_the_strength(native: Native, tmp_path: Path) -> None:
    weak = write_adapter(tmp_path / "weak.gguf", TinyAdapter(alpha=4.0))
    strong = write_adapter(tmp_path / "strong.gguf", TinyAdapter(alpha=8.0))
    assert np.allclose(
        native.logits(Adapter(str(weak), 2.0)), native.logits(Adapter(str(strong))), atol=1e-5
    )


def test_two_adapters_act_together(native: Native, tmp_path: Path) -> None:
    first = Adapter(str(write_adapter(tmp_path / "a.gguf")))
    second = Adapter(str(write_adapter(tmp_path / "b.gguf", TinyAdapter(seed=4))))
    both = native.logits(first, second)
    assert not np.array_equal(both, native.logits(first))
    assert not np.array_equal(both, native.logits(second))
    assert np.allclose(native.logits(second, first), both, atol=1e-4)
    assert not np.array_equal(both, native.logits())


def test_one_file_named_twice_counts_twice(native: Native, tmp_path: Path) -> None:
    path = str(write_adapter(tmp_path / "a.gguf"))
    twice = native.logits(Adapter(path), Adapter(path))
    assert np.array_equal(twice, native.logits(Adapter(path, 2.0)))
    assert native.adapters.get([Adapter(path), Adapter(path, -1.0)]) == AdapterSet()


def test_a_set_is_known_by_content_and_scale(native: Native, tmp_path: Path) -> None:
    first, second = tmp_path / "a.gguf", tmp_path / "b.gguf"
    write_adapter(first)
    write_adapter(second, TinyAdapter(seed=4))
    copy = tmp_path / "copy.gguf"
    copy.write_bytes(first.read_bytes())
    get = native.adapters.get
    one, two = Adapter(str(first)), Adapter(str(second), 0.5)
    assert get([one, two]) == get([two, one]) == get([two, Adapter(str(copy))])
    assert hash(get([one])) == hash(get([Adapter(str(copy))]))
    assert get([one]) != get([two])
    assert get([one]) != get([Adapter(str(first), 0.5)])
    assert get([]) == AdapterSet()
    [[digest, scale]] = native.adapters.identity(get([two]))
    assert scale == 0.5
    assert isinstance(digest, str)
    assert len(digest) == 64


def test_llama_cpp_is_told_only_where_the_set_changes(
    native: Native, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llama_cpp import llama_cpp

    calls: list[int] = []
    real = llama_cpp.llama_set_adapters_lora

    def counted(context: Any, pointers: Any, count: int, scales: Any) -> int:
        calls.append(count)
        return int(real(context, pointers, count, scales))

    native.adapters.apply(native.context, AdapterSet())
    monkeypatch.setattr(llama_cpp, "llama_set_adapters_lora", counted)
    chosen = native.adapters.get([Adapter(str(write_adapter(tmp_path / "a.gguf")))])
    for wanted in (AdapterSet(), chosen, chosen, AdapterSet(), AdapterSet()):
        native.adapters.apply(native.context, wanted)
    assert calls == [1, 0]


def test_a_missing_file_and_a_folder(refusal: Callable[..., EngineError], tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "没有.gguf").what
    assert "not a file" in refusal(tmp_path).what


@pytest.mark.parametrize("scale", [float("nan"), float("inf"), -float("inf"), 101.0, -1e9])
def test_a_scale_beyond_sense(
    refusal: Callable[..., EngineError], tmp_path: Path, scale: float
) -> None:
    assert "must lie between" in refusal(write_adapter(tmp_path / "a.gguf"), scale).what


def integers(*shape: int) -> np.ndarray:
    return np.ones(shape, dtype=np.int32)


@pytest.mark.parametrize(
    ("tiny", "said"),
    [
        (TinyAdapter(type="model"), "not an adapter but of type 'model'"),
        (TinyAdapter(adapter="prompt"), "not a LoRA but 'prompt'"),
        (TinyAdapter(architecture="llama"), "for 'llama', the model is 'qwen2'"),
        (TinyAdapter(alpha=float("nan")), "alpha is no number"),
        (TinyAdapter(embedding=32), "incorrect shape"),
        (TinyAdapter(layers=3), "does not exist in base model"),
        (TinyAdapter(layers=0), "holds no matrices"),
        (
            TinyAdapter(tensors=(("blk.0.attn_q.weight.lora_b", np.ones((64, 5))),)),
            "not transposed",
        ),
        (TinyAdapter(tensors=(("blk.0.ffn_up.weight.lora_a", np.ones((4, 64))),)), "missing one"),
        (TinyAdapter(tensors=(("blk.0.ffn_up.weight", np.ones((4, 64))),)), "unexpected suffix"),
        # What follows would end the process if llama.cpp computed with it.
        (
            TinyAdapter(tensors=(("blk.0.attn_q.weight.lora_a", integers(4, 64)),)),
            "none of F32, F16, Q8_0, BF16",
        ),
        (
            TinyAdapter(
                tensors=(
                    ("blk.0.attn_q.weight.lora_a", np.ones((3, 4, 64))),
                    ("blk.0.attn_q.weight.lora_b", np.ones((3, 64, 4))),
                )
            ),
            "has the shape 64x4x3x1",
        ),
        (
            TinyAdapter(
                tensors=(
                    ("token_embd.weight.lora_a", np.ones((270, 4))),
                    ("token_embd.weight.lora_b", np.ones((64, 5))),
                )
            ),
            "do not fit each other",
        ),
    ],
)
def test_adapters_that_are_none_or_for_another_model(
    refusal: Callable[..., EngineError], tmp_path: Path, tiny: TinyAdapter, said: str
) -> None:
    assert said in refusal(write_adapter(tmp_path / "坏.gguf", tiny)).what


def test_metadata_of_the_wrong_type_is_refused_before_llama_cpp_asserts_on_it(
    refusal: Callable[..., EngineError], tmp_path: Path
) -> None:
    data = write_adapter(tmp_path / "a.gguf").read_bytes()
    said = {
        b"general.type": "not an adapter",
        b"adapter.type": "not a LoRA",
        b"adapter.lora.alpha": "alpha is no number",
    }
    for number, key in enumerate(said):
        at = data.index(key) + len(key)
        kind = int.from_bytes(data[at : at + 4], "little")
        size = 4 if kind == 6 else 8 + int.from_bytes(data[at + 4 : at + 12], "little")
        wrong = (4).to_bytes(4, "little") + (7).to_bytes(4, "little")  # u32
        path = tmp_path / f"{number}.gguf"
        changed = data[:at] + wrong + data[at + 4 + size :]
        # The tensors begin at a multiple of 32: put back what the metadata lost.
        lost = len(data) - len(changed)
        where = len(changed) - 2 * 2 * 2 * 64 * 4 * 4
        path.write_bytes(changed[:where] + bytes(lost) + changed[where:])
        assert said[key] in refusal(path).what


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.2, 0.5, 0.99])
def test_truncated_adapters(
    refusal: Callable[..., EngineError], tmp_path: Path, kept: float
) -> None:
    data = write_adapter(tmp_path / "whole.gguf").read_bytes()
    path = tmp_path / "半.gguf"
    path.write_bytes(data[: int(len(data) * kept)])
    assert "cannot load the adapter: " in refusal(path).what


def test_damaged_adapters_are_refused_or_computed_with(native: Native, tmp_path: Path) -> None:
    data = write_adapter(tmp_path / "whole.gguf").read_bytes()
    header = data.index(b"lora_b") + 900
    chance = random.Random(23)
    outcomes = set()
    for number in range(60):
        damaged = bytearray(data)
        for _hit in range(chance.randint(1, 4)):
            damaged[chance.randrange(header)] = chance.randrange(256)
        path = tmp_path / f"{number}.gguf"
        path.write_bytes(damaged)
        try:
            native.logits(Adapter(str(path)))
            outcomes.add("used")
        except EngineError:
            outcomes.add("refused")
    assert outcomes == {"used", "refused"}
    assert np.array_equal(native.logits(), native.logits(Adapter(str(tmp_path / "whole.gguf"), 0)))
