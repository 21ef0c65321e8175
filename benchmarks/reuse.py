"""Four prompts on each of six articles: the workbench against a loop and against llama-server.

All write the same number of tokens, greedily. Each way has the machine to itself; starting and
loading are not counted, a tiny request warms it up, and nothing of the articles is in any cache
when the clock starts. Tokens read are those computed, what was reused is not among them.

    .venv/bin/python benchmarks/reuse.py MODEL.gguf [--articles FOLDER|FILE] [--quick]
"""

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import peers
from report import against, machine, run, say, spread, table
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
from workbench.engine.protocol import Done, LoadOptions, ModelInfo

OURS = "workbench"


@dataclass(frozen=True)
class Run:
    """What one way took for all prompts: seconds, and tokens read and written."""

    seconds: float
    read: int
    written: int


@dataclass(frozen=True)
class Work:
    """What every way has to do."""

    model: Path
    threads: int
    context: int
    prompts: Sequence[Prompt]
    max_tokens: int
    sequences: int


def ours(work: Work) -> Run:
    """Hand in all prompts at once; states go to an empty folder, where none is found."""
    options = LoadOptions(str(work.model), work.context, work.threads, sequences=work.sequences)
    with as_shipped(options) as shipped, LlamaEngine(shipped) as engine:
        finish(engine, WARM_UP.request(4))
        started = time.perf_counter()
        answers = [engine.submit(prompt.request(work.max_tokens)) for prompt in work.prompts]
        done = [event for answer in answers for event in answer if isinstance(event, Done)]
        seconds = time.perf_counter() - started
    used = [event.usage for event in done]
    read = sum(usage.prompt_tokens - usage.reused_tokens for usage in used)
    return Run(seconds, read, sum(usage.generated_tokens for usage in used))


def loop(work: Work, *, article_first: bool) -> Run:
    """Run llama_cpp.Llama.create_chat_completion over the prompts, one after the other."""
    order = Prompt.article_first if article_first else Prompt.instruction_first
    task = {
        "model": str(work.model),
        "threads": work.threads,
        "context": work.context,
        "max_tokens": work.max_tokens,
        "warm_up": order(WARM_UP),
        "prompts": [order(prompt) for prompt in work.prompts],
    }
    command = [sys.executable, str(Path(__file__).with_name("python_loop.py"))]
    ran = subprocess.run(
        command, input=json.dumps(task), stdout=subprocess.PIPE, text=True, check=True
    )
    return Run(**json.loads(ran.stdout.splitlines()[-1]))


def server(work: Work, program: Path, clients: int) -> Run:
    """Ask llama-server, article first and in the order of the articles, from so many threads."""
    options = ["-np", str(clients), "-c", str(work.context * clients)]
    with peers.server(program, work.model, work.threads, options) as running:
        running.chat(WARM_UP.article_first(), 4)
        waiting: queue.SimpleQueue[Prompt | None] = queue.SimpleQueue()
        for prompt in [*work.prompts, *[None] * clients]:
            waiting.put(prompt)
        runs: list[Run] = []

        def client() -> None:
            while (prompt := waiting.get()) is not None:
                answer = running.chat(prompt.article_first(), work.max_tokens)
                written = answer["usage"]["completion_tokens"]
                runs.append(Run(0.0, answer["timings"]["prompt_n"], written))

        started = time.perf_counter()
        asking = [threading.Thread(target=client) for _ in range(clients)]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
        seconds = time.perf_counter() - started
    return Run(seconds, sum(run.read for run in runs), sum(run.written for run in runs))


def ways(work: Work, program: Path | None) -> dict[str, Callable[[], Run] | None]:
    """Name the ways; None is one that cannot be gone here."""

    def served(clients: int) -> Callable[[], Run] | None:
        return None if program is None else lambda: server(work, program, clients)

    return {
        OURS: lambda: ours(work),
        "llama_cpp.Llama loop, instruction first": lambda: loop(work, article_first=False),
        "llama_cpp.Llama loop, article first": lambda: loop(work, article_first=True),
        "llama-server -np 1": served(1),
        f"llama-server -np {work.sequences}, as many clients": served(work.sequences),
    }


def result(runs: dict[str, list[Run]], named: Sequence[str]) -> str:
    """Lay out the runs; a way without any was not there."""
    rows = [["way", "seconds", "against the workbench", "tokens read", "tokens written"]]
    base = [run.seconds for run in runs[OURS]]
    for name in named:
        if not runs[name]:
            rows.append([name, "not built", "", "", ""])
            continue
        seconds = [run.seconds for run in runs[name]]
        last = runs[name][-1]
        cells = [spread(seconds), against(seconds, base), f"{last.read:,}", f"{last.written:,}"]
        rows.append([name, *cells])
    return table(rows)


def prepare(
    arguments: object, lengths: Sequence[int], options: LoadOptions
) -> tuple[ModelInfo, list[tuple[str, int]]]:
    """Load the model once to cut the articles by its own tokens."""
    with LlamaEngine(options) as engine:
        source = texts(getattr(arguments, "articles", None))
        return engine.model, list(articles(engine, source, lengths))


def main() -> None:
    """Measure and print the table."""
    parser = command_line(__doc__, rounds=3)
    peers.add_option(parser)
    parser.add_argument("--count", type=int, default=6, help="articles (6)")
    parser.add_argument("--shortest", type=int, default=1000, help="tokens (1000)")
    parser.add_argument("--longest", type=int, default=3000, help="tokens (3000)")
    parser.add_argument("--write", type=int, default=96, help="tokens of each answer (96)")
    parser.add_argument("--sequences", type=int, default=4, help="written at once (4)")
    parser.add_argument("--context", type=int, default=8192, help="context in tokens (8192)")
    parser.add_argument("--quick", action="store_true", help="2 short articles, one round")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.count, chosen.shortest, chosen.longest = 2, 200, 400
        chosen.write, chosen.rounds = 16, 1
    step = (chosen.longest - chosen.shortest) / max(1, chosen.count - 1)
    lengths = [round(chosen.shortest + number * step) for number in range(chosen.count)]
    used = threads(chosen.threads)
    info, found = prepare(chosen, lengths, LoadOptions(str(chosen.model), chosen.context, used))
    prompts = [Prompt(text, question) for text, _count in found for question in QUESTIONS]
    work = Work(chosen.model, used, chosen.context, prompts, chosen.write, chosen.sequences)
    every = ways(work, peers.find("llama-server", chosen.peers))
    runs: dict[str, list[Run]] = {name: [] for name in every}
    for number in range(chosen.rounds):
        for name, way in every.items():
            if way is None:
                continue
            run = way()
            say(f"round {number + 1}: {name}: {run.seconds:.1f} s, {run.read:,} tokens read")
            if run.written != chosen.write * len(prompts):
                raise SystemExit(f"{name} wrote {run.written} tokens, not the same work")
            runs[name].append(run)
    print(machine(info, used))
    lengths_found = ", ".join(f"{tokens:,}" for _text, tokens in found)
    print(f"{len(prompts)} prompts on articles of {lengths_found} tokens; {chosen.rounds} rounds\n")
    print(result(runs, list(every)))


if __name__ == "__main__":
    run(main)
