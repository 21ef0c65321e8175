"""A cluster of our own on this machine: by the command, heard by nobody else."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest


@pytest.mark.alone
def test_the_command_starts_and_ends_a_cluster_that_hears_nobody_else(
    articles: Path, tiny: Path, tmp_path: Path
) -> None:
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'workbench-zh[ray]'")
    journal = tmp_path / "refused"
    command = [sys.executable, "-m", "workbench", "batch", str(articles), "-o", "out", "--json"]
    command += ["--on", "ray", "-m", str(tiny), "--length", "short", "--context", "2048"]
    process = subprocess.Popen(
        [*command, "--limit", "2", "--format", "jsonl"],
        cwd=tmp_path,
        env={**os.environ, "WORKBENCH_OFFLINE_LOG": str(journal)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    heard: set[str] = set()
    started: dict[int, psutil.Process] = {}
    over = threading.Event()

    def watch() -> None:
        family = psutil.Process(process.pid)
        while not over.wait(0.3):
            try:
                for one in [family, *family.children(recursive=True)]:
                    started[one.pid] = one
                    heard.update(
                        found.laddr.ip.removeprefix("::ffff:")
                        for found in one.net_connections("tcp")
                        if found.status == psutil.CONN_LISTEN
                    )
            except psutil.Error:
                continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
        over.set()
        watcher.join()
    assert process.returncode == 0, err
    assert json.loads(out)["done"] == 2
    assert not {"WARNING", "SIGTERM", "Token"} & set(err.split())
    assert heard == {"127.0.0.1"}
    assert not journal.exists()
    _gone, alive = psutil.wait_procs(list(started.values()), timeout=90)
    assert not alive
