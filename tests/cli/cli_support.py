"""What the tests of the command line share."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

COMMAND = [sys.executable, "-m", "workbench"]
SAMPLES = Path(__file__).parents[2] / "workbench" / "samples"

ARTICLE = """青石镇的早市搬进了新棚

青石镇的早市3月1日搬进了河边的新棚，128个摊位全部有了顶。新棚由镇里出资460万元修建，用了七个月。
"""
# Sound, and with every figure of the article, so that it stays as it was written.
RECITED = "青石镇早市3月1日搬进河边新棚，128个摊位全有了顶，新棚由镇里出资460万元修建，用了七个月"


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def complaints(self) -> list[str]:
        return [line for line in self.err.splitlines() if line.startswith("workbench: ")]

    def complaint(self) -> str:
        """Return the only complaint; it must be one clear line, and no traceback."""
        assert "Traceback" not in self.err
        assert "unexpected error" not in self.err
        assert len(self.complaints) == 1, self.err
        return self.complaints[0]

    def json(self) -> Any:
        return json.loads(self.out)

    def json_lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


def environment(home: Path, **extra: str) -> dict[str, str]:
    """Return the environment of a command that keeps to ``home``."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WORKBENCH_")}
    own = {"WORKBENCH_HOME": str(home), "WORKBENCH_LANGUAGE": "en", "WORKBENCH_THREADS": "1"}
    return {**kept, **own, **extra}


def command(
    home: Path,
    *arguments: str | bytes | Path,
    extra: Mapping[str, str] | None = None,
    before: tuple[str, ...] = (),
    seconds: float = 120,
) -> Ended:
    """Run the command line as a process of its own."""
    ended = subprocess.run(
        [*before, *COMMAND, *arguments],
        env=environment(home, **(extra or {})),
        capture_output=True,
        timeout=seconds,
        check=False,
    )
    return Ended(
        ended.returncode, ended.stdout.decode("utf-8"), ended.stderr.decode("utf-8", "replace")
    )


def descendants(process_id: int) -> list[psutil.Process]:
    """Return the processes that a process started, theirs too."""
    try:
        return psutil.Process(process_id).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
