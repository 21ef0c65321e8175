"""Install the locked requirements into the environment this runs in, and show how far it is.

``python .ci/install.py LOCKFILE``. The long part is llama.cpp, which pip compiles for this CPU;
its steps are read from ninja's or make's own output. Everything pip says goes to a log, whose last
lines are shown when it fails. Uses nothing beyond the standard library: it runs before anything
is installed.
"""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ENGINE = "llama-cpp-python"
# Leaves out the library for images (mtmd), which the workbench never loads.
DEFAULT_CMAKE_ARGS = "-DLLAVA_BUILD=OFF"
SECONDS_BETWEEN_LINES = 5.0

_NINJA = re.compile(r"^\s*\[(\d+)/(\d+)\]")
_MAKE = re.compile(r"^\s*\[\s*(\d+)%\]")
_COLLECTING = re.compile(r"^(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+)")
_IGNORING = re.compile(r"^Ignoring [A-Za-z0-9._-]+: markers ")
_BUILDING = re.compile(r"^\s*Building wheel for ([A-Za-z0-9._-]+)")
_NO_COMPILER = (
    "No C++ compiler was found: on Debian or Ubuntu install g++, on Fedora gcc-c++, "
    "on macOS run xcode-select --install."
)
_HINTS = {
    r"No CMAKE_C(XX)?_COMPILER|CMAKE_C(XX)?_COMPILER not set": _NO_COMPILER,
    r"No space left on device": (
        "The disk is full: free some room, or name another folder for temporary files in TMPDIR."
    ),
    r"Killed signal|internal compiler error: Killed|virtual memory exhausted": (
        "The compiler ran out of memory: try again with CMAKE_BUILD_PARALLEL_LEVEL=1."
    ),
    r"DO NOT MATCH THE HASHES": (
        "A package differs from the one in the lock file: check the package index and any proxy "
        "in pip's configuration."
    ),
    r"Retrying \(Retry|connection error|No matching distribution found": (
        "The package index could not be reached or lacks a package: check the network "
        "connection and pip's configuration (pip config list)."
    ),
}


@dataclass
class Progress:
    """What pip is doing, read from its verbose output line by line."""

    packages: int
    collected: int = 0
    doing: str = "starting"
    built: str = ""

    def feed(self, line: str) -> None:
        """Take in one line of output."""
        if match := _NINJA.match(line):
            done, total = int(match[1]), int(match[2])
            self._building(f"step {done} of {total}, {done * 100 // max(total, 1)} %")
        elif match := _MAKE.match(line):
            self._building(f"{match[1]} %")
        elif match := _COLLECTING.match(line):
            self.collected += 1
            self.doing = f"fetching {self.collected} of {self.packages}: {match[1]}"
        elif _IGNORING.match(line):
            self.packages -= 1
        elif match := _BUILDING.match(line):
            self.built = match[1]
            self._building("preparing")
        elif line.startswith("Installing collected packages"):
            self.doing = "installing"

    def _building(self, how_far: str) -> None:
        self.doing = f"building {self.built or ENGINE}: {how_far}"


def hint(log: str) -> str | None:
    """Say what to do about a failure, where the log shows a known cause."""
    return next((advice for pattern, advice in _HINTS.items() if re.search(pattern, log)), None)


def requirement(lock: str, name: str) -> str:
    """Return the lines of one package, with its hashes, from the text of a lock file."""
    match = re.search(rf"^{re.escape(name)}==(?:.*\\\n)*.*\n", lock, re.MULTILINE)
    if match is None:
        raise SystemExit(f"{name} is not in the lock file: run make lock.")
    return match[0]


