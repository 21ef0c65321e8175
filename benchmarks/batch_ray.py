"""A batch on a Ray cluster of two nodes on this machine, of one, and without Ray.

A tiny model of random weights, whose texts depend on every token it read, does each article in a
moment: what is left is what the cluster costs. Told are seconds from starting to the last report;
from the times with few and with many articles, what each further article costs and what a start
costs, beyond the batch without Ray; whether every result is the same to the byte; and after a node
was killed in the middle, how long until another piece began, and the longest pause between two.

    .venv/bin/python benchmarks/batch_ray.py [--articles 60]
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [
    str(TESTS),
    str(TESTS / "batch"),
    str(TESTS / "batch" / "ray"),
    str(TESTS / "tasks"),
]

from batch_support import batch, results, write_articles  # noqa: E402
from ray_support import Cluster  # noqa: E402
from report import say, table  # noqa: E402
from tiny_gguf import Tiny, write  # noqa: E402

from workbench.batch.watching import Progress, Watcher  # noqa: E402

SETTINGS = {"context": 2048, "sequences": 1}


class Power(Watcher):
    """Kills a node at a moment, and notes when results come after that."""

    def __init__(self, cluster: Cluster, after: int):
        self._cluster = cluster
        self._after = after
        self._begun = 0
        self.cut = 0.0
        self.done = 0
        self.came: list[float] = []

    def begins(self, _name: str) -> None:
        """Kill once so many pieces have begun; what is begun again on the other node is noted."""
        self._begun += 1
        if self._begun == self._after:
            self._cluster.kill()
            self.cut = time.monotonic()
        elif self.cut:
            self.came.append(time.monotonic() - self.cut)

    def progress(self, progress: Progress) -> None:
        """Nothing is noted of it."""


def timed(one: Any, watcher: Watcher | None = None) -> float:
    """Run a batch and return its seconds; all of it must have been done."""
    began = time.monotonic()
    outcome = one.run(watcher)
    assert outcome.state == "done", outcome.problems
    assert not outcome.failed, outcome.failures
    return time.monotonic() - began


def main() -> None:
    """Print the times of each way and what follows from them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=60)
    count = parser.parse_args().articles
    few = max(2, count // 6)
    with tempfile.TemporaryDirectory(prefix="ray-") as name:
        folder = Path(name)
        os.environ |= {"WORKBENCH_HOME": str(folder / "h"), "WORKBENCH_THREADS": "1"}
        model = write(folder / "tiny.gguf", Tiny(context=4096))
        articles = write_articles(folder / "articles", count)
        given: dict[str, Any] = {"models": [str(model)], "length": "short", "settings": SETTINGS}

        def asked(out: str, on: str, limit: int = 0) -> Any:
            return batch(articles, folder / out, **given, on=on, limit=limit)

        alone = [timed(asked("few", "", few)), timed(asked("alone", ""))]
        cluster = Cluster(folder)
        try:
            two = [timed(asked("two-few", "ray", few)), timed(asked("two", "ray"))]
            power = Power(cluster, count // 2)
            lost = timed(asked("lost", "ray"), power)
            one = [timed(asked("one-few", "ray", few)), timed(asked("one", "ray"))]
        finally:
            cluster.close()
        same = {
            out: results(folder / out) == results(folder / "alone")
            for out in ("one", "two", "lost")
        }
    further = count - few
    rows = [["", f"{few} articles", f"{count} articles", "ms a further article", "same bytes"]]
    for title, times, key in (
        ("without Ray", alone, ""),
        ("one node", one, "one"),
        ("two nodes", two, "two"),
    ):
        each = (times[1] - times[0]) / further * 1000
        rows.append(
            [
                title,
                f"{times[0]:.1f} s",
                f"{times[1]:.1f} s",
                f"{each:.0f}",
                str(same.get(key, "—")),
            ]
        )
    rows.append(["two, one killed in the middle", "", f"{lost:.1f} s", "", str(same["lost"])])
    say(table(rows))
    overhead = (one[1] - one[0] - alone[1] + alone[0]) / further * 1000
    say(f"\nRay costs {overhead:.0f} ms an article, {one[0] - alone[0]:.1f} s a batch beside that")
    say(
        f"after the node was killed the next piece began after {power.came[0]:.2f} s; longest pause"
        f" {max(b - a for a, b in zip([0.0, *power.came], power.came, strict=False)):.2f} s"
    )
    say(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
