"""SHA-256 of model files, remembered while a file stays as it is."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

from workbench.errors import ModelError
from workbench.files import write_atomically
from workbench.i18n import _
from workbench.paths import cache_folder

_CHUNK = 1 << 22

BytesDone = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""


def file_sha256(path: Path, progress: BytesDone | None = None, *, fresh: bool = False) -> str:
    """Return the SHA-256 of a file in hexadecimal, from the cache where the file is unchanged.

    Unchanged means same path, size, modification time and inode; ``fresh`` reads the file whatever
    the cache says. Raises ModelError where the file cannot be read.
    """
    try:
        before = _identity(path)
        if not fresh and (known := _remembered(path, before)):
            return known
        digest = _read(path, progress)
        if _identity(path) == before:
            _remember(path, before, digest)
    except OSError as error:
        raise ModelError(
            _("cannot be read: {reason}").format(reason=error.strerror or error), path=path
        ) from None
    return digest


def known_sha256(path: Path) -> str | None:
    """Return the SHA-256 of a file without reading it; None where it is not in the cache."""
    try:
        return _remembered(path, _identity(path))
    except OSError:
        return None


def remember_sha256(path: Path, digest: str) -> None:
    """Put a SHA-256 that was just worked out for ``path`` in the cache."""
    _remember(path, _identity(path), digest)


def _read(path: Path, progress: BytesDone | None) -> str:
    digest = hashlib.sha256()
    done = 0
    with path.open("rb") as stream:
        total = os.fstat(stream.fileno()).st_size
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            done += len(chunk)
            if progress is not None:
                progress(done, total)
    return digest.hexdigest()


def _identity(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, status.st_ino]


def _slot(path: Path) -> Path:
    name = hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:32]
    return cache_folder() / "hashes" / f"{name}.json"


def _remembered(path: Path, identity: list[int]) -> str | None:
    try:
        slot = json.loads(_slot(path).read_text(encoding="utf-8"))
        known = slot["sha256"] if slot["identity"] == identity else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return known if isinstance(known, str) and len(known) == 64 else None


def _remember(path: Path, identity: list[int], digest: str) -> None:
    slot = {"path": str(path.absolute()), "identity": identity, "sha256": digest}
    try:
        write_atomically(_slot(path), json.dumps(slot))
    except (OSError, UnicodeEncodeError):
        # A cache that cannot be written costs time, nothing else.
        return
