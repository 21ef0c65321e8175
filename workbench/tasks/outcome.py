"""Writing results to a folder, under names that do not collide."""

import hashlib
import json
import os
import tempfile
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.files import encodable, write_atomically
from workbench.i18n import _
from workbench.tasks.result import Result
from workbench.tasks.views import FORMATS, as_markdown, as_text

_NAME_BYTES = 255
"""What common file systems allow a file name (NAME_MAX)."""


def rendered(result: Result, format: str) -> str:
    """Return a result as ``text``, ``markdown`` or ``json`` (one line)."""
    if format == "json":
        return as_json(result)
    return as_markdown(result) if format == "markdown" else as_text(result)


def as_json(result: Result, *, indent: int | None = None) -> str:
    """Return a result as JSON, Chinese characters as they are."""
    return encodable(json.dumps(result.to_json(), ensure_ascii=False, indent=indent)) + "\n"


class ResultFolder:
    """A folder that takes results; two articles of one file name get names of their own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._taken: dict[str, str] = {}

    def prepare(self) -> None:
        """Make the folder and try to write, before an hour of work is spent in vain."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.folder):
                pass
        except (FileExistsError, NotADirectoryError):
            raise WorkbenchError(
                _("is not a folder, so no results can be written there"),
                path=self.folder,
                fix=_("Choose another folder with -o."),
            ) from None
        except OSError as error:
            raise self._unwritable(error) from None

    def write(self, result: Result, format: str) -> Path:
        """Write a result atomically and return where."""
        path = self.folder / f"{self._stem(result)}.{FORMATS[format]}"
        text = rendered(result, format)
        if format == "json":
            text = as_json(result, indent=2)
        try:
            write_atomically(path, text)
        except OSError as error:
            raise self._unwritable(error) from None
        return path

    def _stem(self, result: Result) -> str:
        """Name a result by article and template, and by hashes where that name is taken.

        Some file systems take names that differ in case for one.
        """
        path = result.article.path
        room = _NAME_BYTES - len(f".{result.template.name}.00000000.json")
        name = "".join(char if char.isprintable() else "_" for char in Path(path).stem)
        name = name.encode("utf-8")[:room].decode("utf-8", "ignore")
        stem = f"{name}.{result.template.name}"
        of_path = hashlib.sha256(os.fsencode(path)).hexdigest()
        candidates = (stem, f"{stem}.{result.article.sha256[:8]}", f"{stem}.{of_path[:8]}")
        return next(
            one for one in candidates if self._taken.setdefault(one.casefold(), path) == path
        )

    def _unwritable(self, error: OSError) -> WorkbenchError:
        return WorkbenchError(
            _("cannot be written: {reason}").format(reason=error.strerror or error),
            path=self.folder,
            fix=_("Choose another folder with -o."),
        )
