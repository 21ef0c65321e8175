"""A batch that is killed fifty times at random moments against one that nobody disturbs.

A tiny model of random weights writes what depends on every token it read, one piece at a time. At
the end both ledgers must hold the same results, byte for byte without times and counts of what was
reused, each made once; and the reports as many rows.

    .venv/bin/python benchmarks/batch_kills.py [--kills 50] [--articles 100] [--seed N]
"""

import argparse
import json
import os
import platform
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
from report import say, table

STARTING, PIECE = 1.5, 0.3
"""Seconds within which a batch is killed: after it was started, or after some result."""
TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "batch"), str(TESTS / "tasks")]


def command(folder: Path, model: Path, out: Path) -> list[str]:
    """Return the command line of the batch."""
    options = ["-p", "news", "-p", "one-sentence", "-p", "brief", "--sequences", "1"]
    options += ["--threads", "1", "--length", "short", "--format", "jsonl"]
    return [
        *(sys.executable, "-m", "workbench", "batch", str(folder / "articles")),
        *("-m", str(model), "-o", str(out), *options),
    ]


def substance(value: Any) -> Any:
    """Return a result without times and counts, which differ from one run to the next."""
    if isinstance(value, dict):
        return {k: substance(v) for k, v in value.items() if k not in ("usage", "seconds")}
    if isinstance(value, list):
        return [substance(one) for one in value]
    return value


def kept(out: Path) -> tuple[dict[str, bytes], int]:
    """Return the results of a ledger by key, and how often the busiest piece was ended."""
    path = out / "ledger.db"
    if not path.is_file():
        return {}, 0
    try:
        with closing(sqlite3.connect(path, timeout=60)) as connection:
            rows = connection.execute(
                "SELECT key, result, tries FROM pieces WHERE state = 'done'"
            ).fetchall()
    except sqlite3.OperationalError:
        return {}, 0  # killed before there were tables
    found = {
        key: json.dumps(substance(json.loads(zlib.decompress(packed)))).encode()
        for key, packed, _tries in rows
    }
    return found, max((tries for _key, _result, tries in rows), default=0)


def count(out: Path) -> int:
    """Return how many results a ledger holds, whoever writes it meanwhile."""
    try:
        with closing(sqlite3.connect(f"{(out / 'ledger.db').as_uri()}?mode=ro", uri=True)) as base:
            [(found,)] = base.execute("SELECT count(*) FROM pieces WHERE state = 'done'")
            return int(found)
    except sqlite3.Error:
        return 0  # there is none yet


def killed(arguments: list[str], home: Path, out: Path, wanted: int, seconds: float) -> bool:
    """Run a batch until it has so many results, and kill it so many seconds later.

    False where it was over before.
    """
    process = subprocess.Popen(
        arguments,
        env={**os.environ, "WORKBENCH_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and count(out) < wanted:
        time.sleep(0.01)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        engines = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        process.wait()
        _gone, alive = psutil.wait_procs(engines, timeout=60)
        if alive:
            raise SystemExit(f"an engine outlived its batch: {alive}") from None
        return True
    if process.returncode:
        raise SystemExit(f"ended with status {process.returncode}")
    return False


def whole(arguments: list[str], home: Path) -> float:
    """Run a batch to its end; return the seconds."""
    began = time.perf_counter()
    subprocess.run(
        arguments,
        env={**os.environ, "WORKBENCH_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - began


def main() -> None:
    """Run both and compare."""
    from batch_support import write_articles
    from tiny_gguf import Tiny, write

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=50, help="how often it is killed (50)")
    parser.add_argument("--articles", type=int, default=100, help="3 templates each (100)")
    parser.add_argument("--seed", type=int, default=20261128, help="of the random moments")
    chosen = parser.parse_args()
    chance = random.Random(chosen.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_articles(folder / "articles", chosen.articles)
        model = write(folder / "tiny.gguf", Tiny(context=4096))
        calm = folder / "calm"
        seconds = whole(command(folder, model, calm), folder / "home-calm")
        expected, _tries = kept(calm)
        say(f"undisturbed: {len(expected)} results in {seconds:.1f} s")
        out, home = folder / "out", folder / "home"
        arguments = command(folder, model, out)
        kills = lost = working = 0
        while kills < chosen.kills:
            had = count(out)
            # One in five at any moment of starting, the others spread over the work that is left.
            starting = chance.random() < 0.2
            share = (len(expected) - had) // (chosen.kills - kills)
            wanted = 0 if starting else had + chance.randint(1, max(1, share))
            moment = chance.uniform(0.0, STARTING if starting else PIECE)
            if not killed(arguments, home, out, min(wanted, len(expected) - 1), moment):
                raise SystemExit(f"over after {kills} kills: give it more --articles")
            kills += 1
            found = count(out)
            lost += found < had
            working += had < found < len(expected)
            say(f"kill {kills}: {found} results")
        rest = whole(arguments, home)
        found, tries = kept(out)
        with (out / "results.jsonl").open(encoding="utf-8") as stream:
            reported = sum(1 for _line in stream)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, seed {chosen.seed}\n")
    print(
        table(
            [
                ["what", "value"],
                ["pieces of work", f"{len(expected)}"],
                ["kills", f"{kills}"],
                ["kills in the middle of work, with results since the last", f"{working}"],
                ["kills after which a result was gone", f"{lost}"],
                ["results at the end", f"{len(found)}"],
                ["missing", f"{len(set(expected) - set(found))}"],
                ["not asked for", f"{len(set(found) - set(expected))}"],
                ["made more than once", f"{0 if tries <= 1 else tries}"],
                [
                    "differing from the undisturbed run",
                    f"{sum(found.get(key) != value for key, value in expected.items())}",
                ],
                ["rows reported", f"{reported}"],
                ["seconds of the last run", f"{rest:.1f}"],
            ]
        )
    )
    if found != expected or tries > 1 or lost or reported != len(expected):
        raise SystemExit("not the same results")


if __name__ == "__main__":
    main()
