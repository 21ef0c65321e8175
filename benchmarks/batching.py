"""Throughput of 1, 2, 4 and 8 sequences: the workbench against llama-batched-bench.

Each sequence reads a prompt of its own and writes, all at once. ``total`` counts the tokens read
and written, over the time from the first request to the last answer. ``writing`` counts those
written from the moment the last sequence begins to write; llama-batched-bench, which reads all
before it writes any, times just that. It is run with one KV buffer for all sequences and with one
for each, with flash attention and without; the best of the medians is the peer.

    .venv/bin/python benchmarks/batching.py MODEL.gguf [--sequences 1,2,4,8]
"""

import contextlib
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path

import peers
from report import against, machine, run, say, spread, table
from workload import WARM_UP, as_shipped, command_line, finish, requests, texts, threads

from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import Answer, Done, LoadOptions, ModelInfo, Request, Text
from workbench.errors import EngineError

LAYOUTS = {
    "one KV buffer": ["-fa", "on", "-kvu"],
    "a KV buffer each": ["-fa", "on"],
    "one KV buffer, no flash attention": ["-fa", "off", "-kvu"],
    "a KV buffer each, no flash attention": ["-fa", "off"],
}


@dataclass(frozen=True)
class Speed:
    """Tokens a second."""

    total: float
    writing: float


@dataclass
class Heard:
    """When which part of an answer came, by the clock of whoever waits for it."""

    pieces: list[tuple[float, int]] = field(default_factory=list)
    done: Done | None = None
    ended: float = 0.0

    @property
    def began(self) -> float:
        """When its first token was written."""
        assert self.done is not None
        return self.ended - self.done.usage.write_seconds

    def written_since(self, moment: float) -> float:
        """Return how many tokens came after a moment, by the share of the text that did."""
        assert self.done is not None
        characters = sum(length for _when, length in self.pieces)
        later = sum(length for when, length in self.pieces if when > moment)
        share = later / characters if characters else 1.0
        # The first token is a result of reading.
        return share * (self.done.usage.generated_tokens - 1)


def measure(
    options: LoadOptions, source: Sequence[str], prompt: int, write: int
) -> tuple[ModelInfo, Speed]:
    """Run as many requests as there are sequences, in a process of its own."""
    with as_shipped(options) as shipped, LlamaEngine(shipped) as engine:
        finish(engine, WARM_UP.request(4))
        asked = requests(engine, source, options.sequences, prompt, write)
        return engine.model, _run(engine, asked)


def _run(engine: LlamaEngine, asked: Sequence[Request]) -> Speed:
    heard = [Heard() for _ in asked]

    def listen(answer: Answer, to: Heard) -> None:
        with contextlib.suppress(EngineError):
            hear(answer, to)

    def hear(answer: Answer, to: Heard) -> None:
        for event in answer:
            now = time.perf_counter()
            if isinstance(event, Text):
                to.pieces.append((now, len(event.text)))
            elif isinstance(event, Done):
                to.done, to.ended = event, now

    started = time.perf_counter()
    answers = [engine.submit(request) for request in asked]
    listeners = [
        threading.Thread(target=listen, args=pair) for pair in zip(answers, heard, strict=True)
    ]
    for listener in listeners:
        listener.start()
    for listener in listeners:
        listener.join()
    used = [one.done.usage for one in heard if one.done is not None]
    if len(used) != len(asked):
        raise SystemExit("a request ended without an answer")
    tokens = sum(
        usage.prompt_tokens - usage.reused_tokens + usage.generated_tokens for usage in used
    )
    end = max(one.ended for one in heard)
    all_write = max(one.began for one in heard)
    written = sum(one.written_since(all_write) for one in heard)
    return Speed(tokens / (end - started), written / (end - all_write))


def measure_peer(
    program: Path, model: Path, used: int, sequences: Sequence[int], prompt: int, write: int
) -> dict[str, dict[int, Speed]]:
    """Run llama-batched-bench with each layout of the KV cache."""
    room = max(sequences) * -(-(prompt + write) // 256) * 256  # llama.cpp rounds each up to 256
    tests = ["-c", str(room), "-npp", str(prompt), "-ntg", str(write)]
    found = {}
    for layout, options in LAYOUTS.items():
        results = peers.batched_bench(program, model, used, sequences, [*tests, *options])
        found[layout] = {
            number: Speed(results[number]["speed"], results[number]["speed_tg"])
            for number in sequences
        }
    return found


def result(
    ours: dict[int, list[Speed]], theirs: list[dict[str, dict[int, Speed]]]
) -> list[list[str]]:
    """Return the rows of the table; the peer of each is the layout of the better median."""
    rows = [["sequences", "tokens a second", "workbench", "llama-batched-bench", "against it", ""]]
    for number, speeds in ours.items():
        for name, pick in (
            ("total", attrgetter("total")),
            ("writing", attrgetter("writing")),
        ):
            found = [pick(speed) for speed in speeds]
            row = [str(number), name, spread(found)]
            if theirs:
                by_layout = {
                    layout: [pick(round_[layout][number]) for round_ in theirs]
                    for layout in LAYOUTS
                }
                best = max(by_layout, key=lambda layout: statistics.median(by_layout[layout]))  # noqa: B023
                peer = by_layout[best]
                rows.append([*row, spread(peer), against(found, peer), best])
            else:
                rows.append([*row, "not built", "", ""])
    return rows


def main() -> None:
    """Measure and print the table."""
    parser = command_line(__doc__, rounds=3)
    peers.add_option(parser)
    parser.add_argument("--sequences", default="1,2,4,8", help="how many at once (1,2,4,8)")
    parser.add_argument("--prompt", type=int, default=128, help="tokens of each prompt (128)")
    parser.add_argument("--write", type=int, default=128, help="tokens of each answer (128)")
    chosen = parser.parse_args()
    used = threads(chosen.threads)
    sequences = [int(number) for number in chosen.sequences.split(",")]
    context = max(sequences) * (chosen.prompt + chosen.write) + 256
    program = peers.find("llama-batched-bench", chosen.peers)
    source = texts(chosen.articles)
    ours: dict[int, list[Speed]] = {number: [] for number in sequences}
    theirs: list[dict[str, dict[int, Speed]]] = []
    for turn in range(chosen.rounds):
        for number in sequences:
            options = LoadOptions(str(chosen.model), context, used, sequences=number)
            info, speed = measure(options, source, chosen.prompt, chosen.write)
            ours[number].append(speed)
            say(f"round {turn + 1}: workbench, {number} sequences: {speed}")
        if program is not None:
            theirs.append(
                measure_peer(program, chosen.model, used, sequences, chosen.prompt, chosen.write)
            )
            say(f"round {turn + 1}: llama-batched-bench: {theirs[-1]}")
    print(machine(info, used))
    print(f"each reads {chosen.prompt} and writes {chosen.write} tokens; {chosen.rounds} rounds\n")
    print(table(result(ours, theirs)))


if __name__ == "__main__":
    run(main)
