"""How the benchmarks print: one table, medians with their spread, and the machine they are of."""

import os
import platform
import statistics
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from unicodedata import east_asian_width

from workbench.engine.protocol import ModelInfo
from workbench.errors import WorkbenchError


def machine(info: ModelInfo, threads: int) -> str:
    """Say in two lines what was measured where, and how busy the machine was before."""
    busy = (
        f", load average {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    )
    return (
        f"{info.description}, llama-cpp-python {version('llama-cpp-python')}, "
        f"Python {platform.python_version()}\n"
        f"{_processor()}, {os.cpu_count()} cores, {threads} threads, {sys.platform}{busy}\n"
    )


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Write the median and, where there is more than one value, the least and the greatest."""
    middle = f"{statistics.median(values):,.{digits}f}"
    if len(values) < 2:
        return middle
    return f"{middle} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def ratios(values: Sequence[float], bases: Sequence[float]) -> list[float]:
    """Divide round by round: what slowed a whole round down falls out of it."""
    return [value / base for value, base in zip(values, bases, strict=True)]


def against(values: Sequence[float], bases: Sequence[float]) -> str:
    """Write the ratio of two series measured in the same rounds, with its spread."""
    return spread(ratios(values, bases), 2) + " ×"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Lay out rows, the first of which is the head, in columns; numbers stand to the right."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        first, *rest = (
            " " * (width - _width(cell)) + cell if place else cell + " " * (width - _width(cell))
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join([first, *rest]).rstrip())
    return "\n".join(lines)


def run(main: Callable[[], None]) -> None:
    """Run a benchmark; what the engine refuses is said in one line."""
    try:
        main()
    except WorkbenchError as error:
        raise SystemExit(str(error)) from None


def say(text: str) -> None:
    """Write a line of progress, away from the table."""
    print(text, file=sys.stderr, flush=True)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
