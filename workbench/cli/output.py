"""Results go to standard output, everything else to standard error."""

import json
import sys
from collections.abc import Sequence
from typing import Any


def complain(text: str, fix: str = "") -> None:
    """Say in one line what is wrong."""
    line = f"{text.rstrip('.')}. {fix}" if fix else text
    print(f"workbench: {' '.join(line.split())}", file=sys.stderr)


def say(text: str) -> None:
    """Tell the user something that is not a result."""
    print(text, file=sys.stderr, flush=True)


def put(text: str) -> None:
    """Write a result."""
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    sys.stdout.flush()


def put_json(value: Any) -> None:
    """Write a value as JSON, Chinese characters as they are."""
    # A file name that is not UTF-8 must not keep a result from being written.
    text = json.dumps(value, ensure_ascii=False, indent=2)
    put(text.encode("utf-8", "replace").decode("utf-8"))


def put_table(rows: Sequence[Sequence[str]], headings: Sequence[str]) -> None:
    """Write a table, its columns aligned by terminal cells; no borders, easy to cut apart."""
    from rich.cells import cell_len

    cells = [list(headings), *[list(row) for row in rows]]
    widths = [max(cell_len(row[i]) for row in cells) for i in range(len(headings))]
    for row in cells:
        padded = [text + " " * (widths[i] - cell_len(text)) for i, text in enumerate(row)]
        put("  ".join(padded).rstrip())


def gigabytes(size: float) -> str:
    """Write a size in bytes as a person reads it: MB below one GB."""
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
