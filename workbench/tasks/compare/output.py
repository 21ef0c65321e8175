"""A comparison in each of its formats, and in a file."""

import json
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.files import encodable, write_atomically
from workbench.i18n import _
from workbench.tasks.compare.comparison import Comparison
from workbench.tasks.compare.views import WIDTH, as_markdown, as_text

SUFFIXES = {".json": "json", ".md": "markdown", ".markdown": "markdown", ".txt": "text"}
"""The format of a file by how its name ends, where none is asked for."""


def rendered(comparison: Comparison, format: str, width: int = WIDTH) -> str:
    """Return a comparison as ``text``, ``markdown`` or ``json``."""
    if format == "json":
        text = json.dumps(comparison.to_json(), ensure_ascii=False, indent=2) + "\n"
    else:
        text = as_markdown(comparison) if format == "markdown" else as_text(comparison, width)
    return encodable(text)


def format_of(path: Path) -> str:
    """Return the format that a file's name asks for; Markdown where it asks for none."""
    return SUFFIXES.get(path.suffix.lower(), "markdown")


def check_writable(path: Path) -> None:
    """Refuse a file that cannot be written, before minutes of work are spent in vain."""
    if path.is_dir():
        raise WorkbenchError(
            _("is a folder"), path=path, fix=_("Name a file with -o, such as comparison.md.")
        )
    if not path.parent.is_dir():
        raise WorkbenchError(
            _("there is no folder {folder}").format(folder=path.parent),
            path=path,
            fix=_("Make it first, or choose another with -o."),
        )


def write(comparison: Comparison, path: Path, format: str) -> None:
    """Write a comparison atomically; WorkbenchError where that fails."""
    try:
        write_atomically(path, rendered(comparison, format))
    except OSError as error:
        raise WorkbenchError(
            _("cannot be written: {reason}").format(reason=error.strerror or error),
            path=path,
            fix=_("Choose another file with -o."),
        ) from None
