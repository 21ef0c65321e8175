"""Batches as processes of their own, which can be killed."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

COMMAND = [sys.executable, "-m", "workbench", "batch"]
PATIENCE = 120.0


def start(*arguments: object, **extra: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        env={**os.environ, **extra},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=PATIENCE)
    assert b"Traceback" not in err, err.decode()
    assert b"unexpected error" not in err, err.decode()
    return process.returncode, out.decode(), err.decode("utf-8", "replace")


def until(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Wait until something is so; fails where the process ends before."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process as a loss of power would, and wait until its engine is gone too."""
    engines = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    _gone, alive = psutil.wait_procs(engines, timeout=90)
    assert alive == []


def done(out: Path) -> int:
    """Count what a ledger holds as done, whoever writes it meanwhile."""
    from batch_support import results

    try:
        return len(results(out))
    except (OSError, sqlite3.Error):
        return 0
