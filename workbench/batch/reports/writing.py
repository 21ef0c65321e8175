"""Rows in, files out: each row is handed to every format once, so that none has to be kept."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from workbench.batch.reports.document import docx
from workbench.batch.reports.groups import divided
from workbench.batch.reports.lines import jsonl
from workbench.batch.reports.markdown import FOLDER, INDEX, markdown
from workbench.batch.reports.naming import group_folders
from workbench.batch.reports.page.writing import html
from workbench.batch.reports.rows import FORMATS, SPLITS, Row
from workbench.batch.reports.spreadsheet import csv_files, xlsx
from workbench.batch.reports.staging import staged
from workbench.batch.reports.told import clean, tell
from workbench.batch.reports.writer import Open
from workbench.errors import UsageError, WorkbenchError
from workbench.i18n import _

_WRITERS: dict[str, Open] = {
    "markdown": markdown,
    "jsonl": jsonl,
    "csv": csv_files,
    "xlsx": xlsx,
    "html": html,
    "docx": docx,
}


def write_reports(
    folder: Path,
    rows: Iterable[Row],
    formats: Sequence[str],
    split_by: str = "",
    *,
    title: str = "",
) -> list[Path]:
    """Write rows, read once and in order, to ``folder``; return the files a user would open.

    ``split_by`` is one of SPLITS: each of its groups then has a folder below one of that name. The
    files appear when all rows are read; until then, and where anything fails, those of last time
    stand. Files of last time that these formats no longer write are removed. Raises UsageError for
    an unknown format or split, WorkbenchError where the files cannot be written.
    """
    formats = list(dict.fromkeys(formats))
    _check(formats, split_by)
    title = title or _("Batch")
    # Errors of reading the rows are not errors of this folder.
    source = _Source(rows)
    try:
        with staged(folder, formats) as aside:
            if split_by:
                _write_groups(aside, source, formats, split_by, title)
            else:
                _write(aside, lambda format: aside / format, source, formats, title)
            made = [
                path.relative_to(aside / format)
                for format in formats
                for path in sorted((aside / format).rglob("*"))
                if path.is_file() and (path.parent.name != FOLDER or path.name == INDEX)
            ]
    except OSError as error:
        if source.failed:
            raise
        raise WorkbenchError(
            _("cannot be written: {reason}").format(reason=error.strerror or error),
            path=folder,
            fix=_("Choose another folder with -o."),
        ) from None
    return [folder / path for path in made]


def _check(formats: Sequence[str], split_by: str) -> None:
    for format in formats:
        if format not in FORMATS:
            raise UsageError(
                _("there is no format {name}").format(name=format),
                fix=_("Choose from: {names}").format(names=", ".join(FORMATS)),
            )
    if split_by and split_by not in SPLITS:
        raise UsageError(
            _("results cannot be split by {name}").format(name=split_by),
            fix=_("Choose from: {names}").format(names=", ".join(SPLITS)),
        )


def _write(
    aside: Path,
    place: Callable[[str], Path],
    rows: Iterable[Row],
    formats: Sequence[str],
    title: str,
) -> None:
    with ExitStack() as stack:
        takes = [
            stack.enter_context(_WRITERS[format](place(format), clean(title), aside))
            for format in formats
        ]
        for row in rows:
            told = tell(row)
            for take in takes:
                take(told)


def _write_groups(
    aside: Path, rows: Iterable[Row], formats: Sequence[str], split_by: str, title: str
) -> None:
    with divided(rows, split_by, aside / "groups.db") as groups:
        for group, name in group_folders(groups.names()).items():

            def place(format: str, name: str = name) -> Path:
                found = aside / format / split_by / name
                found.mkdir(parents=True)
                return found

            _write(aside, place, groups.rows(group), formats, f"{title} · {group}")


class _Source:
    """Rows, with a note of whether it was reading them that failed."""

    def __init__(self, rows: Iterable[Row]):
        self._rows = rows
        self.failed = False

    def __iter__(self) -> Iterator[Row]:
        try:
            yield from self._rows
        except Exception:
            self.failed = True
            raise
