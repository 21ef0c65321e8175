"""Results go to standard output, everything else to standard error."""

import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from workbench.errors import WorkbenchError, in_two_sentences
from workbench.filenames import readable
from workbench.files import encodable
from workbench.i18n import _


class OutputClosed(Exception):
    """Whoever read standard output has seen enough, as ``head`` does."""


def one_line(text: str) -> str:
    """Return a text as one line: names of files may hold line breaks and control characters."""
    shown = readable(text)
    return " ".join("".join(char if char.isprintable() else " " for char in shown).split())


def complain(text: str, fix: str = "") -> None:
    """Say in one line what is wrong."""
    line = in_two_sentences(text, fix) if fix else text
    print(f"workbench: {one_line(line)}", file=sys.stderr)


def say(text: str) -> None:
    """Tell the user something that is not a result."""
    print(one_line(text), file=sys.stderr, flush=True)


def put(text: str, *, end: str = "\n") -> None:
    """Write a result, and ``end`` where it does not end so; OutputClosed where nobody reads it."""
    try:
        sys.stdout.write(text if text.endswith(end) else f"{text}{end}")
        sys.stdout.flush()
    except BrokenPipeError:
        _write_no_more()
        raise OutputClosed from None
    except OSError as error:
        _write_no_more()
        raise WorkbenchError(
            _("the results cannot be written: {reason}").format(
                reason=error.strerror or type(error).__name__
            ),
            path=_("standard output"),
            fix=_("Free some space, or write them elsewhere."),
        ) from None


def _write_no_more() -> None:
    # Python flushes once more at exit, and would complain.
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def put_json(value: Any, *, indent: int | None = 2) -> None:
    """Write a value as JSON, Chinese characters as they are where the terminal can take them."""
    put(_as_json(value, indent))


class JsonArray:
    """An array written item by item, so that a long one is never held as a whole.

    Its end is written only when all went well: an array that was cut short must not parse.
    """

    def __init__(self) -> None:
        self._empty = True

    def put(self, value: Any) -> None:
        """Write one more item."""
        text = _as_json(value, 2).replace("\n", "\n  ")
        put(("[\n  " if self._empty else ",\n  ") + text, end="")
        self._empty = False

    def close(self) -> None:
        """Write the end."""
        put("[]" if self._empty else "\n]")


def _as_json(value: Any, indent: int | None) -> str:
    text = encodable(json.dumps(value, ensure_ascii=False, indent=indent))
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        text = json.dumps(json.loads(text), indent=indent)
    return text


def put_table(rows: Sequence[Sequence[str]], headings: Sequence[str]) -> None:
    """Write a table, its columns aligned by terminal cells; no borders, easy to cut apart."""
    from rich.cells import cell_len

    cells = [list(headings), *[list(row) for row in rows]]
    widths = [max(cell_len(row[i]) for row in cells) for i in range(len(headings))]
    for row in cells:
        padded = [text + " " * (widths[i] - cell_len(text)) for i, text in enumerate(row)]
        put("  ".join(padded).rstrip())
