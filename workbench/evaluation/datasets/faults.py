"""What is said of a dataset that cannot be read: one line, with the file and the line."""

from pathlib import Path

from workbench.errors import UsageError
from workbench.i18n import _

LARGEST = 512 * 1024 * 1024
"""Bytes of a dataset in one JSON document, which is read as a whole."""
LONGEST_LINE = 64 * 1024 * 1024


def wrong(path: Path, what: str, fix: str, *, line: int | None = None) -> UsageError:
    """Return the error that says what is wrong in a dataset, and what to do."""
    if line is not None:
        what = _("line {line}: {what}").format(line=line, what=what)
    return UsageError(what, path=path, fix=fix)


def unreadable(path: Path, error: OSError) -> UsageError:
    """Return the error of a file that cannot be opened or read."""
    return wrong(
        path,
        _("cannot be read: {reason}").format(reason=error.strerror or type(error).__name__),
        _("Check the path and the rights of the file."),
    )


def read_text(path: Path) -> str:
    """Return a file's text, which must be UTF-8; all its lines end in a line feed."""
    try:
        if path.stat().st_size > LARGEST:
            raise wrong(
                path,
                _("is larger than {size} MB").format(size=LARGEST // 1024**2),
                _("Divide it, or give JSONL, which is read line by line."),
            )
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from None
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise not_utf8(path, data.count(b"\n", 0, error.start) + 1) from None


def not_utf8(path: Path, line: int) -> UsageError:
    """Return the error of a line that is in another encoding."""
    return wrong(path, _("is not UTF-8"), _("Save it as UTF-8."), line=line)
