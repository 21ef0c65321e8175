"""How long ``workbench --help`` takes, against bare Python and against importing typer.

The commands run in turn, round after round, so that a busy moment of the machine falls on all of
them alike; medians are compared. typer is the yardstick of a command line not kept light; it
is no dependency, and left out with a message where it is not installed.

    .venv/bin/python benchmarks/startup.py [--rounds N]
"""

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence


def measure(command: Sequence[str]) -> float:
    """Return the seconds one run takes, from start to exit; raises where it fails."""
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def interleaved(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[float]]:
    """Run every command once a round; the first round warms the file cache and is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            taken = measure(command)
            if number:
                seconds[name].append(taken)
    return seconds


def table(seconds: Mapping[str, Sequence[float]], baseline: str) -> str:
    """Lay out median, fastest and slowest run in milliseconds, and the ratio of medians."""
    base = statistics.median(seconds[baseline])
    width = max(map(len, seconds))
    lines = [f"{'command':<{width}}  median ms  fastest ms  slowest ms  against {baseline}"]
    for name, runs in seconds.items():
        middle = statistics.median(runs)
        lines.append(
            f"{name:<{width}}  {middle * 1e3:9.1f}  {min(runs) * 1e3:10.1f}"
            f"  {max(runs) * 1e3:10.1f}  {middle / base:.2f} ×"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="Time of workbench --help.")
    parser.add_argument("--rounds", type=int, default=20, help="runs of each command (20)")
    rounds = parser.parse_args().rounds
    python = sys.executable
    commands = {
        "python -c pass": [python, "-c", "pass"],
        "workbench --help": [python, "-m", "workbench", "--help"],
    }
    if importlib.util.find_spec("typer"):
        commands["python -c 'import typer'"] = [python, "-c", "import typer"]
    else:
        print("typer is not installed and left out: pip install typer", file=sys.stderr)
    seconds = interleaved(commands, max(1, rounds))
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"Python {version}, {sys.platform}, {os.cpu_count()} cores, {rounds} rounds\n")
    print(table(seconds, "python -c pass"))


if __name__ == "__main__":
    main()
