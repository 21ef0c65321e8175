"""A batch on real llama-servers with a tiny model, one of which is killed in the middle."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from batch_support import Heard, batch, write_articles
from process_support import until

BUILT = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "workbench-peers"


def program() -> str:
    """Return the llama-server that is named, or that benchmarks/build_llama_cpp.py built."""
    named = os.environ.get("WORKBENCH_LLAMA_SERVER")
    built = sorted(BUILT.glob("*/build/bin/llama-server"))
    return named or (str(built[-1]) if built else "")


PROGRAM = program()
pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(not PROGRAM, reason="no llama-server was built or named"),
]


@pytest.fixture
def servers(tiny: Path) -> Iterator[list[tuple[subprocess.Popen[bytes], str]]]:
    running = []
    try:
        for _server in range(2):
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            options = ["-m", tiny, "--host", "127.0.0.1", "--port", str(port)]
            process = subprocess.Popen(
                [PROGRAM, *options, "-np", "2", "-c", "8192", "-t", "1"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            running.append((process, f"openai:http://127.0.0.1:{port}/v1"))
            until(lambda process=process, port=port: _listens(process, port), process)  # type: ignore[misc]
        yield running
    finally:
        for process, _address in running:
            process.kill()
            process.wait(60)


def _listens(process: subprocess.Popen[bytes], port: int) -> bool:
    found = psutil.Process(process.pid).net_connections("tcp")
    return any(one.status == "LISTEN" and one.laddr.port == port for one in found)


class Killer(Heard):
    """Kills a server once some pieces have begun."""

    def __init__(self, process: subprocess.Popen[bytes]):
        super().__init__()
        self.process = process

    def begins(self, name: str) -> None:
        super().begins(name)
        if len(self.begun) == 8:
            self.process.kill()


def test_servers_share_the_work_and_the_loss_of_one_loses_nothing(
    servers: list[tuple[subprocess.Popen[bytes], str]], tmp_path: Path
) -> None:
    folder = write_articles(tmp_path / "articles", 12)
    one = batch(
        folder,
        tmp_path / "out",
        models=tuple(address for _process, address in servers),
        templates=("one-sentence",),
        spread=True,
        patience=20.0,
        settings={"context": 4096},
    )
    outcome = one.run(Killer(servers[0][0]))
    assert (outcome.done, outcome.failed, outcome.state) == (12, 0, "done")
    assert all(row.result and row.result["model"]["sha256"] is None for row in one.rows())