def clock(seconds: float) -> str:
    """Write seconds as minutes:seconds."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"


def say(text: str) -> None:
    """Write one line of progress."""
    print(text, file=sys.stderr, flush=True)


def run_pip(arguments: list[str], progress: Progress, log: Path) -> int:
    """Run pip, log all it says, and write a line every few seconds; returns its exit status."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    environment = os.environ | {
        "PYTHONUNBUFFERED": "1",
        "CMAKE_ARGS": os.environ.get("CMAKE_ARGS", DEFAULT_CMAKE_ARGS),
        "CMAKE_BUILD_PARALLEL_LEVEL": os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL")
        or str(os.cpu_count() or 1),
    }
    begin = time.monotonic()
    with (
        log.open("a", encoding="utf-8") as record,
        subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as pip,
    ):
        ended = threading.Event()

        def heartbeat() -> None:
            while not ended.wait(SECONDS_BETWEEN_LINES):
                say(f"  {clock(time.monotonic() - begin)}  {progress.doing}")

        threading.Thread(target=heartbeat, daemon=True).start()
        try:
            assert pip.stdout is not None
            for line in pip.stdout:
                record.write(line)
                progress.feed(line)
        finally:
            ended.set()
    return pip.returncode


def engine_is_at_hand(version: str) -> bool:
    """Tell whether the engine is installed, or pip has a wheel of it that it built before."""
    try:
        if metadata.version(ENGINE) == version:
            return True
    except metadata.PackageNotFoundError:
        pass
    wheel = f"{ENGINE.replace('-', '_')}-{version}-"
    command = [sys.executable, "-m", "pip", "cache", "list", "--format=abspath", f"{wheel}*"]
    cached = subprocess.run(command, capture_output=True, text=True, check=False)
    return wheel in cached.stdout


def compiler() -> str | None:
    """Find a C++ compiler the way CMake does: ``CXX``, then the usual names."""
    names = [os.environ.get("CXX", "").split(" ")[0], "c++", "g++", "clang++"]
    return next((name for name in names if name and shutil.which(name)), None)


def explain_failure(status: int, log: Path) -> None:
    """Show the end of the log, the likely cause, and where the whole log is."""
    text = log.read_text(encoding="utf-8", errors="replace")
    say("")
    for line in text.rstrip().splitlines()[-15:]:
        say(f"  | {line[:200]}")
    say(f"pip ended with status {status}.")
    if advice := hint(text):
        say(advice)
    say(f"The whole log: {log}")


def main(lock: Path) -> int:
    """Install the lock file; returns the exit status."""
    text = lock.read_text(encoding="utf-8")
    packages = len(re.findall(r"^[A-Za-z0-9._-]+==", text, re.MULTILINE))
    pinned = requirement(text, ENGINE)
    version = pinned.split("==", 1)[1].split()[0]
    log = Path(sys.prefix) / "install.log"
    log.write_text("", encoding="utf-8")
    chosen = os.environ.get("CMAKE_ARGS", DEFAULT_CMAKE_ARGS) != DEFAULT_CMAKE_ARGS
    at_hand = engine_is_at_hand(version) and not chosen
    if not at_hand and compiler() is None:
        say(f"{ENGINE} has to be compiled for this machine. {_NO_COMPILER}")
        return 1
    say(f"Installing {packages} packages from {lock.name} into {sys.prefix}")
    if not at_hand:
        say(f"  {ENGINE} {version} is compiled for this machine: several minutes, once.")
    progress = Progress(packages)
    status = 0
    if chosen:
        # pip's cache does not tell builds apart, so a build with options stays out of it.
        only = log.with_name("engine.lock")
        only.write_text(pinned, encoding="utf-8")
        arguments = ["install", "--verbose", "--no-cache-dir", "--no-deps", "--require-hashes"]
        status = run_pip([*arguments, "-r", str(only)], progress, log)
    if status == 0:
        arguments = ["install", "--verbose", "--require-hashes", "-r", str(lock)]
        status = run_pip(arguments, progress, log)
    if status != 0:
        explain_failure(status, log)
    return status


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1])))
    except KeyboardInterrupt:
        say("Stopped. Run the same command to go on.")
        sys.exit(130)
