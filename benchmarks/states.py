"""How long a KV state takes to save, find and load, and what each checksum would take of it.

The bytes are random and stay in the page cache, so the disk itself is not measured. Fastest, median
and slowest of the rounds are printed.

    .venv/bin/python benchmarks/states.py [--mib N] [--files N] [--rounds N]
"""

import argparse
import hashlib
import os
import random
import ssl
import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from workbench.engine.states import StateStore

TOKENS = 3000
CHECKSUMS: dict[str, Callable[[bytes], object]] = {
    "zlib.crc32": zlib.crc32,
    "zlib.adler32": zlib.adler32,
    "hashlib.sha1": hashlib.sha1,
    "hashlib.sha256": hashlib.sha256,
    "hashlib.blake2b": hashlib.blake2b,
}


def show(name: str, action: Callable[[], object], rounds: int) -> None:
    """Time an action and print a line of the table; the first run is not counted."""
    seconds = []
    for number in range(rounds + 1):
        begin = time.perf_counter()
        if not action():
            raise SystemExit(f"{name} failed")
        if number:
            seconds.append(time.perf_counter() - begin)
    milliseconds = [1e3 * value for value in seconds]
    middle = statistics.median(milliseconds)
    print(f"{name:<16}  {min(milliseconds):10.1f}  {middle:9.1f}  {max(milliseconds):10.1f}")


def _worked_out(checksum: Callable[[bytes], object], data: bytes) -> bool:
    return checksum(data) is not None


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="Time of KV states on disk.")
    parser.add_argument("--mib", type=int, default=84, help="size of the state (84)")
    parser.add_argument("--files", type=int, default=400, help="other states in the folder (400)")
    parser.add_argument("--rounds", type=int, default=10, help="runs of each (10)")
    arguments = parser.parse_args()
    data = os.urandom(arguments.mib << 20)
    chance = random.Random(0)
    tokens = [chance.randrange(150_000) for _position in range(TOKENS)]
    print(f"{arguments.mib} MiB, {sys.platform}, {os.cpu_count()} cores")
    print(f"zlib {zlib.ZLIB_RUNTIME_VERSION}, {ssl.OPENSSL_VERSION}\n")
    print(f"{'':<16}  fastest ms  median ms  slowest ms")
    for label, checksum in CHECKSUMS.items():
        show(label, partial(_worked_out, checksum, data), arguments.rounds)
    with tempfile.TemporaryDirectory() as name:
        store = StateStore(Path(name) / "states", 1 << 40)
        for _file in range(arguments.files):
            other = [chance.randrange(150_000) for _position in range(chance.randrange(1, TOKENS))]
            store.save("model", other, b"state")
        show("save", lambda: store.save("model", tokens, data), arguments.rounds)
        show("find", lambda: store.longest("model", [*tokens, 0]), arguments.rounds)
        stored = store.longest("model", [*tokens, 0])
        if stored is None:
            raise SystemExit("the state is not there")
        show("load", lambda: store.load(stored), arguments.rounds)


if __name__ == "__main__":
    main()
