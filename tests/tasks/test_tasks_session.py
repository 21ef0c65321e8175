import hashlib
from pathlib import Path

import pytest
from tasks_support import ScriptedEngine
from tiny_gguf import write

from workbench.engine.protocol import LoadOptions
from workbench.settings import Settings
from workbench.tasks import session


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    return write(tmp_path / "tiny.gguf")


def options_with(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> tuple[LoadOptions, ScriptedEngine]:
    """Return what a session asks of the engine it starts."""
    given: list[LoadOptions] = []
    engine = ScriptedEngine(lambda _request: "")

    def start(options: LoadOptions, **_observers: object) -> ScriptedEngine:
        given.append(options)
        return engine

    monkeypatch.setattr(session, "LlamaEngine", start)
    with session.Session(settings) as opened:
        assert opened.engine is engine
    return given[0], engine


def test_states_are_kept_of_the_very_file_within_what_is_set(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options, engine = options_with(Settings(model=str(model), cache_gb=0.5), monkeypatch)
    assert options.states == str(tmp_path / "home" / "cache" / "states")
    assert options.states_bytes == 500_000_000
    assert options.identity == hashlib.sha256(model.read_bytes()).hexdigest()
    assert engine.closed


def test_without_room_no_state_is_kept(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options, _engine = options_with(Settings(model=str(model), cache_gb=0), monkeypatch)
    assert (options.states, options.states_bytes, options.identity) == ("", 0, "")
