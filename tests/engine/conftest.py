from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from engine_support import SLOW
from scheduler_support import TEXT, Desk, loaded
from tiny_gguf import Tiny, write

from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import LoadOptions


@pytest.fixture(scope="session", autouse=True)
def no_process_left() -> Iterator[None]:
    """Whatever the tests did to engines, none may outlive them."""
    yield
    left = [child for child in psutil.Process().children() if child.status() != "zombie"]
    modules = {"workbench.engine.child", "workbench.engine.encoder_child"}
    assert not [child for child in left if modules & set(child.cmdline())]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def random_file(folder: Path) -> Path:
    return write(folder / "random.gguf")


@pytest.fixture(scope="session")
def slow_file(folder: Path) -> Path:
    """A model whose prefill of a long prompt lasts long enough to be met halfway."""
    return write(folder / "slow.gguf", SLOW)


@pytest.fixture(scope="session")
def recurrent_file(folder: Path) -> Path:
    return write(folder / "recurrent.gguf", Tiny(architecture="mamba"))


@pytest.fixture(scope="session")
def window_file(folder: Path) -> Path:
    return write(folder / "window.gguf", Tiny(architecture="gemma2"))


@pytest.fixture(scope="module")
def engine(random_file: Path) -> Iterator[LlamaEngine]:
    with LlamaEngine(LoadOptions(str(random_file), threads=1)) as engine:
        yield engine


@pytest.fixture(scope="module")
def slow_engine(slow_file: Path) -> Iterator[LlamaEngine]:
    with LlamaEngine(LoadOptions(str(slow_file), context=0, threads=1)) as engine:
        yield engine


@pytest.fixture(scope="module")
def reciter_file(folder: Path) -> Path:
    """A model whose every answer is known, whatever the company it is computed in."""
    return write(folder / "scheduler-reciter.gguf", Tiny(script=tuple(map(str.encode, TEXT))))


@pytest.fixture
def desk(reciter_file: Path) -> Iterator[Desk]:
    with loaded(reciter_file, sequences=4, context=2048) as desk:
        yield desk
