"""How soon the engine's process answers while it reads a long prompt, against while it is idle.

A ping is what any command of the user interface waits at least. Pings are spread over the reading
of one prompt after the other; a cancel is timed from the call to the last event of its request.

    .venv/bin/python benchmarks/latency.py MODEL.gguf [--pings N] [--cancels N]
"""

import contextlib
import random
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from report import machine, run, say, table
from workload import (
    QUESTIONS,
    WARM_UP,
    Prompt,
    articles,
    as_shipped,
    command_line,
    finish,
    texts,
    threads,
)

from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import Answer, LoadOptions, Reading
from workbench.errors import EngineError


@contextmanager
def reading(engine: LlamaEngine, article: str) -> Iterator[tuple[Answer, threading.Event]]:
    """Have a prompt read meanwhile; the event is set when that is over."""
    answer = engine.submit(Prompt(article, QUESTIONS[0]).request(1))
    over = threading.Event()
    for event in answer:  # the first says that its turn has come
        if isinstance(event, Reading):
            break

    def listen() -> None:
        with contextlib.suppress(EngineError):
            for _event in answer:
                pass
        over.set()

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        yield answer, over
    finally:
        answer.cancel()
        listener.join()


def pings(
    engine: LlamaEngine, prompts: Iterator[str] | None, count: int, gap: float
) -> list[float]:
    """Return the seconds of so many pings, at random moments of reading, or of idleness."""
    chance = random.Random(0)
    if prompts is None:
        idle = threading.Event()
        return [_after(idle, engine, chance.uniform(0, gap)) for _ in range(count)]
    seconds: list[float] = []
    while len(seconds) < count:
        with reading(engine, next(prompts)) as (_answer, over):
            while len(seconds) < count:
                took = _after(over, engine, chance.uniform(0, gap))
                if over.is_set():
                    break
                seconds.append(took)
    return seconds


def _after(event: threading.Event, engine: LlamaEngine, wait: float) -> float:
    event.wait(wait)
    started = time.perf_counter()
    engine.ping()
    return time.perf_counter() - started


def cancels(engine: LlamaEngine, prompts: Iterator[str], count: int, gap: float) -> list[float]:
    """Return the seconds from cancelling to the end of so many requests that were being read."""
    chance = random.Random(0)
    seconds: list[float] = []
    while len(seconds) < count:
        with reading(engine, next(prompts)) as (answer, over):
            if over.wait(chance.uniform(0, gap)):
                continue
            started = time.perf_counter()
            answer.cancel()
            over.wait()
            seconds.append(time.perf_counter() - started)
    return seconds


def numbered(engine: LlamaEngine, source: Sequence[str], tokens: int) -> Iterator[str]:
    """Yield prompts of so many tokens without end, none of which begins like another."""
    [(article, _tokens)] = articles(engine, source, [tokens])
    number = 0
    while True:
        number += 1
        yield f"（{number}）{article}"


def result(measured: dict[str, list[float]]) -> str:
    """Lay out median, greatest and least in milliseconds."""
    rows = [["", "times", "median ms", "least ms", "greatest ms", "median against idle"]]
    idle = statistics.median(next(iter(measured.values())))
    for name, seconds in measured.items():
        middle = statistics.median(seconds)
        numbers = [f"{1e3 * value:.2f}" for value in (middle, min(seconds), max(seconds))]
        rows.append([name, str(len(seconds)), *numbers, f"{middle / idle:.1f} ×"])
    return table(rows)


def main() -> None:
    """Measure and print the table."""
    parser = command_line(__doc__, rounds=1)
    parser.add_argument("--tokens", type=int, default=3000, help="tokens of a prompt (3000)")
    parser.add_argument("--pings", type=int, default=50, help="pings of each kind (50)")
    parser.add_argument("--cancels", type=int, default=10, help="cancels (10)")
    parser.add_argument("--gap", type=float, default=0.2, help="most seconds between them (0.2)")
    parser.add_argument("--context", type=int, default=8192, help="context in tokens (8192)")
    chosen = parser.parse_args()
    used = threads(chosen.threads)
    measured: dict[str, list[float]] = {
        "ping, idle": [],
        "ping, reading": [],
        "cancel to end, reading": [],
    }
    options = LoadOptions(str(chosen.model), chosen.context, used)
    with as_shipped(options) as shipped, LlamaEngine(shipped) as engine:
        finish(engine, WARM_UP.request(4))
        prompts = numbered(engine, texts(chosen.articles), chosen.tokens)
        for number in range(chosen.rounds):
            measured["ping, idle"] += pings(engine, None, chosen.pings, chosen.gap)
            measured["ping, reading"] += pings(engine, prompts, chosen.pings, chosen.gap)
            measured["cancel to end, reading"] += cancels(
                engine, prompts, chosen.cancels, chosen.gap
            )
            say(f"round {number + 1} is over")
        print(machine(engine.model, used))
    print(result(measured))


if __name__ == "__main__":
    run(main)
