"""A batch of 60,000 articles with an engine that answers at once: what the batch itself takes.

The articles are made here, each a file of its own, and a dump with all of them. What is measured is
everything but a model: reading, the ledger, finding the evidence and checking the facts of what was
"written", which is the first sentence of what was asked about. `--bare` leaves finding and checking
out, so that the rows a second are those of reader, dispatch and ledger alone.

    .venv/bin/python benchmarks/batch_scale.py [--articles 60000] [--folder DIR] [--bare]
"""

import argparse
import json
import os
import platform
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
from report import say, table

from workbench.batch import workers
from workbench.batch.batch import Batch, Outcome
from workbench.batch.watching import Progress, Watcher
from workbench.engine.protocol import Done, Event, LoadEvent, ModelInfo, Request, Text, Usage
from workbench.settings import Settings
from workbench.tasks.result import ModelIdentity

_LINE = re.compile(r"^\[(\d+)\] (.*)$", re.MULTILINE)
_STRETCH = re.compile(r"第\[(\d+)\]段")
_PLACES = ("东街", "西街", "南街", "北街", "河口", "桥头", "山脚", "码头", "车站", "市集")
_WORKS = ("铺设管道", "更换路灯", "加固挡土墙", "清理河床", "修补路面", "新建公厕", "栽种行道树")


class Answering:
    """An engine whose tokens are characters and whose answer is the first sentence asked about."""

    def __init__(self) -> None:
        self.model = ModelInfo("answers at once", 65_536, 65_536, 1, True, False, 0.0)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count characters."""
        return [len(text) for text in texts]

    def prompt_tokens(self, request: Request) -> int:
        """Count characters."""
        return sum(len(text) for message in request.messages for text in message.segments)

    def submit(self, request: Request) -> Iterator[Event]:
        """Answer at once."""
        *material, instruction = request.messages[-1].segments
        lines = {int(number): line for number, line in _LINE.findall("".join(material))}
        asked = _STRETCH.search(instruction)
        line = lines.get(int(asked[1]) if asked else 0) or next(iter(lines.values()), "好。")
        text = line.partition("。")[0] + "。"
        yield Text(text)
        yield Done(text, "stop", Usage(self.prompt_tokens(request), 0, len(text)))

    def submit_together(self, requests: Sequence[Request]) -> list[Iterator[Event]]:
        """Answer each at once."""
        return [self.submit(request) for request in requests]

    def prefetch(self, request: Request) -> None:
        """Do nothing."""

    def cancel(self) -> None:
        """Do nothing: it is over already."""

    def close(self) -> None:
        """Do nothing."""


class Answers:
    """A session of that engine."""

    model = ModelIdentity("answers at once", "0" * 64, "")
    usable = True

    def __init__(self) -> None:
        self.engine = Answering()

    def close(self) -> None:
        """Do nothing."""


def opened(
    _settings: Settings,
    _on_load: Callable[[LoadEvent], None],
    _notify: Callable[[str], None],
    _patience: float,
) -> Answers:
    """Return a session."""
    return Answers()


class Memory(Watcher):
    """The memory (bytes) of this process at a tenth of the work, and the most after that."""

    def __init__(self) -> None:
        self.early = self.late = 0
        self._process = psutil.Process()

    def progress(self, progress: Progress) -> None:
        """Look at it."""
        used = self._process.memory_info().rss
        if progress.share < 0.1:
            self.early = max(self.early, used)
        else:
            self.late = max(self.late, used)


def text_of(number: int) -> str:
    """Write an article of about 500 characters, like no other."""
    place, work = _PLACES[number % 10], _WORKS[number % 7]
    parts = [f"{place}第{number}标段的工程进入第{number % 9 + 1}个月\n"]
    for part in range(5):
        parts.append(
            f"{place}第{number}标段{part + 1}月{number % 27 + 1}日{work}，"
            f"完成了{number % 977 + part}米，施工队每天六点开工。"
            f"负责这一段的班组说，地下的旧管线比图纸上多出{part + 5}处，只好一处处核对。"
            f"镇里追加了{number % 641 + 20}万元，要求在雨季以前把{work}的活做完。\n"
        )
    return "\n".join(parts)


@contextmanager
def articles(folder: Path, count: int) -> Iterator[tuple[Path, Path]]:
    """Write the articles as files, a thousand a folder, and as one dump."""
    files, dump = folder / "files", folder / "dump.jsonl"
    with dump.open("w", encoding="utf-8") as stream:
        for number in range(count):
            text = text_of(number)
            place = files / f"{number // 1000:03}"
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{number:06}.txt").write_text(text, encoding="utf-8")
            stream.write(json.dumps({"id": number, "text": text}, ensure_ascii=False) + "\n")
    yield files, dump


def bare() -> None:
    """Have nothing found and checked: a result is what a ledger takes, and no more."""

    class Found:
        def __init__(self, text: str):
            self.text = text

        def to_json(self) -> dict[str, object]:
            usage = {"prompt_tokens": 500, "reused_tokens": 0, "generated_tokens": 100}
            points = [{"text": self.text, "citations": [], "checks": [], "support": 1.0}]
            return {"task": "summarize", "points": points, "usage": usage}

    workers.perform = lambda _work, found, *_rest: Found(found[0].text[:200])  # type: ignore


def measured(batch: Batch) -> tuple[Outcome, float, Memory]:
    """Run a batch; return how it ended, the seconds, and the memory it took."""
    memory = Memory()
    began = time.perf_counter()
    outcome = batch.run(memory, opened=opened)
    return outcome, time.perf_counter() - began, memory


def row(name: str, outcome: Outcome, seconds: float, memory: Memory, out: Path) -> list[str]:
    """Lay out one measurement."""
    size = sum(path.stat().st_size for path in out.glob("ledger.db*"))
    work = outcome.seconds
    return [
        name,
        f"{outcome.done:,}",
        f"{work:,.1f}",
        f"{outcome.done / work:,.0f}",
        f"{seconds - work:,.1f}",
        f"{memory.early / 1e6:,.0f}",
        f"{memory.late / 1e6:,.0f}",
        f"{size / 1e6:,.0f}",
    ]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=int, default=60_000, help="how many (60000)")
    parser.add_argument("--folder", type=Path, help="where to work (a temporary folder)")
    parser.add_argument("--bare", action="store_true", help="find and check nothing")
    parser.add_argument("--formats", default="jsonl", help="reports, with commas between (jsonl)")
    chosen = parser.parse_args()
    if chosen.bare:
        bare()
    rows = [
        ["batch", "rows", "seconds", "rows/s", "reports, s", "MB early", "MB most", "ledger, MB"]
    ]
    # Settings, library and cache of this machine have no part in it.
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        folder = Path(name)
        os.environ["WORKBENCH_HOME"] = str(folder / "home")
        with articles(folder, chosen.articles) as (files, dump):
            formats = tuple(filter(None, chosen.formats.split(",")))
            for label, source in (("files", files), ("dump", dump)):
                out = folder / f"out-{label}"
                batch = Batch(
                    inputs=[str(source)], output=str(out), templates=["news"], formats=formats
                )
                for again in (label, f"{label}, all done before"):
                    outcome, seconds, memory = measured(batch)
                    if outcome.done != chosen.articles or outcome.failed:
                        raise SystemExit(f"{again}: {outcome.done} done, {outcome.failed} failed")
                    rows.append(row(again, outcome, seconds, memory, out))
                    say("  ".join(rows[-1]))
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores\n")
    print(table(rows))


if __name__ == "__main__":
    main()
