from collections.abc import Callable
from pathlib import Path

import pytest
from cli_support import Ended

Cli = Callable[..., Ended]


@pytest.fixture
def bundle(cli: Cli, tmp_path: Path, model: Path) -> Path:
    path = tmp_path / "b.bundle"
    ended = cli("bundle", "create", path, "-m", model, "--no-programs")
    assert ended.status == 0, ended.err
    return path


def test_a_bundle_is_made_shown_and_installed(
    cli: Cli, bundle: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shown = cli("bundle", "show", bundle, "--json").json()
    assert [item["path"] for item in shown["items"]] == ["model/tiny.gguf"]
    assert shown["fingerprint"] in cli("bundle", "show", bundle).out
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "there"))
    ended = cli("bundle", "install", bundle, "--fingerprint", shown["fingerprint"].upper())
    assert ended.status == 0
    assert "installed: " in ended.out
    (placed,) = cli("bundle", "install", bundle, "--json").json()
    assert placed["outcome"] == "there"
    assert "tiny" in cli("models", "list").out


def test_another_fingerprint_is_refused(
    cli: Cli, bundle: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "there"))
    ended = cli("bundle", "install", bundle, "--fingerprint", "0" * 64)
    assert ended.status == 1
    assert "its fingerprint is" in ended.complaint()
    assert not list((tmp_path / "there").rglob("*.gguf"))


def test_a_model_whose_file_name_is_taken_fails_and_is_told(
    cli: Cli, bundle: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "there"))
    other = tmp_path / "there" / "data" / "models" / "tiny.gguf"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"another")
    ended = cli("bundle", "install", bundle)
    assert ended.status == 1
    assert "another model has this file name" in ended.complaint()
    assert other.read_bytes() == b"another"
    assert cli("bundle", "install", bundle, "--replace").status == 0


@pytest.mark.parametrize("command", ["show", "install"])
def test_a_file_that_is_no_bundle_is_one_line(cli: Cli, tmp_path: Path, command: str) -> None:
    (tmp_path / "x").write_bytes(b"x" * 2000)
    for path in (tmp_path / "x", tmp_path / "missing", tmp_path):
        ended = cli("bundle", command, path)
        assert ended.status == 1
        assert str(path) in ended.complaint()


def test_a_place_that_takes_no_file_is_one_line(cli: Cli, tmp_path: Path, model: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for path in (tmp_path / "file" / "b", tmp_path):
        ended = cli("bundle", "create", path, "-m", model, "--no-programs")
        assert ended.status == 1
        assert ended.complaint()


def test_wrong_use_is_told(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "b"
    assert cli("bundle", "create", path, "--no-programs").status == 2
    assert cli("bundle", "create", path, "-m", "x", "--no-models").status == 2
    assert cli("bundle", "create", path, "--no-programs", "--wheels", tmp_path).status == 2
    assert cli("bundle", "create").status == 2
    assert not path.exists()
