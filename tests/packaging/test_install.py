import importlib.util
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
BACKEND = r"""
import pathlib, zipfile

INFO = "slow_to_build-1.0.dist-info"
METADATA = "Metadata-Version: 2.1\nName: slow-to-build\nVersion: 1.0\n"
TAG = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"

def prepare_metadata_for_build_wheel(folder, config_settings=None):
    (pathlib.Path(folder) / INFO).mkdir()
    (pathlib.Path(folder) / INFO / "METADATA").write_text(METADATA)
    return INFO

def build_wheel(folder, config_settings=None, metadata_directory=None):
    for step in range(1, 4):
        print(f"[{step}/3] cc -c file{step}.c", flush=True)
    if pathlib.Path("broken").exists():
        print("c++: fatal error: Killed signal terminated program cc1plus", flush=True)
        raise SystemExit(1)
    name = "slow_to_build-1.0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder) / name, "w") as wheel:
        wheel.writestr(f"{INFO}/METADATA", METADATA)
        wheel.writestr(f"{INFO}/WHEEL", TAG)
        wheel.writestr(f"{INFO}/RECORD", "")
    return name
"""


@pytest.fixture(scope="module")
def install() -> ModuleType:
    specification = importlib.util.spec_from_file_location("install", ROOT / ".ci" / "install.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["install"] = module  # dataclasses look their module up
    specification.loader.exec_module(module)
    del sys.modules["install"]
    return module


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "slow"
    folder.mkdir()
    (folder / "backend.py").write_text(BACKEND, encoding="utf-8")
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "slow-to-build"\nversion = "1.0"\n',
        encoding="utf-8",
    )
    return folder


def run_pip(install: ModuleType, package: Path, tmp_path: Path) -> tuple[int, str, str]:
    log = tmp_path / "log"
    progress = install.Progress(1)
    arguments = ["install", "--verbose", "--no-index", "--no-build-isolation", "--no-cache-dir"]
    target = str(tmp_path / "target")
    status = install.run_pip([*arguments, "--target", target, str(package)], progress, log)
    return status, progress.doing, log.read_text(encoding="utf-8")


def test_steps_of_a_real_build_are_followed(
    install: ModuleType, package: Path, tmp_path: Path
) -> None:
    status, _doing, log = run_pip(install, package, tmp_path)
    assert status == 0, log
    progress = install.Progress(1)
    seen = []
    for line in log.splitlines():
        progress.feed(line)
        seen.append(progress.doing)
    assert "building slow-to-build: step 2 of 3, 66 %" in seen
    assert seen[-1] == "installing"


def test_a_failed_build_is_explained(
    install: ModuleType, package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (package / "broken").touch()
    status, _doing, log = run_pip(install, package, tmp_path)
    assert status != 0
    install.explain_failure(status, tmp_path / "log")
    said = capsys.readouterr().err
    assert "CMAKE_BUILD_PARALLEL_LEVEL=1" in said
    assert str(tmp_path / "log") in said
    assert log.rstrip().splitlines()[-1][:200] in said


def test_progress_counts_only_packages_meant_for_this_machine(install: ModuleType) -> None:
    progress = install.Progress(3)
    progress.feed("Ignoring colorama: markers 'os_name == \"nt\"' don't match your environment")
    progress.feed("Requirement already satisfied: click==8.2.0 in ./lib (from -r lock (line 1))")
    progress.feed("Collecting rich==14.0.0 (from -r lock (line 4))")
    assert progress.doing == "fetching 2 of 2: rich"
    progress.feed("  Building wheel for llama-cpp-python (pyproject.toml): started")
    progress.feed("  [ 41%] Building CXX object ggml.cpp.o")
    assert progress.doing == "building llama-cpp-python: 41 %"


def test_one_requirement_is_taken_from_the_lock_with_its_hashes(install: ModuleType) -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = install.requirement(text, "llama-cpp-python")
    assert re.fullmatch(r"llama-cpp-python==\S+ \\\n( +--hash=sha256:\w{64}( \\)?\n)+", pinned)
    with pytest.raises(SystemExit, match="make lock"):
        install.requirement(text, "no-such-package")


def make(*arguments: str, path: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PATH": f"{path}{os.pathsep}{os.environ['PATH']}"}
    for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHON"):
        environment.pop(name, None)
    command = ["make", "-f", str(ROOT / "Makefile"), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def pretend_python(folder: Path, version: tuple[int, int], modules: str) -> Path:
    """Write a ``python`` that answers the questions the Makefile asks before it makes .venv."""
    script = folder / "pretended-python"
    script.write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        f"  --version) echo Python {version[0]}.{version[1]}.0;;\n"
        f"  *version_info*) exit {int(version < (3, 11))};;\n"
        f"  *ensurepip*) exit {modules};;\n"
        "  *) echo not expected >&2; exit 99;;\n"
        "esac\n",
        encoding="utf-8",
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return script


@pytest.mark.parametrize(
    ("version", "modules", "said"),
    [
        ((3, 9), "0", "is Python 3.9.0, but 3.11 or newer is needed"),
        ((3, 12), "1", "lacks the venv module"),
    ],
)
def test_make_says_what_an_unfit_python_lacks(
    version: tuple[int, int], modules: str, said: str, tmp_path: Path
) -> None:
    script = pretend_python(tmp_path, version, modules)
    ended = make(f"PYTHON={script}", ".venv/bin/python", path=tmp_path, folder=tmp_path)
    assert ended.returncode != 0
    assert said in ended.stderr
    assert not (tmp_path / ".venv").exists()


def test_make_says_that_the_named_python_is_not_there(tmp_path: Path) -> None:
    ended = make("PYTHON=no-such-python", ".venv/bin/python", path=tmp_path, folder=tmp_path)
    assert ended.returncode != 0
    assert "There is no no-such-python" in ended.stderr


def test_make_without_a_goal_shows_the_goals(tmp_path: Path) -> None:
    ended = make(path=tmp_path, folder=tmp_path)
    assert ended.returncode == 0
    assert "make demo" in ended.stdout


def test_installing_without_a_compiler_says_how_to_get_one(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("llama-cpp-python==0.0.1 \\\n    --hash=sha256:0\n", encoding="utf-8")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    said: list[str] = []
    monkeypatch.setattr(install, "say", said.append)
    assert install.main(lock) == 1
    assert any("g++" in line for line in said)
