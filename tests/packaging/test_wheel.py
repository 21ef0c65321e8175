import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel in an environment of its own; return the command it put there.

    The libraries are those of the running environment, put on the path by a .pth file: the .pth
    of an editable install that lies among them is not followed from there.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    variables = {"base": str(folder), "platbase": str(folder)}
    packages = Path(sysconfig.get_path("purelib", scheme="venv", vars=variables))
    libraries = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "libraries.pth").write_text("\n".join(libraries), encoding="utf-8")
    scripts = Path(sysconfig.get_path("scripts", scheme="venv", vars=variables))
    pip = [sys.executable, "-m", "pip", "--python", str(scripts / "python")]
    install = [*pip, "install", "--quiet", "--no-deps", "--no-index", "--ignore-installed"]
    ended = subprocess.run([*install, str(wheel)], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return scripts / "workbench"


def run(command: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the installed command outside the checkout, with a home of its own."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("WORKBENCH_", "PYTHON", "LC_", "LANG"))
    }
    environment["WORKBENCH_HOME"] = str(folder / "home")
    return subprocess.run(
        [str(command), *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )


def tracked(folder: str, pattern: str) -> set[str]:
    return {path.relative_to(ROOT / folder).as_posix() for path in (ROOT / folder).rglob(pattern)}


def test_wheel_carries_all_that_is_not_code(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {f"workbench/_data/prompts/{name}" for name in tracked("prompts", "*.md")}
    for pattern in ("*.txt", "*.toml", "*.sql", "*.mo", "py.typed"):
        expected |= {f"workbench/{name}" for name in tracked("workbench", pattern)}
    expected |= {"workbench/_data/catalog.toml", "workbench/py.typed"}
    assert {"workbench/samples/city-library-nights.txt"} < expected
    assert expected <= names


def test_wheel_carries_the_modules_and_the_licence_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    modules = {f"workbench/{name}" for name in tracked("workbench", "*.py")}
    assert modules <= set(names)
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    folders = {name.split("/")[0].split("-")[0] for name in names}
    assert folders == {"workbench", "workbench_zh"}
    assert not [name for name in names if name.endswith((".pyc", ".gguf"))]


def test_installed_command_lists_the_templates_it_came_with(
    installed: Path, tmp_path: Path
) -> None:
    ended = run(installed, "prompts", "list", "--json", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    listed = json.loads(ended.stdout)
    assert {item["name"] for item in listed} == {
        Path(name).stem for name in tracked("prompts", "*.md")
    }
    for item in listed:
        assert not Path(item["path"]).is_relative_to(ROOT)


def test_installed_command_lists_the_models_of_the_catalogue(
    installed: Path, tmp_path: Path
) -> None:
    ended = run(installed, "models", "list", "--json", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    listed = {item["id"]: item for item in json.loads(ended.stdout)}
    assert {"qwen2.5-coder-0.5b", "qwen3-4b-2507"} <= set(listed)
    assert not any(item["here"] for item in listed.values())


def test_installed_command_reads_a_sample_it_came_with(installed: Path, tmp_path: Path) -> None:
    python = installed.with_name("python")
    script = "import workbench; print(workbench.__path__[0])"
    found = subprocess.run(
        [str(python), "-c", script], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    package = Path(found.stdout.strip())
    assert not package.is_relative_to(ROOT)
    sample = package / "samples" / "fishing-harbour-electric-boats.txt"
    ended = run(installed, "read", str(sample), "--json", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert '"traditional"' in ended.stdout
