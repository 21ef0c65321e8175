"""Writing results to a folder, under names that do not collide."""

import hashlib
import json
import tempfile
import unicodedata
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.filenames import beginning, ending, plain
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

        Some file systems take names that differ in case, or in how Unicode composes them, for one.
        """
        article = result.article
        identity = f"{article.path}\0{article.part}" if article.part else article.path
        room = _NAME_BYTES - len(f".{result.template.name}.00000000.json".encode())
        # Parts of one file tend to differ in how they end.
        part = ending(plain(article.part), room // 2) if article.part else ""
        file = beginning(plain(Path(article.path).stem), room - len(f".{part}".encode()))
        name = f"{file}.{part}" if part else file
        stem = f"{name}.{result.template.name}"
        of_identity = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()
        candidates = (
            stem,
            f"{stem}.{article.sha256[:8]}",
            *(f"{stem}.{of_identity[at : at + 8]}" for at in range(0, 64, 8)),
        )
        return next(
            one
            for one in candidates
            if self._taken.setdefault(_as_one_file(one), identity) == identity
        )

    def _unwritable(self, error: OSError) -> WorkbenchError:
        return WorkbenchError(
            _("cannot be written: {reason}").format(reason=error.strerror or error),
            path=self.folder,
            fix=_("Choose another folder with -o."),
        )


def _as_one_file(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
