"""Reading and writing speed of one sequence: the workbench against llama-bench.

Both read a prompt of N tokens into an empty context and write M tokens behind N others, with the
same threads and KV type. Each is started anew in each round, in turn; llama-bench with and without
flash attention, of which the better median is the peer. The lines
below the table say how much of a step that writes is spent outside llama.cpp's decode.

    .venv/bin/python benchmarks/efficiency.py MODEL.gguf [--prompt N] [--write M]
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

import peers
from report import against, machine, run, say, spread, table
from workload import WARM_UP, as_shipped, command_line, finish, requests, texts, threads

from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import Done, LoadOptions, ModelInfo, Request, Statistics, Text

ATTENTION = {"flash attention": ["-fa", "1"], "no flash attention": ["-fa", "0"]}


@dataclass(frozen=True)
class Speed:
    """Tokens a second."""

    reading: float
    writing: float


@dataclass(frozen=True)
class Round:
    """One measurement of the workbench; milliseconds are those of a step that writes."""

    speed: Speed
    prompt_tokens: int
    native_ms: float
    python_ms: float


def measure(
    options: LoadOptions, source: Sequence[str], prompt: int, write: int
) -> tuple[ModelInfo, Round]:
    """Read a prompt and write behind it, in a process of its own."""
    with as_shipped(options) as shipped, LlamaEngine(shipped) as engine:
        finish(engine, WARM_UP.request(4))
        # Of the tokens written the first comes of reading.
        done, before, after = _run(engine, requests(engine, source, 1, prompt, write + 1)[0])
        usage = done.usage
        if usage.generated_tokens != write + 1:
            raise SystemExit(f"the workbench wrote {usage.generated_tokens} tokens")
        steps = after.steps - before.steps or float("nan")
        return engine.model, Round(
            Speed(
                (usage.prompt_tokens - usage.reused_tokens) / usage.read_seconds,
                write / usage.write_seconds,
            ),
            usage.prompt_tokens,
            1e3 * (after.native_seconds - before.native_seconds) / steps,
            1e3 * (after.python_seconds - before.python_seconds) / steps,
        )


def _run(engine: LlamaEngine, request: Request) -> tuple[Done, Statistics, Statistics]:
    """Run a request; return also what the scheduler had done when it began to write, and after."""
    before = None
    for event in engine.submit(request):
        if isinstance(event, Text) and before is None:
            before = engine.statistics()
        if isinstance(event, Done):
            after = engine.statistics()
            return event, before or after, after
    raise SystemExit("a request ended without an answer")


def measure_peer(
    program: Path, model: Path, used: int, prompt: int, write: int
) -> dict[str, Speed]:
    """Run both tests of llama-bench, with either kind of attention."""
    return {
        kind: Speed(
            peers.bench(program, model, used, [*options, "-p", str(prompt), "-n", "0"]),
            peers.bench(
                program, model, used, [*options, "-p", "0", "-n", str(write), "-d", str(prompt)]
            ),
        )
        for kind, options in ATTENTION.items()
    }


def result(rounds: Sequence[Round], peer: Sequence[dict[str, Speed]], write: int) -> str:
    """Lay out tokens a second of both, and the workbench's share of its peer's better median."""
    prompt = rounds[0].prompt_tokens
    rows = [["tokens a second", "workbench", "llama-bench", "workbench against it", ""]]
    for name, pick in (
        (f"reading {prompt:,}", attrgetter("reading")),
        (f"writing {write:,} behind {prompt:,}", attrgetter("writing")),
    ):
        found = [pick(round_.speed) for round_ in rounds]
        if not peer:
            rows.append([name, spread(found), "not built", "", ""])
            continue
        by_kind = {kind: [pick(speeds[kind]) for speeds in peer] for kind in ATTENTION}
        best = max(by_kind, key=lambda kind: statistics.median(by_kind[kind]))  # noqa: B023
        theirs = by_kind[best]
        rows.append([name, spread(found), spread(theirs), against(found, theirs), best])
    return table(rows)


def main() -> None:
    """Measure and print the table."""
    parser = command_line(__doc__, rounds=5)
    peers.add_option(parser)
    parser.add_argument("--prompt", type=int, default=512, help="tokens to read (512)")
    parser.add_argument("--write", type=int, default=128, help="tokens to write (128)")
    parser.add_argument("--context", type=int, default=8192, help="context in tokens (8192)")
    chosen = parser.parse_args()
    used = threads(chosen.threads)
    program = peers.find("llama-bench", chosen.peers)
    options = LoadOptions(str(chosen.model), chosen.context, used)
    source = texts(chosen.articles)
    rounds: list[Round] = []
    peer: list[dict[str, Speed]] = []
    for number in range(chosen.rounds):
        info, ours = measure(options, source, chosen.prompt, chosen.write)
        rounds.append(ours)
        say(f"round {number + 1}: workbench: {ours.speed}")
        if program is not None:
            # As many tokens as ours, whose text is cut where a token ends.
            theirs = measure_peer(program, chosen.model, used, ours.prompt_tokens, chosen.write)
            peer.append(theirs)
            say(f"round {number + 1}: llama-bench: {theirs}")
    print(machine(info, used))
    print(result(rounds, peer, chosen.write))
    python = [round_.python_ms for round_ in rounds]
    native = [round_.native_ms for round_ in rounds]
    print("\nmilliseconds of a step that writes one token:")
    print(f"  in llama.cpp's decode   {spread(native, 2)}")
    print(f"  in Python around it     {spread(python, 2)}")


if __name__ == "__main__":
    run(main)
