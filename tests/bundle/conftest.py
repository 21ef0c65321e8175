import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tiny_gguf import Tiny, write

from workbench.bundle.bootstrap import Manifest
from workbench.bundle.creating import Contents, create
from workbench.settings import stored_settings


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Path]]:
    """Move between machines, each a folder of its own for all that the program writes."""
    for name in [name for name in os.environ if name.startswith("WORKBENCH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "en")

    def move(name: str) -> Path:
        monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / name))
        stored_settings.cache_clear()
        return tmp_path / name

    move("here")
    yield move
    stored_settings.cache_clear()


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("models") / "small.gguf", Tiny(script=(b"x",)))


@pytest.fixture
def bundle(at_home: Callable[[str], Path], model: Path, tmp_path: Path) -> Path:
    """A bundle of a model, two templates and settings, made on the machine ``here``."""
    make(tmp_path / "b.bundle", at_home("here"), model)
    return tmp_path / "b.bundle"


def make(target: Path, home: Path, model: Path) -> Manifest:
    prompts = home / "config" / "prompts"
    prompts.mkdir(parents=True, exist_ok=True)
    (prompts / "mine.md").write_text("---\nname: mine\n---\n看\n", encoding="utf-8")
    (prompts / "其他.md").write_text("---\nname: other\n---\n", encoding="utf-8")
    (home / "config" / "config.toml").write_text(
        f'# kept\nmodel = "{model}"\ncontext = 1024\nlora = "/tmp/a.gguf"\n', encoding="utf-8"
    )
    stored_settings.cache_clear()
    return create(target, Contents([str(model)], programs=False))
