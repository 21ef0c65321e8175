"""The bytes a format reads, from disk or from elsewhere: never a wait, never too many."""

import errno
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from workbench.articles.formats import limits
from workbench.errors import ArticleError
from workbench.i18n import _

SEPARATOR = " · "
"""Stands between an archive's member and a row of it."""


class Budget:
    """Bytes that may still be unpacked, of an archive and of all those inside it."""

    def __init__(self, size: int) -> None:
        self.left = size


@dataclass(frozen=True, slots=True)
class Source:
    """Bytes that can be read from their beginning any number of times.

    ``path`` is the file the user gave, ``name`` tells the format by its ending, ``part`` which
    member of an archive it is, ``depth`` how many archives it is in, ``size`` its bytes.
    """

    path: Path
    name: str
    size: int
    open: Callable[[], BinaryIO]
    part: str | None = None
    depth: int = 0
    budget: Budget | None = None

    def part_name(self, part: str | None) -> str | None:
        """Name a part of this source among all of the file's."""
        return SEPARATOR.join(one for one in (self.part, part) if one) or None

    def head(self, size: int) -> bytes:
        """Return the first bytes."""
        with self.open() as stream:
            # What cannot be read without waiting gives None.
            return stream.read(size) or b""

    def read(self, limit: int = limits.TEXT) -> bytes:
        """Return all bytes; ArticleError where there are more than ``limit``."""
        if self.size > limit:
            raise too_large(self.size, limit)
        with self.open() as stream:
            data = stream.read(limit + 1) or b""
        if len(data) > limit:
            raise too_large(len(data), limit)
        return data


def file_source(path: Path) -> Source:
    """Return a regular file's source; ArticleError where it is none or cannot be read."""

    def open_file() -> BinaryIO:
        return _open(path)

    with _open(path) as stream:
        size = os.fstat(stream.fileno()).st_size
    return Source(path, path.name, size, open_file)


def bytes_source(path: Path, name: str, data: bytes) -> Source:
    """Return the source of bytes that are at hand, such as standard input."""
    return Source(path, name, len(data), lambda: BytesIO(data))


def _open(path: Path) -> BinaryIO:
    seen = False
    try:
        _check(path, path.stat())
        seen = True
        # A pipe put in the file's place after the look at it must not make us wait.
        handle = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
        stream = os.fdopen(handle, "rb")
        try:
            _check(path, os.fstat(handle))
        except BaseException:
            stream.close()
            raise
        return stream
    except FileNotFoundError:
        raise _vanished(path) if seen else _missing(path) from None
    except OSError as error:
        raise unreadable(path, error) from None
    except ValueError:
        raise ArticleError(
            _("is not a possible file name"), path=repr(str(path)), fix=_("Check the name.")
        ) from None


def _check(path: Path, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise ArticleError(
            _("is a folder; name the files in it, for example {example}").format(
                example=path / "*.txt"
            ),
            path=path,
        )
    if not stat.S_ISREG(status.st_mode):
        raise ArticleError(
            _("is not a file but a device or a pipe"),
            path=path,
            fix=_("Save its text to a file first."),
        )


def too_large(size: int, limit: int = limits.TEXT) -> ArticleError:
    """Say that something has more bytes than are read."""
    return ArticleError(
        _("is too large: {size} MB, where {limit} MB are read at most").format(
            size=-(-size // 1024**2), limit=limit // 1024**2
        ),
        fix=_("Split it into its articles, one a file."),
    )


def unreadable(path: Path, error: OSError) -> ArticleError:
    """Say why the system does not let a file be read."""
    if isinstance(error, PermissionError):
        return ArticleError(
            _("may not be read: permission is denied"),
            path=path,
            fix=_("Give yourself the right to read it."),
        )
    if error.errno == errno.ENOTDIR:
        return _missing(path)
    return ArticleError(
        _("cannot be read: {reason}").format(reason=error.strerror or type(error).__name__),
        path=path,
        fix=_("Check the name and the disk."),
    )


def _missing(path: Path) -> ArticleError:
    return ArticleError(
        _("there is no such file"), path=path, fix=_("Check the name and the folder.")
    )


def _vanished(path: Path) -> ArticleError:
    return ArticleError(
        _("disappeared while it was being read"), path=path, fix=_("Put it back and try again.")
    )
