import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_gguf import Tiny, write

from workbench.settings import stored_settings

# The scripted engine of tasks and the fake server of the engine serve batches too.
sys.path.append(str(Path(__file__).parents[1] / "tasks"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep every batch away from the user's own files and settings."""
    for name in [name for name in os.environ if name.startswith("WORKBENCH_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "home"
    monkeypatch.setenv("WORKBENCH_HOME", str(folder))
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "en")
    monkeypatch.setenv("WORKBENCH_THREADS", "1")
    stored_settings.cache_clear()
    yield folder
    stored_settings.cache_clear()


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Six articles of one paragraph, each with figures of its own."""
    from batch_support import write_articles

    return write_articles(tmp_path / "articles", 6)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of random weights: what it writes depends on every token it read."""
    return write(tmp_path_factory.mktemp("models") / "tiny.gguf", Tiny(context=4096))
