"""A batch of 100 articles and three templates against the loops one would write by hand.

- `workbench batch`, as shipped, from starting it to its last report;
- a shell loop: `workbench summarize` for each article and template, a process each;
- a loop over `llama_cpp.Llama.create_chat_completion`, one process, loading not counted;
- `llama-server` with one slot and with four, asked by as many threads, loading not counted.

The last two do nothing but the requests that the batch made of the model, each answered with as
many tokens, greedily; nothing is looked up, checked or kept. The loop is run in both orders: with
the instruction before the article, as prompts are usually written, and after it. How much of the
batch's time no request was with the engine is told beside it. The shell loop does a sample, spread
over the articles, and is scaled up, unless `--all` is given.

    .venv/bin/python benchmarks/batch_speed.py MODEL.gguf --articles FOLDER|FILE [--count 100]
"""

import argparse
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import peers
from report import machine, run, say, table
from workload import WARM_UP, command_line, texts, threads

from workbench.batch import posts
from workbench.batch.batch import Batch
from workbench.engine.protocol import Done, Event, LoadEvent, ModelInfo, Request
from workbench.settings import Settings

TEMPLATES = ("news", "one-sentence", "brief")
OURS = "workbench batch"


@dataclass
class Ledger:
    """What a batch asked of its engine, and for how many seconds something was asked of it."""

    prompts: list[dict[str, Any]] = field(default_factory=list)
    busy: float = 0.0
    began: float = 0.0
    ended: float = 0.0
    active: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self) -> None:
        """Something is asked."""
        with self.lock:
            self.active += 1
            if self.active == 1:
                self.since = time.perf_counter()
                self.began = self.began or self.since

    def leave(self) -> None:
        """It is answered."""
        with self.lock:
            self.active -= 1
            if not self.active:
                self.ended = time.perf_counter()
                self.busy += self.ended - self.since


class Recording:
    """An engine that notes what it is asked, and when."""

    def __init__(self, engine: Any, ledger: Ledger):
        self._engine = engine
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def count_tokens(self, wanted: Sequence[str]) -> list[int]:
        """Count them."""
        return self._noted(self._engine.count_tokens, wanted)

    def prompt_tokens(self, request: Request) -> int:
        """Count them."""
        return self._noted(self._engine.prompt_tokens, request)

    def submit(self, request: Request) -> "Noted":
        """Hand in a request."""
        return self.submit_together([request])[0]

    def submit_together(self, requests: Sequence[Request]) -> "list[Noted]":
        """Hand in requests."""
        for _request in requests:
            self._ledger.enter()
        answers = self._engine.submit_together(requests)
        return [Noted(*both, self._ledger) for both in zip(answers, requests, strict=True)]

    def _noted(self, call: Callable[[Any], Any], given: Any) -> Any:
        self._ledger.enter()
        try:
            return call(given)
        finally:
            self._ledger.leave()


class Noted:
    """An answer that is noted when it is complete."""

    def __init__(self, answer: Any, request: Request, ledger: Ledger):
        self._answer = answer
        self._request = request
        self._ledger = ledger
        self._over = False

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        event: Event = next(self._answer)
        if isinstance(event, Done) and not self._over:
            self._over = True
            messages = [
                {"role": one.role, "segments": list(one.segments)} for one in self._request.messages
            ]
            tokens = event.usage.generated_tokens
            self._ledger.prompts.append({"messages": messages, "tokens": tokens})
            self._ledger.leave()
        return event

    def cancel(self) -> None:
        """Stop it."""
        self._answer.cancel()

    def close(self) -> None:
        """Stop it and wait."""
        self._answer.close()
        if not self._over:
            self._over = True
            self._ledger.leave()


class Session:
    """A session whose engine is noted."""

    def __init__(self, session: Any, ledger: Ledger):
        self._session = session
        self._ledger = ledger
        self._engine: Recording | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    @property
    def engine(self) -> Recording:
        """Return it, started."""
        if self._engine is None:
            self._engine = Recording(self._session.engine, self._ledger)
        return self._engine


