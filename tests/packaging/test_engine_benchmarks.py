"""Each benchmark of the engine on a tiny model, as the smallest run that prints its table."""

import importlib.util
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_gguf import Tiny, write

FOLDER = Path(__file__).parents[2] / "benchmarks"


@cache
def module(name: str) -> ModuleType:
    sys.path.insert(0, str(FOLDER))
    try:
        specification = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
        assert specification is not None
        assert specification.loader is not None
        loaded = importlib.util.module_from_spec(specification)
        sys.modules[name] = loaded
        specification.loader.exec_module(loaded)
        return loaded
    finally:
        sys.path.remove(str(FOLDER))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("models")
    return write(folder / "one.gguf"), write(folder / "two.gguf", Tiny(embedding=128))


def table(name: str, model: Path, tmp_path: Path, *options: str) -> list[str]:
    """Run a benchmark where no program of llama.cpp is, and return the lines it prints."""
    command = [sys.executable, str(FOLDER / f"{name}.py"), str(model), "--threads", "1", *options]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def row(lines: list[str], begin: str) -> list[str]:
    [line] = [line for line in lines if line.startswith(begin)]
    return line[len(begin) :].split()


def test_reuse_reads_an_article_once_and_the_loop_four_times(
    models: tuple[Path, Path], tmp_path: Path
) -> None:
    options = ("--quick", "--context", "2048")
    lines = table("reuse", models[0], tmp_path, *options)
    ours = row(lines, "workbench ")
    loop = row(lines, "llama_cpp.Llama loop, instruction first")
    assert ours[-1] == loop[-1] == "128"
    assert 2 * int(ours[-2].replace(",", "")) < int(loop[-2].replace(",", ""))
    assert float(ours[0]) >= 0
    assert row(lines, "llama-server -np 1") == ["not", "built"]
    assert row(lines, "llama-server -np 4, as many clients") == ["not", "built"]


def test_warm_finds_the_article_on_disk(models: tuple[Path, Path], tmp_path: Path) -> None:
    options = ("--tokens", "400", "--context", "1024", "--rounds", "2")
    lines = table("warm", models[0], tmp_path, *options)
    for case in ("cold, states kept", "warm: a new process", "resident: the question's own tokens"):
        assert any(line.startswith(case) and "%" in line for line in lines)
    assert not list(tmp_path.iterdir())


def test_efficiency_measures_reading_and_writing(models: tuple[Path, Path], tmp_path: Path) -> None:
    options = ("--prompt", "64", "--write", "16", "--context", "512", "--rounds", "1")
    lines = table("efficiency", models[0], tmp_path, *options)
    assert row(lines, "reading 64")[1:] == ["not", "built"]
    speed, *peer = row(lines, "writing 16 behind 64")
    assert float(speed.replace(",", "")) > 0
    assert peer == ["not", "built"]


def test_batching_measures_each_number_of_sequences(
    models: tuple[Path, Path], tmp_path: Path
) -> None:
    options = ("--prompt", "32", "--write", "8", "--sequences", "1,2", "--rounds", "1")
    lines = table("batching", models[0], tmp_path, *options)
    found = [line.split() for line in lines if line.endswith("not built")]
    assert [cells[:2] for cells in found] == [
        ["1", "total"],
        ["1", "writing"],
        ["2", "total"],
        ["2", "writing"],
    ]
    assert all(float(cells[2].replace(",", "")) > 0 for cells in found)


def test_latency_pings_while_reading(models: tuple[Path, Path], tmp_path: Path) -> None:
    options = ("--tokens", "600", "--context", "1024", "--pings", "3", "--cancels", "1")
    lines = table("latency", models[0], tmp_path, *options, "--gap", "0.001")
    assert row(lines, "ping, idle")[0] == row(lines, "ping, reading")[0] == "3"
    assert row(lines, "cancel to end, reading")[0] == "1"


def test_memory_samples_requests_and_changes_of_the_model(
    models: tuple[Path, Path], tmp_path: Path
) -> None:
    one, two = models
    options = ("--fill", "200", "--requests", "20", "--swaps", "2", "--context", "512")
    lines = table("memory", one, tmp_path, "--other", str(two), *options)
    assert float(row(lines, "peak")[0]) > float(row(lines, "sum")[0])
    samples = [line.split()[0] for line in lines if line[:2].strip().isdigit()]
    assert samples == [*map(str, range(0, 21, 2)), "1", "2"]
    assert [line.split()[1] for line in lines if ".gguf" in line] == [two.name, one.name]


def test_requests_of_a_size_differ_from_the_first_token_of_their_text() -> None:
    workload = module("workload")

    class Counting:
        def prompt_tokens(self, request: object) -> int:
            return 7 + len(request.messages[0].segments[0])  # type: ignore[attr-defined]

    found = workload.requests(Counting(), ["青石桥的早市", "水务局"], 4, 40, 8)
    texts = [request.messages[0].segments[0] for request in found]
    assert [len(text) for text in texts] == [33] * 4
    assert len({text[:2] for text in texts}) == 4


@given(st.integers(0, 50), st.integers(0, 60), st.integers(1, 3))
def test_the_longest_that_fits_is_found(most: int, limit: int, step: int) -> None:
    size = module("workload").longest(most, limit, lambda value: value * step)
    assert size == min(most, limit // step)


def test_ratios_are_taken_within_a_round() -> None:
    report = module("report")
    # The machine was ten times slower in the second round: of no matter to a ratio.
    assert report.against([2.0, 20.0, 2.2], [1.0, 10.0, 1.0]) == "2.00 (2.00–2.20) ×"
    assert report.spread([3.0, 1.0, 2.0]) == "2.0 (1.0–3.0)"


def test_columns_of_wide_characters_stay_in_line() -> None:
    lines = module("report").table([["文章", "n"], ["a", "10"]]).splitlines()
    assert lines == ["文章   n", "a     10"]


def test_the_lock_file_names_the_archive_that_is_built() -> None:
    build = module("build_llama_cpp")
    lock = build.LOCK.read_text(encoding="utf-8")
    release = build.version(build.PACKAGE)
    assert len(build.digests(lock, build.PACKAGE, release)) == 1
    assert build.digests(lock, build.PACKAGE, "0.0.1") == set()
