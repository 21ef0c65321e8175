"""Options of loading that change what a request computes, met through the whole engine."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from engine_support import ARTICLE, answer, ask
from tiny_gguf import Tiny, write
from tiny_lora import TinyAdapter, write_adapter

from workbench.engine.client import LlamaEngine
from workbench.engine.context import ContextOptions
from workbench.engine.protocol import KV_TYPES, Adapter, LoadOptions, Request
from workbench.errors import EngineError


@pytest.fixture(scope="module")
def plain(random_file: Path) -> Iterator[LlamaEngine]:
    with LlamaEngine(LoadOptions(str(random_file), context=1024, threads=1)) as engine:
        yield engine


def with_adapters(*adapters: Adapter) -> Request:
    return replace(ask(ARTICLE, "几点？", max_tokens=16), adapters=adapters)


def test_a_request_may_name_adapters_of_its_own(plain: LlamaEngine, tmp_path: Path) -> None:
    first = Adapter(str(write_adapter(tmp_path / "a.gguf")))
    second = Adapter(str(write_adapter(tmp_path / "b.gguf", TinyAdapter(seed=4))))
    bare = answer(plain, with_adapters()).text
    assert answer(plain, with_adapters(replace(first, scale=0.0))).text == bare
    texts = [answer(plain, with_adapters(*some)).text for some in ((first,), (second,))]
    texts.append(answer(plain, with_adapters(first, second)).text)
    assert len({bare, *texts}) == 4
    # What was read with one set is of no use to another, and stays right for its own.
    assert answer(plain, with_adapters(first)).text == texts[0]
    assert answer(plain, with_adapters()).text == bare


def test_requests_with_different_adapters_run_side_by_side(
    plain: LlamaEngine, tmp_path: Path
) -> None:
    adapter = Adapter(str(write_adapter(tmp_path / "a.gguf")))
    requests = [with_adapters(), with_adapters(adapter)] * 3
    alone = [answer(plain, request).text for request in requests[:2]]
    together = [plain.submit(request) for request in requests]
    texts = []
    for events in together:
        *_others, done = events
        texts.append(done.text)  # type: ignore[union-attr]
    assert texts == alone * 3


def test_adapters_of_the_options_apply_where_a_request_names_none(
    plain: LlamaEngine, random_file: Path, tmp_path: Path
) -> None:
    adapter = Adapter(str(write_adapter(tmp_path / "a.gguf")), 0.8)
    options = LoadOptions(str(random_file), context=1024, threads=1, adapters=(adapter,))
    with LlamaEngine(options) as engine:
        unnamed = replace(with_adapters(), adapters=None)
        assert answer(engine, unnamed).text == answer(plain, with_adapters(adapter)).text
        assert answer(engine, with_adapters()).text == answer(plain, with_adapters()).text


def test_a_bad_adapter_fails_its_request_only(plain: LlamaEngine, tmp_path: Path) -> None:
    path = write_adapter(tmp_path / "他.gguf", TinyAdapter(embedding=32))
    with pytest.raises(EngineError, match="incorrect shape") as refused:
        answer(plain, with_adapters(Adapter(str(path))))
    assert refused.value.path == str(path)
    assert answer(plain, with_adapters()).usage.generated_tokens > 0


@pytest.mark.parametrize("kv_type", KV_TYPES)
def test_every_kv_type_writes_and_takes_its_memory(random_file: Path, kv_type: str) -> None:
    options = LoadOptions(str(random_file), context=4096, threads=1, kv_type=kv_type)
    with LlamaEngine(options) as engine:
        again = [answer(engine, ask(ARTICLE, "几点？")).text for _time in range(2)]
        assert again[0] == again[1]
        size = {"f16": 2.0, "q8_0": 1.0625, "q4_0": 0.5625}[kv_type] * 4096 * 2 * 64 * 2
        # llama.cpp logs two digits of a MiB.
        assert abs(engine.model.kv_bytes - size) < 0.01 * (1 << 20)


def test_what_was_allocated_is_told(plain: LlamaEngine, random_file: Path) -> None:
    info = plain.model
    assert info.layers == 3
    assert 0 < info.weight_bytes < random_file.stat().st_size
    assert info.kv_bytes > 0
    assert info.compute_bytes > 0
    assert (info.gpu_layers > 0) == info.gpu_offload


def test_a_kv_type_that_the_heads_do_not_allow_is_one_clear_error(
    plain: LlamaEngine, tmp_path: Path
) -> None:
    path = write(tmp_path / "窄.gguf", Tiny(embedding=64))
    data = path.read_bytes()
    for key in (b"qwen2.attention.head_count", b"qwen2.attention.head_count_kv"):
        at = data.index(key + (4).to_bytes(4, "little")) + len(key) + 4
        data = data[:at] + (4).to_bytes(4, "little") + data[at + 4 :]  # 4 heads of 16 numbers
    path.write_bytes(data)
    with LlamaEngine(LoadOptions(str(path), context=512, threads=1)) as engine:
        with pytest.raises(EngineError, match="multiple of 32 numbers") as refused:
            engine.load(LoadOptions(str(path), context=512, threads=1, kv_type="q8_0"))
        assert refused.value.path == str(path)
        assert refused.value.fix


@pytest.mark.parametrize(
    ("changes", "flash"),
    [
        ({}, False),
        ({"restores": False}, True),
        ({"mixed": True}, True),
        ({"offload": True}, True),
        ({"kv_type": "q8_0"}, True),
        ({"size": 131_072}, True),
        ({"heads": 0}, True),
    ],
    ids=[
        "as shipped",
        "nothing comes back",
        "several articles",
        "on a GPU",
        "quantized KV",
        "long",
        "unknown heads",
    ],
)
def test_scores_are_a_matrix_only_where_there_is_room_and_the_cache_can_be_emptied(
    changes: dict[str, Any], flash: bool
) -> None:
    shipped = ContextOptions(8192, 2, rewinds=True, sequences=4, heads=14, restores=True)
    assert replace(shipped, **changes).flash is flash


def test_scores_as_a_matrix_take_memory_of_their_own(
    plain: LlamaEngine, random_file: Path, tmp_path: Path
) -> None:
    kept = LoadOptions(
        str(random_file),
        context=1024,
        threads=1,
        states=str(tmp_path),
        states_bytes=1 << 30,
        identity="ab" * 32,
    )
    with LlamaEngine(kept) as engine:
        assert engine.model.compute_bytes > plain.model.compute_bytes
        assert answer(engine, ask(ARTICLE, "几点？", max_tokens=16)).usage.generated_tokens
