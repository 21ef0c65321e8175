"""What the benchmarks have models read: texts of a counted length, and prompts on them."""

import argparse
import hashlib
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count, cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import Done, LoadOptions, Message, Request

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "workbench" / "samples"
SYSTEM = "你是一位严谨的编辑，只根据给出的文章回答。"
QUESTIONS = (
    "请用三句话概括这篇文章。",
    "列出文章里的人物和机构，各用一句话说明。",
    "文章里有哪些数字和日期？逐一列出。",
    "这件事有什么影响？只用文章里的话回答。",
)


@dataclass(frozen=True)
class Prompt:
    """A question on an article, in the order of the workbench or in that of a hand-written loop."""

    article: str
    question: str

    def request(self, max_tokens: int) -> Request:
        """Ask it of the workbench: the article in a segment that is shared."""
        segments = (f"{self.article}\n\n", self.question)
        messages = (Message("system", (SYSTEM,)), Message("user", segments))
        return Request(messages, max_tokens, ignore_end=True)

    def article_first(self) -> list[dict[str, str]]:
        """Return the same messages as a chat API takes them."""
        return _chat(f"{self.article}\n\n{self.question}")

    def instruction_first(self) -> list[dict[str, str]]:
        """Return them as prompts are usually written: what to do, then the text to do it with."""
        return _chat(f"{self.question}\n\n{self.article}")


WARM_UP = Prompt("今天晴。", "天气怎样？")
"""Asked first of each way, uncounted, so that code and weights are in memory."""


def _chat(content: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": content}]


def command_line(about: str | None, rounds: int = 0) -> argparse.ArgumentParser:
    """Return a parser of what all benchmarks of the engine take; no ``rounds``, no such option."""
    # Else what was started would outlive a benchmark that is ended.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(1))
    parser = argparse.ArgumentParser(description=(about or "").splitlines()[0])
    parser.add_argument("model", type=Path, help="GGUF file")
    parser.add_argument("--threads", type=int, default=0, help="threads (one a physical core)")
    if rounds:
        parser.add_argument("--rounds", type=int, default=rounds, help=f"repetitions ({rounds})")
    parser.add_argument(
        "--articles", type=Path, help="folder of *.txt, or a file with an article a line (samples)"
    )
    return parser


@contextmanager
def as_shipped(options: LoadOptions) -> Iterator[LoadOptions]:
    """Give options a folder for KV states, empty and for this time: so the program runs a model."""
    with TemporaryDirectory() as states:
        yield replace(
            options, states=states, states_bytes=1 << 36, identity=sha256(Path(options.path))
        )


@lru_cache
def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def threads(chosen: int) -> int:
    """Return the threads to give to every program that is compared."""
    return chosen or psutil.cpu_count(logical=False) or 1


def texts(source: Path | None) -> list[str]:
    """Read the articles of a folder, or the lines of a file; the samples where none is named."""
    if source is not None and source.is_file():
        found = source.read_text(encoding="utf-8").splitlines()
    else:
        paths = sorted((source or SAMPLES).glob("*.txt"))
        found = [path.read_text(encoding="utf-8") for path in paths]
    found = [text.strip() for text in found if text.strip()]
    if not found:
        raise SystemExit(f"{source}: no text in it")
    return found


def articles(
    engine: LlamaEngine, source: Sequence[str], lengths: Sequence[int]
) -> Iterator[tuple[str, int]]:
    """Yield texts of so many tokens and their exact count, no two of the same beginning.

    The source texts follow each other, over and over, and are cut where a length is reached.
    """
    supply = cycle(source)
    rest = ""
    for number, length in zip(count(1), lengths, strict=False):
        while len(rest) < 4 * length:
            rest += next(supply) + "\n\n"
        begin = f"【第{number}篇】"
        size = longest(len(rest), length, _counter(engine, begin, rest))
        text, rest = begin + rest[:size], rest[size:]
        yield text, engine.count_tokens([text])[0]


def _counter(engine: LlamaEngine, begin: str, text: str) -> Callable[[int], int]:
    return lambda size: engine.count_tokens([begin + text[:size]])[0]


def longest(most: int, limit: int, measure: Callable[[int], int]) -> int:
    """Return the greatest size up to ``most`` that measures no more than ``limit``."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if measure(middle) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def requests(
    engine: LlamaEngine, source: Sequence[str], number: int, prompt: int, answer: int
) -> list[Request]:
    """Return requests whose whole prompts have so many tokens and share only their system text."""
    found = []
    supply = "\n\n".join(source)
    for index in range(number):
        start = index * len(supply) // number
        text = (supply[start:] + supply) * (1 + 4 * prompt // len(supply))

        def request(size: int, begin: str = f"【{index + 1}】", text: str = text) -> Request:
            message = Message("user", (begin + text[:size],))
            return Request((message,), answer, ignore_end=True)

        size = longest(4 * prompt, prompt, lambda size: engine.prompt_tokens(request(size)))  # noqa: B023
        found.append(request(size))
    return found


def finish(engine: LlamaEngine, request: Request) -> Done:
    """Run a request to its end."""
    for event in engine.submit(request):
        if isinstance(event, Done):
            return event
    raise SystemExit("a request ended without an answer")
