import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

# How batches are written and compared is the same as beside it.
sys.path.append(str(Path(__file__).parents[1]))


def rays() -> list[psutil.Process]:
    """Return the processes of Ray, and those it started, that came from this one."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            command = " ".join(process.cmdline())
        except psutil.Error:
            continue
        if "ray::" in command or "/ray/" in command:
            found.append(process)
    return found


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two nodes of one CPU each, whose home holds no model, and a head that has no CPU to give."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'workbench-zh[ray]'")
    from ray_support import Cluster

    # The paths of sockets have to be short.
    folder = Path(tempfile.mkdtemp(prefix="ray-"))
    before = dict(os.environ)
    os.environ |= {
        "WORKBENCH_HOME": str(folder / "nodes"),
        "WORKBENCH_LANGUAGE": "en",
        "WORKBENCH_THREADS": "1",
        # A head that was just installed takes its time to serve its first client.
        "RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S": "150",
    }
    found = Cluster(folder)
    try:
        yield found
    finally:
        started = rays()
        found.close()
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(folder, ignore_errors=True)
        _gone, alive = psutil.wait_procs(started, timeout=90)
        assert not alive, f"still there: {alive}"
