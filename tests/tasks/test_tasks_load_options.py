from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_gguf import write
from tiny_lora import TinyAdapter, write_adapter

from workbench.catalog.fit import memory_needed
from workbench.catalog.gguf import read_header
from workbench.catalog.hashes import file_sha256
from workbench.engine.kv_types import element_bytes
from workbench.engine.protocol import KV_TYPES, Adapter, LoadOptions, ModelInfo
from workbench.errors import ModelError, SettingsError
from workbench.settings import KV_TYPES as SETTABLE
from workbench.settings import Settings
from workbench.tasks.load_options import (
    adapter_identities,
    load_options,
    parse_adapters,
    parse_split,
    without_gpu,
)

Loader = Callable[..., LoadOptions]


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loader:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    path = write(tmp_path / "model.gguf")
    return lambda **values: load_options(Settings(**values), path, read_header(path))


def test_settings_reach_the_engine(options: Loader, tmp_path: Path) -> None:
    first = write_adapter(tmp_path / "甲=乙, 丙:丁.gguf")
    second = write_adapter(tmp_path / "b.gguf", TinyAdapter(seed=4))
    found = options(
        context=2048,
        threads=2,
        gpu_layers=9,
        main_gpu=1,
        tensor_split="3, 1",
        kv_type="q8_0",
        lora=f"{first}\n{second}=0.5",
        sequences=7,
    )
    assert found == LoadOptions(
        path=str(tmp_path / "model.gguf"),
        context=2048,
        threads=2,
        gpu_layers=9,
        main_gpu=1,
        tensor_split=(3.0, 1.0),
        kv_type="q8_0",
        sequences=7,
        adapters=(Adapter(str(first), 1.0), Adapter(str(second), 0.5)),
    )
    assert adapter_identities(found) == (
        f"{file_sha256(first)}=1",
        f"{file_sha256(second)}=0.5",
    )


def test_unset_settings_leave_the_engines_defaults(options: Loader, tmp_path: Path) -> None:
    assert options() == LoadOptions(path=str(tmp_path / "model.gguf"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        ("  \n ", ()),
        ("a.gguf", (Adapter("a.gguf"),)),
        ("a.gguf=0.5\n\n b.gguf ", (Adapter("a.gguf", 0.5), Adapter("b.gguf"))),
        ("a=b.gguf", (Adapter("a=b.gguf"),)),
        ("a=1=-0.25", (Adapter("a=1", -0.25),)),
        ("a:b,c.gguf=2e-1", (Adapter("a:b,c.gguf", 0.2),)),
        ("7", (Adapter("7"),)),
    ],
)
def test_adapters_are_read_a_line_each(text: str, found: tuple[Adapter, ...]) -> None:
    assert parse_adapters(text) == found


def test_the_home_folder_may_be_a_tilde(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parse_adapters("~/a.gguf=2") == (Adapter(str(tmp_path / "a.gguf"), 2.0),)


@pytest.mark.parametrize("text", ["=1", "a.gguf=nan", "a.gguf\nb.gguf=inf"])
def test_a_line_that_names_no_adapter_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="is not PATH or PATH=SCALE"):
        parse_adapters(text)


PATHS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1).filter(
    lambda path: not path.startswith("~") and str(Path(path)) == path and path.isprintable()
)
SCALES = st.floats(-100, 100)


@given(st.lists(st.tuples(PATHS, SCALES)))
def test_paths_and_scales_survive(adapters: list[tuple[str, float]]) -> None:
    text = "\n".join(f"{path}={scale!r}" for path, scale in adapters)
    assert parse_adapters(text) == tuple(Adapter(path, scale) for path, scale in adapters)


@pytest.mark.parametrize(
    ("text", "shares"),
    [("", ()), (" ", ()), ("3,1", (3.0, 1.0)), ("0, 1.5", (0.0, 1.5)), ("1", (1.0,))],
)
def test_shares_are_numbers_with_commas(text: str, shares: tuple[float, ...]) -> None:
    assert parse_split(text) == shares


@pytest.mark.parametrize("text", ["3;1", "a", "1,", "-1,2", "nan,1", "inf", "0,0", "1,,2"])
def test_other_shares_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="tensor_split must be numbers"):
        parse_split(text)


def test_what_is_no_adapter_for_the_model_is_refused_before_anything_is_loaded(
    options: Loader, tmp_path: Path
) -> None:
    other = write_adapter(tmp_path / "other.gguf", TinyAdapter(architecture="llama"))
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(write_adapter(tmp_path / "whole.gguf").read_bytes()[:-100])
    for path, said in (
        (tmp_path / "没有.gguf", "cannot be read"),
        (tmp_path / "model.gguf", "not an adapter but of type 'model'"),
        (other, "is an adapter for 'llama', the model is 'qwen2'"),
        (cut, "is cut off"),
    ):
        with pytest.raises(ModelError, match=said) as refused:
            options(lora=str(path))
        assert str(refused.value.path) == str(path)


def info(gpu_layers: int) -> ModelInfo:
    return ModelInfo("", 512, 512, 300, True, gpu_layers > 0, 0.1, 25, gpu_layers)


def test_layers_asked_for_where_there_is_no_gpu_are_spoken_of() -> None:
    assert "gpu_layers is 20" in without_gpu(Settings(gpu_layers=20), info(0))
    assert without_gpu(Settings(gpu_layers=20), info(20)) == ""
    assert without_gpu(Settings(gpu_layers=-1), info(0)) == ""
    assert without_gpu(Settings(gpu_layers=0), info(0)) == ""


def test_a_quantized_cache_needs_the_memory_its_type_takes(tmp_path: Path) -> None:
    header = read_header(write(tmp_path / "model.gguf"))
    assert SETTABLE == KV_TYPES
    none = memory_needed(header, 4096, "f16") - 4096 * 2 * 64 * 2 * 2
    for kv_type in KV_TYPES:
        numbers = 4096 * 2 * 64 * 2  # tokens, layers, numbers a token, keys and values
        expected = none + numbers * element_bytes(kv_type)
        assert memory_needed(header, 4096, kv_type) == expected
