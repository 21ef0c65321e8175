"""Start of the app with 5,000 articles to its first usable frame, beside posting and harlequin.

Each program runs in a pseudo-terminal of 120x34, in turn, round after round; the first round warms
the file cache and is not counted. "Frame" is the time from starting the process to when words have
been written that stand on the screen one works on: in the app the newest articles, in posting the
field of the address, in harlequin its editor and that its database is there. "Usable" is the time
to when a key has shown on it: the last page of articles, a letter in the field or editor.
posting opens an empty collection and harlequin a database in memory, that is nothing; the app
opens its library and looks for a model, as it does every day.

The others are put into environments of their own, once, from the package index, by pip.

    .venv/bin/python benchmarks/tui_start.py [--articles 5000] [--rounds 10]
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app_home import END, QUIT, WORKBENCH, fill, pressed, variables
from batch_scale import text_of
from report import against, say, spread, table
from terminal import Terminal

SIZE = (120, 34)
PEERS = {
    # Textual 6.1, which this posting asks for, crashes with tree-sitter 0.26.
    "posting": ["posting==2.11.1", "tree-sitter==0.25.2"],
    "harlequin": ["harlequin==2.17.0"],
}


@dataclass(frozen=True)
class Program:
    """How to start a program, what stands on its first usable screen, and how it is tried."""

    command: Sequence[str]
    variables: Mapping[str, str]
    words: Sequence[str]
    key: str
    shows: str
    end: str


def environment(name: str) -> Path:
    """Return the folder of the programs of a peer; makes its environment where there is none."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "workbench-peers" / name
    programs = folder / "bin"
    if not (programs / name).is_file():
        say(f"putting {name} into {folder}")
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(programs / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--disable-pip-version-check", *PEERS[name]], check=True)
    return programs


def timed(program: Program) -> tuple[float, float]:
    """Start a program and end it; return the seconds to its frame and until a key had shown."""
    terminal = Terminal(program.command, program.variables, SIZE)
    try:
        frame = terminal.wait_for(*program.words) - terminal.started
        terminal.forget()
        usable = pressed(terminal, program.key, program.shows) - terminal.started
    finally:
        terminal.end(program.end)
    return frame, usable


def programs(folder: Path, articles: int) -> dict[str, Program]:
    """Return the app and its peers, each with a home of its own that it has seen before."""
    from tiny_gguf import Tiny, write

    models = folder / "models"
    models.mkdir()
    model = str(write(models / "tiny.gguf", Tiny(context=4096)))
    titles = fill(folder / "home", articles)
    last = text_of(0).partition("的工程")[0]
    found = {
        "workbench": Program(
            WORKBENCH, variables(folder / "home", models, model), titles[:2], END, last, QUIT
        )
    }
    known = {"posting": (["Enter a URL"], "\x03"), "harlequin": (["Editor", "Connected"], QUIT)}
    for name, (words, end) in known.items():
        home = folder / name
        home.mkdir()
        places = {"HOME": str(home)} | {
            f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "CACHE")
        }
        command = [str(environment(name) / name)]
        found[name] = Program(command, places, words, "Z", "Z", end)
    return found


def main() -> None:
    """Measure and print the table."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=int, default=5000, help="in the library (5000)")
    parser.add_argument("--rounds", type=int, default=10, help="starts of each (10)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        compared = programs(Path(name), chosen.articles)
        frames: dict[str, list[float]] = {name: [] for name in compared}
        usable: dict[str, list[float]] = {name: [] for name in compared}
        for number in range(chosen.rounds + 1):
            for name, program in compared.items():
                frame, reacted = timed(program)
                if number:
                    frames[name].append(frame)
                    usable[name].append(reacted)
            say(f"round {number} is over")
    faster = min(PEERS, key=lambda name: statistics.median(usable[name]))
    load = os.getloadavg()[0]
    print(
        f"{', '.join(pins[0] for pins in PEERS.values())}, Python {platform.python_version()},"
        f" {os.cpu_count()} cores, {chosen.rounds} rounds, {chosen.articles} articles,"
        f" load average {load:.1f} at the end\n"
    )
    rows = [["program", "frame s", "usable s", f"usable, against {faster}"]]
    for name in compared:
        ratio = against(usable[name], usable[faster])
        rows.append([name, spread(frames[name], 2), spread(usable[name], 2), ratio])
    print(table(rows))


if __name__ == "__main__":
    main()
