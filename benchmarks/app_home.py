"""What the benchmarks of the app open it on: a folder with a library of made-up articles."""

import sys
import time
from contextlib import suppress
from pathlib import Path

from batch_scale import text_of
from report import say
from terminal import Terminal

from workbench.store.importing import import_files
from workbench.store.library import Library

WORKBENCH = [sys.executable, "-m", "workbench"]
QUIT, DOWN, UP, END, ENTER = "\x11", "\x1b[B", "\x1b[A", "\x1b[F", "\r"


def fill(home: Path, count: int) -> list[str]:
    """Put so many articles into the library of a home; return how its first rows begin."""
    files = home / "articles"
    files.mkdir(parents=True)
    for number in range(count):
        (files / f"{number:06}.txt").write_text(text_of(number), encoding="utf-8")
    (home / "data").mkdir()
    began = time.perf_counter()
    with Library.open(home / "data" / "library.db") as library:
        for _outcome in import_files(library, sorted(files.iterdir())):
            pass
        say(f"{library.count()} articles added in {time.perf_counter() - began:.0f} s")
    return [text_of(number).partition("的工程")[0] for number in range(count - 1, count - 61, -1)]


def variables(home: Path, models: Path, model: str = "") -> dict[str, str]:
    """Return the environment in which the app sees that home and those models only."""
    chosen = {"WORKBENCH_MODEL": model} if model else {}
    return {"WORKBENCH_HOME": str(home), "WORKBENCH_MODELS": str(models), **chosen}


def pressed(terminal: Terminal, key: str, word: str, every: float = 0.1) -> float:
    """Press a key, again where nothing comes of it, until a word is written; return when it was.

    TimeoutError where that does not come about within a minute.
    """
    deadline = time.perf_counter() + 60
    while time.perf_counter() < deadline:
        terminal.write(key)
        with suppress(TimeoutError):
            return terminal.wait_for(word, seconds=every)
    raise TimeoutError(f"{word} was not written")
