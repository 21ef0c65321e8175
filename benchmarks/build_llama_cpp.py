"""Build the programs of llama.cpp that the engine is measured against, where they are not yet.

The source is the one in the source archive of the installed llama-cpp-python, checked against the
lock file. It is compiled as that package compiles it: a release build with llama.cpp's own defaults
(``GGML_NATIVE``, OpenMP, repacking) and what CMAKE_ARGS adds; give the CMAKE_ARGS that the package
was installed with. It all stays in ``${XDG_CACHE_HOME:-~/.cache}/workbench-peers``, about 600 MB.
Needs CMake and a C++ compiler, and takes about 11 minutes on 2 cores.

    .venv/bin/python benchmarks/build_llama_cpp.py [--jobs N] [--again]
"""

import argparse
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import peers
from report import say

PACKAGE = "llama-cpp-python"
LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"
FLAGS = (
    "-DCMAKE_BUILD_TYPE=Release",
    "-DLLAMA_CURL=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_UI=OFF",
)


def digests(lock: str, package: str, release: str) -> set[str]:
    """Return the SHA-256 sums that a lock file allows for a release, none where it is not in it."""
    pattern = rf"^{re.escape(package)}=={re.escape(release)} \\\n((?:\s+--hash=\S+(?: \\)?\n)+)"
    found = re.search(pattern, lock, re.MULTILINE)
    return set(re.findall(r"sha256:([0-9a-f]{64})", found[1])) if found else set()


def archive(folder: Path, release: str) -> Path:
    """Return the source archive, downloaded where it is not there; ends where it is another's."""
    path = folder / f"{PACKAGE.replace('-', '_')}-{release}.tar.gz"
    if not path.is_file():
        pip = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-deps"]
        # Only the package itself from source: what pip needs to look into it may be wheels.
        run([*pip, "--no-binary", PACKAGE, "-d", str(folder), f"{PACKAGE}=={release}"])
    allowed = digests(LOCK.read_text(encoding="utf-8"), PACKAGE, release)
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found not in allowed:
        raise SystemExit(f"{path} is not the archive that {LOCK.name} names: delete it")
    return path


def source(folder: Path, release: str) -> Path:
    """Return the folder of llama.cpp's source, unpacked where it is not there."""
    path = folder / "source"
    if not path.is_dir():
        with tempfile.TemporaryDirectory(dir=folder) as name:
            with tarfile.open(archive(folder, release)) as packed:
                packed.extractall(name, filter="data")
            [top] = Path(name).iterdir()
            (top / "vendor" / "llama.cpp").rename(path)
    return path


def build(source_folder: Path, folder: Path, jobs: int) -> None:
    """Configure and compile; what is compiled already is left as it is."""
    if shutil.which("cmake") is None:
        raise SystemExit("CMake is needed: install it with the system's packages or pip")
    flags = [*FLAGS, *shlex.split(os.environ.get("CMAKE_ARGS", ""))]
    run(["cmake", "-S", str(source_folder), "-B", str(folder), *flags])
    run(["cmake", "--build", str(folder), f"-j{jobs}", "--target", *peers.PROGRAMS])


def run(command: Sequence[str]) -> None:
    """Run a command, whose output goes to standard error; ends where it fails."""
    say(shlex.join(command))
    status = subprocess.run(command, stdout=sys.stderr.fileno(), check=False).returncode
    if status:
        raise SystemExit(f"{command[0]} ended with status {status}")


def main() -> None:
    """Build what is missing and print where it is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="compilers at once")
    parser.add_argument("--again", action="store_true", help="compile anew")
    chosen = parser.parse_args()
    folder = peers.cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    programs = peers.program_folder()
    if chosen.again:
        shutil.rmtree(folder / "build", ignore_errors=True)
    if not all((programs / name).is_file() for name in peers.PROGRAMS):
        build(source(folder, version(PACKAGE)), folder / "build", chosen.jobs)
    for name in peers.PROGRAMS:
        if peers.find(name, programs) is None:
            raise SystemExit(1)
    print(programs)


if __name__ == "__main__":
    main()
