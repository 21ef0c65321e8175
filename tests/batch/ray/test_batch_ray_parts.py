"""The parts of batches on a cluster that need none."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from batch_support import batch

from workbench.batch.ray import cluster, files
from workbench.batch.ray.foreman import _places
from workbench.errors import ModelError, UsageError


@pytest.fixture
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[files.ModelFile, bytes]:
    """A file on the head in five parts, and its content."""
    monkeypatch.setattr(files, "PART_BYTES", 1000)
    path = tmp_path / "head.gguf"
    path.write_bytes(bytes(range(256)) * 18)
    return files.described(path), path.read_bytes()


def sending(content: bytes) -> tuple[Callable[[str, int], bytes], list[int]]:
    asked: list[int] = []

    def send(_sha256: str, number: int) -> bytes:
        asked.append(number)
        return content[number * 1000 : (number + 1) * 1000]

    return send, asked


def test_a_file_that_is_here_is_not_fetched(apart: tuple[files.ModelFile, bytes]) -> None:
    send, asked = sending(b"")
    assert files.found_or_fetched(apart[0], send) == Path(apart[0].path)
    assert not asked


def test_a_file_of_another_name_in_the_models_folder_is_found_by_its_hash(
    apart: tuple[files.ModelFile, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(apart[0].path).unlink()
    monkeypatch.setenv("WORKBENCH_MODELS", str(tmp_path / "models"))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.gguf").write_bytes(b"\0" * len(apart[1]))
    (tmp_path / "models" / "b.gguf").write_bytes(apart[1])
    send, asked = sending(b"")
    assert files.found_or_fetched(apart[0], send) == tmp_path / "models" / "b.gguf"
    assert not asked


def test_a_file_is_fetched_in_parts_once(apart: tuple[files.ModelFile, bytes]) -> None:
    Path(apart[0].path).unlink()
    send, asked = sending(apart[1])
    target = files.found_or_fetched(apart[0], send)
    assert target.read_bytes() == apart[1]
    assert asked == [0, 1, 2, 3, 4]
    assert files.found_or_fetched(apart[0], send) == target
    assert len(asked) == 5


@pytest.mark.parametrize("spoil", [lambda data: data[:2500], lambda data: data[:-1] + b"!"])
def test_a_file_that_came_otherwise_is_not_kept(
    apart: tuple[files.ModelFile, bytes], home: Path, spoil: Callable[[bytes], bytes]
) -> None:
    Path(apart[0].path).unlink()
    with pytest.raises(ModelError, match="otherwise"):
        files.found_or_fetched(apart[0], sending(spoil(apart[1]))[0])
    left = {path.suffix for path in (home / "cache" / "fetched").iterdir()}
    assert left <= {".lock"}


def test_each_gpu_gets_an_engine_else_each_node_does() -> None:
    def node(**resources: float) -> dict[str, object]:
        return {"Alive": True, "Resources": resources}

    assert _places([node(CPU=8), node(CPU=16), node(CPU=0)]) == (3, {"num_cpus": 8}, 8)
    assert _places([node(CPU=8, GPU=2), node(CPU=8, GPU=1)]) == (3, {"num_gpus": 1}, 0)
    assert _places([node(CPU=4), {**node(CPU=2), "Alive": False}]) == (1, {"num_cpus": 4}, 4)
    with pytest.raises(RuntimeError):
        _places([node(memory=1)])


def test_without_ray_it_is_said_how_to_install_it(
    articles: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"not installed.*workbench-zh\[ray\]"):
        batch(articles, tmp_path / "out", models=[str(tiny)], on="ray").run()


@pytest.mark.parametrize(
    "given",
    [{"on": "dask"}, {"on": "ray://"}, {"on": "ray", "models": ["openai:http://localhost:1/v1"]}],
)
def test_what_cannot_run_on_a_cluster_is_refused(
    articles: Path, tmp_path: Path, given: dict[str, Any]
) -> None:
    with pytest.raises(UsageError):
        batch(articles, tmp_path / "out", **given)


class Head:
    """A cluster's client server that fails some times."""

    def __init__(self, *errors: str) -> None:
        self.errors = list(errors)
        self.asked = 0

    def init(self, **_options: object) -> None:
        self.asked += 1
        if self.errors:
            raise ConnectionAbortedError(self.errors.pop(0))

    def shutdown(self) -> None:
        pass


def test_a_head_that_is_slow_to_serve_its_first_client_is_asked_again() -> None:
    slow = "Initialization failure from server:\nProxy failed to Connect to backend!"
    head = Head(slow, slow)
    cluster._go_to(head, "ray://head:10001")
    assert head.asked == 3
    with pytest.raises(ConnectionAbortedError):
        cluster._go_to(never := Head(*[slow] * 9), "ray://head:10001")
    assert never.asked == 3
    with pytest.raises(ConnectionAbortedError):
        cluster._go_to(gone := Head("Connection timeout"), "ray://head:10001")
    assert gone.asked == 1
