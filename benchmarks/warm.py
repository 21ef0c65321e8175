"""Time to the first token of a question on an article that an earlier process has read.

Each round starts with an empty folder of states. A process reads the article (cold) and ends; a
new one is asked something else about it (warm: the state comes from disk, in the page cache), and
the same once more, the article being in memory (resident: only the question is read). Warm
less resident is what restoring costs. Times run from handing in to the first token, the model
being loaded; what starting and loading take is told apart.

    .venv/bin/python benchmarks/warm.py MODEL.gguf [--tokens N] [--articles FOLDER|FILE]
"""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from report import machine, ratios, run, say, spread, table
from workload import (
    QUESTIONS,
    WARM_UP,
    Prompt,
    articles,
    command_line,
    finish,
    sha256,
    texts,
    threads,
)

from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import LoadOptions, ModelInfo


@dataclass(frozen=True)
class Round:
    """Seconds until the first token, and what was measured beside them."""

    stateless: float
    cold: float
    warm: float
    resident: float
    starting: float
    question_tokens: int
    state_bytes: int


def first_token(engine: LlamaEngine, article: str, question: str) -> tuple[float, int]:
    """Return the seconds until the first token is written, and the tokens that were reused."""
    started = time.perf_counter()
    done = finish(engine, Prompt(article, question).request(1))
    return time.perf_counter() - started, done.usage.reused_tokens


def started(options: LoadOptions) -> tuple[LlamaEngine, float]:
    """Return an engine in a new process, loaded and warmed up, and the seconds of loading."""
    begin = time.perf_counter()
    engine = LlamaEngine(options)
    engine.load()
    seconds = time.perf_counter() - begin
    finish(engine, WARM_UP.request(4))
    return engine, seconds


def measure(options: LoadOptions, article: str, tokens: int) -> Round:
    """Go through all cases once; ends with an error where a state was not there."""
    engine, _seconds = started(replace(options, states=""))
    with engine:
        stateless, _reused = first_token(engine, article, QUESTIONS[0])
    with tempfile.TemporaryDirectory() as folder:
        options = replace(options, states=folder, states_bytes=1 << 36)
        engine, _seconds = started(options)
        with engine:
            cold, _reused = first_token(engine, article, QUESTIONS[0])
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        engine, starting = started(options)
        with engine:
            warm, reused = first_token(engine, article, QUESTIONS[1])
            if reused < tokens:
                raise SystemExit(f"only {reused} of {tokens} tokens came from disk")
            resident, reused = first_token(engine, article, QUESTIONS[1])
            total = engine.prompt_tokens(Prompt(article, QUESTIONS[1]).request(1))
    return Round(stateless, cold, warm, resident, starting, total - reused, size)


def result(rounds: Sequence[Round]) -> str:
    """Lay out the cases in milliseconds, each against cold."""
    cold = [one.cold for one in rounds]
    cases = {
        "cold, states kept": cold,
        "cold, no states": [one.stateless for one in rounds],
        "warm: a new process, the state from disk": [one.warm for one in rounds],
        "resident: the question's own tokens alone": [one.resident for one in rounds],
        "restoring: warm less resident": [one.warm - one.resident for one in rounds],
        "(starting the process, loading the model)": [one.starting for one in rounds],
    }
    rows = [["until the first token", "milliseconds", "against cold", "cold against it"]]
    for name, seconds in cases.items():
        milliseconds = [1e3 * value for value in seconds]
        inverse = f"{spread(ratios(cold, seconds), 1)} ×" if min(seconds) > 0 else ""
        share = [100 * value for value in ratios(seconds, cold)]
        rows.append([name, spread(milliseconds), f"{spread(share, 1)} %", inverse])
    return table(rows)


def main() -> None:
    """Measure and print the table."""
    parser = command_line(__doc__, rounds=3)
    parser.add_argument("--tokens", type=int, default=3000, help="tokens of the article (3000)")
    parser.add_argument("--context", type=int, default=8192, help="context in tokens (8192)")
    chosen = parser.parse_args()
    used = threads(chosen.threads)
    options = LoadOptions(str(chosen.model), chosen.context, used, identity=sha256(chosen.model))
    source = texts(chosen.articles)
    with LlamaEngine(options) as engine:
        info: ModelInfo = engine.model
        [(article, tokens)] = articles(engine, source, [chosen.tokens])
    rounds = []
    for number in range(chosen.rounds):
        rounds.append(measure(options, article, tokens))
        say(f"round {number + 1}: {rounds[-1]}")
    print(machine(info, used))
    last = rounds[-1]
    print(
        f"an article of {tokens:,} tokens, a question of {last.question_tokens}, template included;"
        f" its state takes {last.state_bytes / 1e6:,.1f} MB\n"
    )
    print(result(rounds))


if __name__ == "__main__":
    run(main)
