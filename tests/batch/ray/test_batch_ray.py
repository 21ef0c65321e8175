"""The same batch on a real cluster of two nodes, one of which is lost in the middle."""

import json
import os
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from batch_support import Heard, batch, results, states, write_articles

from workbench.batch.ray import head
from workbench.batch.stopping import Stop

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(
        os.name != "posix", reason="clusters are for Linux and macOS, as Ray's own are"
    ),
]
SETTINGS = {"context": 2048, "sequences": 1}
ASKED: dict[str, Any] = {"length": "short", "settings": SETTINGS, "on": "ray"}


def tries(out: Path) -> list[int]:
    with closing(sqlite3.connect(out / "ledger.db")) as connection:
        return [row[0] for row in connection.execute("SELECT tries FROM pieces")]


def points(out: Path) -> list[str]:
    with closing(sqlite3.connect(out / "ledger.db")) as connection:
        found = connection.execute("SELECT result FROM pieces ORDER BY key")
        return [json.dumps(json.loads(zlib.decompress(one[0]))["points"]) for one in found]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_articles(tmp_path_factory.mktemp("many") / "articles", 8)


def test_a_lost_node_costs_nothing_but_time_and_results_are_the_same_as_without_ray(
    cluster: Any, many: Path, tiny: Path, tmp_path: Path
) -> None:
    alone = batch(many, tmp_path / "alone", models=[str(tiny)], **{**ASKED, "on": ""})
    assert alone.run().done == 8

    class Power(Heard):
        cut = False

        def begins(self, name: str) -> None:
            super().begins(name)
            if len(self.begun) == 3 and not self.cut:
                self.cut = True
                cluster.kill()

    power = Power()
    outcome = batch(many, tmp_path / "ray", models=[str(tiny)], **ASKED).run(power)
    cluster.restore()

    assert power.cut
    assert (outcome.state, outcome.done, outcome.failed) == ("done", 8, 0), outcome.problems
    assert results(tmp_path / "ray") == results(tmp_path / "alone")
    assert tries(tmp_path / "ray") == [1] * 8
    again = batch(many, tmp_path / "ray", models=[str(tiny)], **ASKED).run(heard := Heard())
    assert (again.done, again.before) == (8, 8)
    assert not heard.begun


def test_a_named_cluster_is_worked_on_from_a_program_that_is_no_part_of_it(
    cluster: Any, articles: Path, tiny: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "workbench", "batch", str(articles), "-p", "news"]
    command += ["-m", str(tiny), "--length", "short", "--context", "2048"]
    command += ["--sequences", "1", "--format", "jsonl", "--json"]
    for out, more in (("alone", []), ("ray", ["--on", cluster.address])):
        done = subprocess.run(
            [*command, "-o", str(tmp_path / out), *more],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["done"] == 6
    assert results(tmp_path / "ray") == results(tmp_path / "alone")


def test_a_model_that_the_nodes_do_not_have_comes_from_the_head(
    cluster: Any, articles: Path, tiny: Path, tmp_path: Path
) -> None:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("needs a path that only this process can follow")
    batch(articles, tmp_path / "alone", models=[str(tiny)], **{**ASKED, "on": ""}).run()
    handle = os.open(tiny, os.O_RDONLY)
    try:
        path = f"/proc/{os.getpid()}/root/../proc/self/fd/{handle}"
        outcome = batch(articles, tmp_path / "ray", models=[path], **ASKED).run()
    finally:
        os.close(handle)
    assert (outcome.state, outcome.done) == ("done", 6), outcome.problems
    assert points(tmp_path / "ray") == points(tmp_path / "alone")
    fetched = list(Path(cluster.home, "cache", "fetched").glob("*.gguf"))
    assert [one.read_bytes() for one in fetched] == [tiny.read_bytes()]


def test_what_was_stopped_waits_and_is_done_by_the_next_run(
    cluster: Any, many: Path, tiny: Path, tmp_path: Path
) -> None:
    stop = Stop()

    class Hand(Heard):
        def begins(self, name: str) -> None:
            super().begins(name)
            if len(self.begun) == 2:
                stop.ask()

    one = batch(many, tmp_path / "ray", models=[str(tiny)], **ASKED, limit=5)
    outcome = one.run(Hand(), stop=stop)
    assert (outcome.state, outcome.failed) == ("stopped", 0)
    assert 0 < outcome.done < 5
    assert states(tmp_path / "ray").keys() == {"done", "waiting"}
    assert one.run().done == 5
    assert tries(tmp_path / "ray") == [1] * 5


def test_nodes_of_another_version_do_nothing_and_say_why(
    cluster: Any, articles: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(head, "__version__", "0.0.1")
    one = batch(articles, tmp_path / "ray", models=[str(tiny)], **ASKED, limit=1)
    outcome = one.run()
    assert (outcome.state, outcome.done, outcome.failed) == ("failed", 0, 0)
    assert any("not 0.0.1" in problem for problem in outcome.problems), outcome.problems
    assert states(tmp_path / "ray") == {"waiting": 1}
