import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli_support import ARTICLE, RECITED, Ended
from tiny_gguf import Tiny, write

from workbench.cli.entry import run
from workbench.settings import stored_settings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep every command away from the user's own files and settings."""
    for name in [name for name in os.environ if name.startswith("WORKBENCH_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "home"
    monkeypatch.setenv("WORKBENCH_HOME", str(folder))
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "en")
    # Threads that wait for each other on a busy machine make a tiny model slow.
    monkeypatch.setenv("WORKBENCH_THREADS", "1")
    stored_settings.cache_clear()
    yield folder
    stored_settings.cache_clear()


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Run a command line in this process."""

    def call(*arguments: object) -> Ended:
        stored_settings.cache_clear()
        capsys.readouterr()
        status = run([str(argument) for argument in arguments])
        written = capsys.readouterr()
        return Ended(status, written.out, written.err)

    return call


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model that says the same short thing whatever it is asked."""
    path = tmp_path_factory.mktemp("models") / "tiny.gguf"
    pairs = [RECITED[start : start + 2] for start in range(0, len(RECITED), 2)]
    return write(path, Tiny(script=tuple(pair.encode() for pair in pairs)))


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "早市.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    return path
