"""What is said of the KV states on disk, and what clearing them leaves."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_support import Ended

from workbench.engine.states import StateStore

Cli = Callable[..., Ended]


@pytest.fixture
def states(home: Path) -> Path:
    """Two states, as an engine leaves them."""
    folder = home / "cache" / "states"
    store = StateStore(folder, 1 << 30)
    assert store.save("model", [1, 2, 3], bytes(2_000_000))
    assert store.save("model", [1, 2, 3, 4], bytes(3_000_000))
    return folder


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def test_without_states_nothing_is_made_or_found(cli: Cli, home: Path) -> None:
    assert cli("cache", "show", "--json").json() == {
        "folder": str(home / "cache" / "states"),
        "files": 0,
        "bytes": 0,
        "capacity": 4_000_000_000,
    }
    ended = cli("cache", "clear", "--json")
    assert ended.status == 0
    assert ended.json()["files"] == 0
    assert not (home / "cache" / "states").exists()


def test_show_and_doctor_count_the_same(cli: Cli, states: Path) -> None:
    shown = cli("cache", "show", "--json").json()
    assert (shown["files"], shown["bytes"]) == (2, size_of(states))
    found = cli("doctor", "--json").json()
    assert found["states"] == {
        "files": 2,
        "bytes": size_of(states),
        "capacity": 4_000_000_000,
    }
    assert found["folders"]["KV states"] == str(states)
    said = "KV states: 2, 5 MB of at most 4.00 GB"
    shown_text, doctor_text = cli("cache", "show"), cli("doctor")
    assert shown_text.out.splitlines() == [said, f"folder: {states}"]
    assert said in doctor_text.out.splitlines()
    assert shown_text.err == ""


def test_the_cap_is_that_of_the_settings(
    cli: Cli, states: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE_GB", "0.5")
    assert cli("cache", "show", "--json").json()["capacity"] == 500_000_000
    assert "500 MB" in cli("cache", "show").out
    monkeypatch.setenv("WORKBENCH_CACHE_GB", "0")
    assert cli("cache", "show", "--json").json()["capacity"] == 0
    assert "cache_gb = 0" in cli("cache", "show").out
    assert "cache_gb = 0" in cli("doctor").out


def test_clear_deletes_the_states_and_nothing_else(cli: Cli, states: Path) -> None:
    size = size_of(states)
    (states / "notes.txt").write_text("mine", encoding="utf-8")
    ended = cli("cache", "clear", "--json")
    assert ended.status == 0
    assert ended.json() == {"folder": str(states), "files": 2, "bytes": size, "left": 0}
    assert [path.name for path in states.iterdir()] == ["notes.txt"]
    assert cli("cache", "clear").out == "0 deleted, 0 MB\n"


def test_clear_works_where_the_settings_are_broken(cli: Cli, home: Path, states: Path) -> None:
    (home / "config").mkdir(parents=True)
    (home / "config" / "config.toml").write_text("cache_gb = 'much'", encoding="utf-8")
    assert cli("cache", "show").status == 2
    assert cli("cache", "clear").status == 0
    assert size_of(states) == 0


def test_what_cannot_be_deleted_is_told_in_one_line(
    cli: Cli, states: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, os.strerror(13), str(self))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        ended = cli("cache", "clear", "--json")
    assert ended.status == 1
    assert ended.json()["left"] == 2
    assert str(states) in ended.complaint()
