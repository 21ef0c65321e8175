"""Memory of the engine's process: its peak against what it holds, and whether it stays flat.

The first table sets the most that was resident (Linux: VmHWM, elsewhere the most seen) against the
model file and what llama.cpp says it allocated. The second samples what is resident over many
different requests, the third over changes of the model. All is of the child process alone.

    .venv/bin/python benchmarks/memory.py MODEL.gguf [--other MODEL.gguf]
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import psutil
from report import machine, run, say, table
from workload import as_shipped, command_line, finish, requests, texts, threads

from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import Done, LoadOptions, Message, ModelInfo, Request

MIB = 1 << 20


@dataclass(frozen=True)
class Resident:
    """Bytes of a process: resident now, the part no file is behind, and the peak; -1: not known."""

    now: int
    anonymous: int
    peak: int


def resident(process: int | None) -> Resident:
    """Ask the system what a process holds."""
    if process is None:
        raise SystemExit("the engine's process is gone")
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        now = psutil.Process(process).memory_info().rss
        return Resident(now, -1, -1)
    kibibytes = {
        name: int(value.split()[0])
        for name, _colon, value in (line.partition(":") for line in lines)
        if name in ("VmRSS", "RssAnon", "VmHWM")
    }
    return Resident(*(1024 * kibibytes.get(name, 0) for name in ("VmRSS", "RssAnon", "VmHWM")))


def composition(model: Path, info: ModelInfo, found: Resident, left: Resident) -> str:
    """Set the peak against what has to be there, and show what is left without a model."""
    size = model.stat().st_size
    needed = size + info.kv_bytes + info.compute_bytes
    rows = [["", "MiB", "against the sum"]]
    for name, value in (
        ("model file", size),
        (f"KV cache of {info.context:,} tokens", info.kv_bytes),
        ("room for computing and outputs", info.compute_bytes),
        ("sum", needed),
        ("resident now", found.now),
        ("  of it backed by no file", found.anonymous),
        ("peak", found.peak if found.peak >= 0 else found.now),
        ("left when the model is unloaded: Python, libraries", left.now),
    ):
        if value >= 0:
            rows.append([name, _mib(value), f"{value / needed:.2f} ×"])
    return table(rows)


def short_requests(source: Sequence[str], seed: int = 0) -> Iterator[Request]:
    """Yield short requests without end, different in text, length and sampling."""
    chance = random.Random(seed)
    text = "\n".join(source)
    number = 0
    while True:
        number += 1
        start, size = chance.randrange(len(text)), chance.randrange(20, 120)
        message = Message("user", (f"{number}：{text[start : start + size]}", "概括。"))
        yield Request((message,), chance.randrange(1, 9), ignore_end=True)


def over_requests(
    engine: LlamaEngine, asked: Iterator[Request], every: int, total: int
) -> list[tuple[int, Resident]]:
    """Run requests, handed in eight at a time; sample memory now and then."""
    samples = [(0, resident(engine.process_id))]
    while samples[-1][0] < total:
        left = min(every, total - samples[-1][0])
        done = 0
        while done < left:
            answers = [engine.submit(request) for request in islice(asked, min(8, left - done))]
            done += sum(isinstance(event, Done) for answer in answers for event in answer)
        samples.append((samples[-1][0] + left, resident(engine.process_id)))
        say(f"{samples[-1][0]} requests: {_mib(samples[-1][1].now)} MiB")
    return samples


def over_swaps(
    engine: LlamaEngine, models: Sequence[LoadOptions], request: Request, total: int
) -> list[tuple[int, Path, Resident]]:
    """Load the models in turn, each asked once; sample memory after each."""
    samples = []
    for number, options in enumerate(islice(cycle(models), total), 1):
        engine.load(options)
        finish(engine, request)
        samples.append((number, Path(options.path), resident(engine.process_id)))
        say(f"{number} swaps: {_mib(samples[-1][2].now)} MiB")
    return samples


def growth(values: Sequence[int]) -> str:
    """Say how much the last sample is above the first."""
    change = values[-1] - values[0]
    return f"{change / MIB:+.1f} MiB, {100 * change / values[0]:+.2f} %"


def _mib(value: int) -> str:
    return f"{value / MIB:,.1f}"


def main() -> None:
    """Measure and print the tables."""
    parser = command_line(__doc__)
    parser.add_argument("--other", type=Path, help="model to change with (the same, half context)")
    parser.add_argument("--context", type=int, default=8192, help="context in tokens (8192)")
    parser.add_argument("--fill", type=int, default=2000, help="tokens of a long prompt (2000)")
    parser.add_argument("--requests", type=int, default=500, help="short requests (500)")
    parser.add_argument("--swaps", type=int, default=20, help="changes of the model (20)")
    chosen = parser.parse_args()
    used = threads(chosen.threads)
    source = texts(chosen.articles)
    options = LoadOptions(str(chosen.model), chosen.context, used)
    other = (
        LoadOptions(str(chosen.other), chosen.context, used)
        if chosen.other
        else LoadOptions(str(chosen.model), chosen.context // 2, used)
    )
    asked = short_requests(source)
    with (
        as_shipped(options) as shipped,
        as_shipped(other) as other_shipped,
        LlamaEngine(shipped) as engine,
    ):
        info = engine.model
        finish(engine, requests(engine, source, 1, chosen.fill, 8)[0])
        first = resident(engine.process_id)
        flat = over_requests(engine, asked, max(1, chosen.requests // 10), chosen.requests)
        swaps = over_swaps(engine, [other_shipped, shipped], next(asked), chosen.swaps)
        engine.unload()
        left = resident(engine.process_id)
    print(machine(info, used))
    print(f"after reading {chosen.fill:,} tokens\n")
    print(composition(chosen.model, info, first, left))
    print()
    print(
        table(
            [
                ["requests", "resident MiB", "backed by no file MiB"],
                *([f"{number:,}", _mib(one.now), _mib(one.anonymous)] for number, one in flat),
            ]
        )
    )
    if len(flat) > 2:
        last = flat[-1][0] - flat[1][0]
        print(f"over the last {last:,}: {growth([one.now for _number, one in flat[1:]])}")
    print()
    print(
        table(
            [
                ["swaps", "model", "resident MiB", "backed by no file MiB"],
                *(
                    [str(n), path.name, _mib(one.now), _mib(one.anonymous)]
                    for n, path, one in swaps
                ),
            ]
        )
    )
    for turn, name in ((0, "the other model"), (1, "the model")):
        same = [one.now for _number, _path, one in swaps[turn::2]]
        if len(same) > 1:
            print(f"{name}, first to last of {len(same)}: {growth(same)}")


if __name__ == "__main__":
    run(main)
