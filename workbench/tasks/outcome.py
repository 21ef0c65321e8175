"""Writing results to a folder, under names that do not collide."""

import json
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.files import write_atomically
from workbench.i18n import _
from workbench.tasks.result import Result
from workbench.tasks.views import FORMATS, as_markdown, as_text


def rendered(result: Result, format: str) -> str:
    """Return a result as ``text``, ``markdown`` or ``json`` (one line)."""
    if format == "json":
        return json.dumps(result.to_json(), ensure_ascii=False) + "\n"
    return as_markdown(result) if format == "markdown" else as_text(result)


class ResultFolder:
    """A folder that takes results; two articles of one file name get names of their own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._taken: dict[str, str] = {}

    def prepare(self) -> None:
        """Make the folder, before an hour of work would find that it cannot be made."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unwritable(error) from None

    def write(self, result: Result, format: str) -> Path:
        """Write a result atomically and return where."""
        path = self.folder / f"{self._stem(result)}.{FORMATS[format]}"
        text = rendered(result, format)
        if format == "json":
            text = json.dumps(result.to_json(), ensure_ascii=False, indent=2) + "\n"
        try:
            write_atomically(path, text)
        except OSError as error:
            raise self._unwritable(error) from None
        return path

    def _stem(self, result: Result) -> str:
        stem = f"{Path(result.article.path).stem}.{result.template.name}"
        owner = self._taken.setdefault(stem, result.article.path)
        return stem if owner == result.article.path else f"{stem}.{result.article.sha256[:8]}"

    def _unwritable(self, error: OSError) -> WorkbenchError:
        return WorkbenchError(
            _("cannot be written: {reason}").format(reason=error.strerror or error),
            path=self.folder,
            fix=_("Choose another folder with -o."),
        )
