"""How fast the app answers keys while the engine does nothing, and while it reads.

The app runs in a pseudo-terminal of 120x34 on a library of made-up articles, the newest of them a
very long one. A key counts from when it was written to the terminal until what it changes was
written back: down and up in the table, letters in the field of the search, lines and pages of the
long article. First nothing else goes on; then the same while the engine reads that article with
the threads it takes by itself, which the status line of the app shows. The table gives the median
and the 95th percentile in milliseconds, then the memory of app and engine.

Without a model the engine reads with one of random weights, of about 50 million parameters.

    .venv/bin/python benchmarks/tui_latency.py [--model MODEL.gguf] [--articles 5000] [--keys 60]
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil
from app_home import DOWN, ENTER, QUIT, UP, WORKBENCH, fill, variables
from report import say, table
from terminal import Terminal

SIZE = (120, 34)
LIBRARY, ARTICLE = "\x1bOQ", "\x1bOR"
PAGE_DOWN, HOME = "\x1b[6~", "\x1b[H"
PARAGRAPHS = 4000
MARK = "段号"
READING = "reading"


def long_article() -> str:
    """Return an article that takes long to be read; each paragraph has its number."""
    lines = [
        f"{MARK}{number:05}，今天河边的工地又立起一根柱子，工人说进度比上月快了{number % 7 + 1}天。"
        for number in range(PARAGRAPHS)
    ]
    return "很长的一篇记录\n\n" + "\n\n".join(lines) + "\n"


def timed(terminal: Terminal, key: str, word: str) -> float:
    """Return the seconds from writing a key until a word that it brings was written."""
    while terminal.read(0) is not None:  # what came since is not of this key
        pass
    terminal.forget()
    began = terminal.write(key)
    return terminal.wait_for(word, seconds=30) - began


def in_table(terminal: Terminal, titles: list[str]) -> Iterator[Callable[[], float]]:
    """Go down and up in the table."""
    terminal.write(LIBRARY)
    terminal.write(HOME)
    terminal.settle(0.3, 3)
    row = 0
    while True:
        down = row < 12
        row += 1 if down else -12
        if down:
            yield partial(timed, terminal, DOWN, titles[row])
        else:
            for _step in range(12):
                terminal.write(UP)
            terminal.settle(0.2, 2)


def typed(terminal: Terminal) -> Iterator[Callable[[], float]]:
    """Write letters into the search."""
    terminal.write(LIBRARY)
    terminal.write("/")
    terminal.settle(0.3, 3)
    letters = "qzxjkvwy"
    number = 0
    so_far = ""
    while True:
        letter = letters[number % len(letters)]
        so_far += letter
        number += 1
        last = so_far[-3:]
        yield partial(timed, terminal, letter, last)


def scrolled(terminal: Terminal, key: str) -> Iterator[Callable[[], float]]:
    """Scroll the article."""
    terminal.write(ARTICLE)
    terminal.settle(0.3, 3)
    while True:
        yield partial(timed, terminal, key, MARK)


def measured(steps: Iterator[Callable[[], float]], keys: int) -> list[float]:
    """Press so many keys, a little apart as a person does."""
    found = []
    for _number, step in zip(range(keys), steps, strict=False):
        found.append(step())
        time.sleep(0.03)
    return found


def all_ways(terminal: Terminal, titles: list[str], keys: int) -> dict[str, list[float]]:
    """Measure every way of using keys."""
    found = {
        "table, a row": measured(in_table(terminal, titles), keys),
        "article, a line": measured(scrolled(terminal, DOWN), keys),
        "article, a page": measured(scrolled(terminal, PAGE_DOWN), keys),
        "search, a letter": measured(typed(terminal), keys),
    }
    terminal.write("\x7f" * keys)
    terminal.settle(0.5, 5)
    terminal.write("\x1b")
    terminal.settle(0.5, 3)
    return found


def row(name: str, values: list[float]) -> list[str]:
    """Return a row of the table, in milliseconds."""
    ordered = sorted(values)
    high = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return [name, f"{statistics.median(values) * 1e3:.0f}", f"{high * 1e3:.0f}", str(len(values))]


def main() -> None:
    """Measure and print the table."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    from tiny_gguf import Tiny, write

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", help="a GGUF; else one of random weights")
    parser.add_argument("--articles", type=int, default=5000, help="in the library (5000)")
    parser.add_argument("--keys", type=int, default=60, help="of each kind (60)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = folder / "models"
        models.mkdir()
        heavy = Tiny(context=32768, embedding=768, feed_forward=2048, layers=8)
        model = chosen.model or str(write(models / "heavy.gguf", heavy))
        titles = fill(folder / "home", chosen.articles)
        add_long(folder)
        shown = ["很长的一篇记录", *titles]
        own = {"WORKBENCH_LANGUAGE": "en", "WORKBENCH_CONTEXT": "16384", "WORKBENCH_CACHE_GB": "0"}
        place = variables(folder / "home", models, model) | own
        terminal = Terminal(WORKBENCH, place, SIZE)
        try:
            terminal.wait_for(shown[0], shown[1])
            terminal.settle(1.0, 20)
            terminal.write(ENTER)
            terminal.wait_for(f"{MARK}00000")
            terminal.settle(2.0, 60)
            idle = all_ways(terminal, shown, chosen.keys)
            say("idle is measured")
            terminal.write(ARTICLE)
            terminal.write("s")
            terminal.wait_for(READING, seconds=120)
            busy = all_ways(terminal, shown, chosen.keys)
            terminal.forget()
            terminal.wait_for(READING, seconds=30)  # it still reads: all of that was meanwhile
            app = psutil.Process(terminal.pid)
            memory = app.memory_info().rss
            engine = sum(child.memory_info().rss for child in app.children(recursive=True))
        finally:
            terminal.end(QUIT)
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {chosen.articles} articles,"
        f" {Path(model).name}, load average {os.getloadavg()[0]:.1f} at the end\n"
    )
    rows = [["key", "p50 ms", "p95 ms", "keys"]]
    rows += [row(f"{name}, idle", values) for name, values in idle.items()]
    rows += [row(f"{name}, engine reads", values) for name, values in busy.items()]
    print(table(rows))
    print(f"\nresident: app {memory / 1e6:.0f} MB, engine {engine / 1e6:.0f} MB")


def add_long(folder: Path) -> None:
    """Put the long article into the library, as its newest."""
    from workbench.articles.reader import read_article
    from workbench.store.library import Library

    path = folder / "long.txt"
    path.write_text(long_article(), encoding="utf-8")
    with Library.open(folder / "home" / "data" / "library.db") as library:
        library.add(read_article(path))


if __name__ == "__main__":
    main()
