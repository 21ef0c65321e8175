"""llama.cpp's own programs: where they are, how each is run, what it says of itself.

``benchmarks/build_llama_cpp.py`` builds them from the source that the installed llama-cpp-python
carries, so that both sides compute with the same code.
"""

import argparse
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from report import say

PROGRAMS = ("llama-bench", "llama-batched-bench", "llama-server", "llama-quantize")
_STARTING = 300.0
_ATTEMPTS = 20


def cache_folder() -> Path:
    """Return where the programs of the installed version are built, outside the checkout."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "workbench-peers" / version("llama-cpp-python")


def program_folder() -> Path:
    """Return the folder the programs are in after a build."""
    return cache_folder() / "build" / "bin"


def add_option(parser: argparse.ArgumentParser) -> None:
    """Let the command line name another folder of programs."""
    parser.add_argument(
        "--peers", type=Path, default=program_folder(), help="folder of llama.cpp's programs"
    )


def find(name: str, folder: Path) -> Path | None:
    """Return a program, None where it is not built; says so, and warns of a different build."""
    path = folder / name
    if not path.is_file():
        say(f"{name} is not in {folder} and left out; to build it:")
        say("  python benchmarks/build_llama_cpp.py")
        return None
    if (difference := _difference(folder)) is not None:
        say(f"WARNING: {folder} was built otherwise than the installed library, do not compare:")
        say(f"  {difference}")
    return path


def _difference(folder: Path) -> str | None:
    import llama_cpp

    installed = Path(llama_cpp.__file__).parent / "lib"
    features = [_features(place) for place in (installed, folder)]
    return None if features[0] == features[1] else " against ".join(features)


def _features(folder: Path) -> str:
    """Return what a build of llama.cpp says it was compiled with; in a process of its own."""
    library = next(iter(sorted(folder.glob("libllama.*"))), None)
    if library is None:
        return "unknown"
    code = (
        "import ctypes, sys; library = ctypes.CDLL(sys.argv[1]);"
        "library.llama_print_system_info.restype = ctypes.c_char_p;"
        "print(library.llama_print_system_info().decode())"
    )
    command = [sys.executable, "-c", code, str(library)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.stdout.strip() or "unknown"


def bench(program: Path, model: Path, threads: int, options: Sequence[str]) -> float:
    """Return the tokens a second of one test of llama-bench, run once after its warm-up."""
    command = [str(program), "-m", str(model), "-t", str(threads), "-r", "1"]
    tests = json.loads(_output([*command, "-o", "json", *options]))
    if len(tests) != 1:
        raise SystemExit(f"llama-bench ran {len(tests)} tests, not one")
    return float(tests[0]["avg_ts"])


def batched_bench(
    program: Path, model: Path, threads: int, sequences: Sequence[int], options: Sequence[str]
) -> dict[int, dict[str, float]]:
    """Return what llama-batched-bench measured, by the number of sequences.

    It prints from a thread that it does not wait for, so that the last lines may be lost when it
    exits: a test more is run, and all of it again where a line is missing.
    """
    tests = ",".join(map(str, [*sequences, 1]))
    command = [str(program), "-m", str(model), "-t", str(threads), "-npl", tests]
    for _attempt in range(_ATTEMPTS):
        output = _output([*command, "--output-format", "jsonl", *options])
        results = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
        found = {int(result["pl"]): result for result in reversed(results)}
        if all(number in found for number in sequences):
            return found
    raise SystemExit("llama-batched-bench did not print all results")


def _output(command: Sequence[str]) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        last = ran.stderr.strip().splitlines()[-3:]
        raise SystemExit("\n".join([f"{' '.join(command)} failed:", *last]))
    return ran.stdout


class Server:
    """A running llama-server; every thread asks through a connection of its own."""

    def __init__(self, port: int):
        self._port = port

    def ready(self) -> bool:
        """Tell whether the model is loaded."""
        try:
            return self._exchange("GET", "/health", None)[0] == 200
        except OSError:
            return False

    def chat(self, messages: list[dict[str, str]], max_tokens: int) -> dict[str, Any]:
        """Have it write exactly so many tokens, greedily; return usage and timings."""
        body = {
            "messages": messages,
            "max_tokens": max_tokens,
            "temperature": 0.0,
            "ignore_eos": True,
            "cache_prompt": True,
        }
        status, answer = self._exchange("POST", "/v1/chat/completions", body)
        if status != 200:
            raise SystemExit(f"llama-server answered {status}: {answer}")
        found: dict[str, Any] = answer
        return found

    def _exchange(self, method: str, path: str, body: object) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port)
        try:
            data = None if body is None else json.dumps(body).encode()
            connection.request(method, path, data, {"Content-Type": "application/json"})
            reply = connection.getresponse()
            return reply.status, json.loads(reply.read() or b"null")
        finally:
            connection.close()


@contextmanager
def server(program: Path, model: Path, threads: int, options: Sequence[str]) -> Iterator[Server]:
    """Start llama-server on a free port of this machine and stop it in the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(str(program), "-m", str(model), "-t", str(threads), "-fa", "on"),
        *("--host", "127.0.0.1", "--port", str(port), "--offline", "--no-ui", *options),
    ]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            running = Server(port)
            waiting = threading.Event()
            deadline = time.monotonic() + _STARTING
            while not running.ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    last = log.read().decode("utf-8", "replace").splitlines()[-3:]
                    raise SystemExit("\n".join(["llama-server does not start:", *last]))
                waiting.wait(0.05)
            yield running
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