def ours(work: dict[str, Any]) -> None:
    """Run the batch in this process, which does nothing else, and print what it asked and took."""
    ledger = Ledger()

    def opened(
        settings: Settings,
        on_load: Callable[[LoadEvent], None],
        notify: Callable[[str], None],
        patience: float,
    ) -> Any:
        return Session(posts.open_session(settings, on_load, notify, patience), ledger)

    batch = Batch(
        inputs=work["articles"],
        output=work["out"],
        models=[work["model"]],
        templates=TEMPLATES,
        length="short",
        settings={"threads": work["threads"], "sequences": work["sequences"]},
    )
    outcome = batch.run(opened=opened)
    if outcome.status:
        raise SystemExit(f"the batch failed: {outcome.failures} {outcome.problems}")
    took = {"busy": ledger.busy, "work": ledger.ended - ledger.began, "pieces": outcome.done}
    Path(work["log"]).write_text(json.dumps({**took, "prompts": ledger.prompts}))


def shell_loop(work: dict[str, Any], *, everything: bool) -> tuple[float, int]:
    """Summarise each article with each template, a process each; return seconds and how many."""
    named = work["articles"]
    pairs = [(article, template) for article in named for template in TEMPLATES]
    if not everything:
        step = max(1, len(pairs) // 18) | 1  # odd: all templates take their turn
        pairs = pairs[::step]
    began = time.perf_counter()
    for article, template in pairs:
        subprocess.run(
            [
                *(sys.executable, "-m", "workbench", "summarize", article, "-p", template),
                *("-m", work["model"], "--length", "short", "--threads", str(work["threads"])),
                *("--sequences", str(work["sequences"]), "--format", "json"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "WORKBENCH_HOME": work["shell_home"]},
            check=True,
        )
    return time.perf_counter() - began, len(pairs)


def messages(prompt: dict[str, Any], *, article_first: bool) -> list[dict[str, str]]:
    """Return a prompt as a chat API takes it."""
    found = []
    for one in prompt["messages"]:
        segments = one["segments"]
        if not article_first and one["role"] == "user" and len(segments) > 1:
            segments = [segments[-1], "\n\n", *segments[:-1]]
        found.append({"role": one["role"], "content": "".join(segments)})
    return found


def in_order(prompts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put what is asked about one article together, as a loop would: the batch asks several."""
    first: dict[str, int] = {}
    for number, prompt in enumerate(prompts):
        first.setdefault(_shared(prompt), number)
    return sorted(prompts, key=lambda prompt: first[_shared(prompt)])


def _shared(prompt: dict[str, Any]) -> str:
    segments = prompt["messages"][-1]["segments"]
    return "".join(segments[:-1]) or segments[-1]


def python_loop(
    work: dict[str, Any], prompts: list[dict[str, Any]], *, article_first: bool
) -> float:
    """Ask llama_cpp.Llama the same, one after the other; return the seconds."""
    task = {
        "model": work["model"],
        "threads": work["threads"],
        "context": work["context"],
        "max_tokens": 0,
        "warm_up": WARM_UP.article_first(),
        "prompts": [messages(one, article_first=article_first) for one in prompts],
        "limits": [max(1, one["tokens"]) for one in prompts],
    }
    command = [sys.executable, str(Path(__file__).with_name("python_loop.py"))]
    ran = subprocess.run(
        command, input=json.dumps(task), stdout=subprocess.PIPE, text=True, check=True
    )
    return float(json.loads(ran.stdout.splitlines()[-1])["seconds"])


def served(
    work: dict[str, Any], prompts: list[dict[str, Any]], program: Path, clients: int
) -> float:
    """Ask llama-server the same, article first, from so many threads; return the seconds."""
    options = ["-np", str(clients), "-c", str(work["context"] * clients)]
    with peers.server(program, Path(work["model"]), work["threads"], options) as running:
        running.chat(WARM_UP.article_first(), 4)
        waiting: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        for prompt in [*prompts, *[None] * clients]:
            waiting.put(prompt)

        def client() -> None:
            while (prompt := waiting.get()) is not None:
                running.chat(messages(prompt, article_first=True), max(1, prompt["tokens"]))

        started = time.perf_counter()
        asking = [threading.Thread(target=client) for _client in range(clients)]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
        return time.perf_counter() - started


def write_articles(folder: Path, source: Path | None, count: int, most: int) -> list[str]:
    """Write the articles as files, of at most so many characters; return their names."""
    folder.mkdir()
    found = [text for text in texts(source) if len(text) >= 200]
    names = []
    for number in range(count):
        text = found[number % len(found)][:most]
        path = folder / f"{number:04}.txt"
        # Where there are not enough, no two are the same all the same.
        path.write_text(
            text if number < len(found) else f"第{number}篇\n\n{text}", encoding="utf-8"
        )
        names.append(str(path))
    return names


def main() -> None:
    """Measure and print the table."""
    if sys.argv[1:2] == ["--ours"]:
        ours(json.loads(sys.argv[2]))
        return
    parser = command_line(__doc__)
    peers.add_option(parser)
    parser.add_argument("--count", type=int, default=100, help="articles (100)")
    parser.add_argument("--longest", type=int, default=800, help="characters of an article (800)")
    parser.add_argument("--sequences", type=int, default=8, help="written at once (8)")
    parser.add_argument("--context", type=int, default=8192, help="context in tokens (8192)")
    parser.add_argument("--all", action="store_true", help="let the shell loop do everything")
    parser.add_argument("--only", default="", help="the ways to go, as shell,loop,server")
    chosen = parser.parse_args()
    only = set(filter(None, chosen.only.split(","))) or {"shell", "loop", "server"}
    with tempfile.TemporaryDirectory() as name:
        measure(chosen, Path(name), only)


def measure(chosen: argparse.Namespace, folder: Path, only: set[str]) -> None:
    """Go every way, one after the other."""
    work: dict[str, Any] = {
        "model": str(chosen.model.absolute()),
        "threads": threads(chosen.threads),
        "sequences": chosen.sequences,
        "context": chosen.context,
        "out": str(folder / "out"),
        "log": str(folder / "log.json"),
        "shell_home": str(folder / "shell-home"),
        "articles": write_articles(
            folder / "articles", chosen.articles, chosen.count, chosen.longest
        ),
    }
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, __file__, "--ours", json.dumps(work)],
        env={**os.environ, "WORKBENCH_HOME": str(folder / "home")},
        check=True,
    )
    seconds = time.perf_counter() - began
    took = json.loads(Path(work["log"]).read_text())
    prompts = in_order(took.pop("prompts"))
    say(f"{OURS}: {seconds:.1f} s, {len(prompts)} requests")
    rows = [["way", "seconds", "against the batch"], [OURS, f"{seconds:,.1f}", "1.00 ×"]]

    def add(name: str, found: float, note: str = "") -> None:
        say(f"{name}: {found:.1f} s")
        rows.append([name, f"{found:,.1f}{note}", f"{found / seconds:.2f} ×"])

    if "shell" in only:
        done, count = shell_loop(work, everything=chosen.all)
        pieces = chosen.count * len(TEMPLATES)
        note = "" if count == pieces else f" (from {count} of {pieces})"
        add("shell loop over workbench summarize", done * pieces / count, note)
    if "loop" in only:
        for first, order in ((False, "instruction first"), (True, "article first")):
            found = python_loop(work, prompts, article_first=first)
            add(f"llama_cpp.Llama loop, {order}", found)
    program = peers.find("llama-server", chosen.peers) if "server" in only else None
    if program is not None:
        add("llama-server -np 1", served(work, prompts, program, 1))
        add("llama-server -np 4, 4 threads", served(work, prompts, program, 4))
    written = sum(one["tokens"] for one in prompts)
    outside = took["work"] - took["busy"]
    info = ModelInfo(chosen.model.stem, chosen.context, 0, 0, True, False, 0.0)
    print(machine(info, work["threads"]))
    print(
        f"{chosen.count} articles of at most {chosen.longest} characters, {len(TEMPLATES)} "
        f"templates: {took['pieces']} results, {len(prompts)} requests, {written:,} tokens "
        f"written\n"
        f"no request with the engine for {outside:.1f} s of {took['work']:.1f} s "
        f"({outside / took['work']:.1%}); starting, loading and reports: "
        f"{seconds - took['work']:.1f} s\n"
    )
    print(table(rows))


if __name__ == "__main__":
    run(main)
