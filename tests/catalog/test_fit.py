import pytest
from catalog_support import Hub, serving, tiny_gguf

from workbench.catalog import fit
from workbench.catalog.entries import load_catalog
from workbench.catalog.fit import (
    available_memory,
    default_model,
    fits,
    memory_needed,
    model_to_pull,
)
from workbench.catalog.gguf import read_header
from workbench.catalog.registry import add
from workbench.engine.context import SCORE_BYTES

MIB = 1 << 20


def test_memory_is_file_kv_compute_and_process(tiny):
    header = read_header(tiny)
    kv = 2 * 1000 * 3 * 2 * (16 + 16)
    scores = 256 * MIB  # more than 4 * 512 * (50 + 2 * 64)
    assert memory_needed(header, 1000) == tiny.stat().st_size + kv + scores + 128 * MIB
    assert memory_needed(header, 0) == memory_needed(header, 4096)


def test_room_for_computing_covers_what_the_engine_lets_scores_take():
    assert fit._SCORES == SCORE_BYTES


def test_an_entry_without_a_header_is_not_taken_for_smaller_than_its_kind():
    entry = load_catalog()["qwen3-4b-2507"]
    # 36 layers, 8 KV heads of 128, f16: 1152 MiB at 8192 tokens.
    assert memory_needed(entry, 8192) > entry.bytes + 1152 * MIB


def test_fits_compares_with_the_memory_given_or_available(tiny):
    header = read_header(tiny)
    needed = memory_needed(header, 100)
    assert fits(header, 100, needed)
    assert not fits(header, 100, needed - 1)
    assert available_memory() > 0


def test_the_largest_installed_model_that_fits_is_chosen(tmp_path):
    small = tiny_gguf(tmp_path / "small.gguf")
    large = tiny_gguf(tmp_path / "large.gguf", weights=2048)
    add(small)
    add(large)
    add(tiny_gguf(tmp_path / "silent.gguf", weights=4096, template=False))
    needed = memory_needed(read_header(large), 8192)
    assert default_model(memory=needed).name == "large"
    assert default_model(memory=needed - 1).name == "small"
    assert default_model(memory=needed).pulled


def test_a_damaged_model_is_not_chosen(tmp_path):
    path = tiny_gguf(tmp_path / "mine.gguf")
    add(path)
    path.write_bytes(path.read_bytes()[:-100])
    assert default_model(memory=10**10).name != "mine"


@pytest.mark.parametrize(
    ("memory", "name"),
    [(8e9, "qwen3-4b-2507"), (4e9, "qwen2.5-1.5b"), (2.5e9, "qwen2.5-0.5b"), (1e8, "qwen2.5-0.5b")],
)
def test_with_a_hub_memory_decides_what_to_pull(memory, name, monkeypatch):
    with serving(Hub(b"")) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        choice = default_model(memory=int(memory), probe=True)
    assert (choice.name, choice.pulled) == (name, False)
    assert "GB" in choice.reason
    assert default_model(memory=int(memory)).name == name


@pytest.mark.parametrize(
    ("memory", "name"), [(8e9, "qwen2.5-coder-1.5b"), (2.9e9, "qwen2.5-coder-0.5b")]
)
def test_without_a_hub_the_package_index_is_what_remains(memory, name, monkeypatch):
    with serving(Hub(b"")) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
    choice = default_model(memory=int(memory), probe=True)
    assert choice.name == name
    assert "no hub can be reached" in choice.reason


def test_what_to_pull_does_not_hang_on_what_is_here(tmp_path, monkeypatch):
    add(tiny_gguf(tmp_path / "mine.gguf"))
    with serving(Hub(b"")) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        assert model_to_pull(memory=8 * 10**9).name == "qwen3-4b-2507"
    assert model_to_pull(memory=8 * 10**9).name == "qwen2.5-coder-1.5b"
