"""Model files by their SHA-256: found on a node, or brought there in parts from the head."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from workbench.batch.ray.parcels import ModelFile
from workbench.catalog.hashes import file_sha256, remember_sha256
from workbench.catalog.registry import installed
from workbench.errors import ModelError, WorkbenchError
from workbench.i18n import _
from workbench.paths import cache_folder, models_folder

PART_BYTES = 8 << 20
Fetch = Callable[[str, int], bytes]
"""Returns a part of a file, named by SHA-256 and number from 0."""


def described(path: Path) -> ModelFile:
    """Return what a node has to know of a file; ModelError where it cannot be read."""
    return ModelFile(file_sha256(path), path.stat().st_size, str(path.absolute()))


def part(path: str, number: int) -> bytes:
    """Return a part of a file on the head; OSError where it cannot be read."""
    with Path(path).open("rb") as stream:
        stream.seek(number * PART_BYTES)
        return stream.read(PART_BYTES)


def found_or_fetched(file: ModelFile, fetch: Fetch) -> Path:
    """Return a file of that SHA-256 on this machine, fetched if need be; ModelError if not."""
    if (here := found(file)) is not None:
        return here
    folder = cache_folder() / "fetched"
    target = folder / f"{file.sha256}.gguf"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Engines of one node wait for the first to bring it.
        with FileLock(f"{target}.lock"):
            if not _is(target, file):
                _bring(file, target, fetch)
    except OSError as error:
        raise ModelError(
            _("cannot be written: {reason}").format(reason=error.strerror or error), path=target
        ) from None
    return target


def found(file: ModelFile) -> Path | None:
    """Return a file of that SHA-256: by its path on the head, in the models folder, fetched."""
    return next((path for path in _places(file) if _is(path, file)), None)


def _places(file: ModelFile) -> Iterator[Path]:
    yield Path(file.path)
    yield from sorted(models_folder().glob("**/*.gguf"))
    with suppress(WorkbenchError):  # a list of models that is damaged is told of elsewhere
        yield from (one.path for one in installed())
    yield cache_folder() / "fetched" / f"{file.sha256}.gguf"


def _is(path: Path, file: ModelFile) -> bool:
    """Say whether a file is the one; only those of the right size are read for that."""
    try:
        return path.stat().st_size == file.size and file_sha256(path) == file.sha256
    except (OSError, ModelError):
        return False


def _bring(file: ModelFile, target: Path, fetch: Fetch) -> None:
    if shutil.disk_usage(target.parent).free < file.size:
        raise ModelError(_("there is no room on the disk for it"), path=target)
    begun = target.with_suffix(".part")
    digest, size = hashlib.sha256(), 0
    try:
        with begun.open("wb") as stream:
            while size < file.size:
                data = fetch(file.sha256, size // PART_BYTES)
                if not data:
                    break
                digest.update(data)
                size += len(data)
                stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if digest.hexdigest() != file.sha256:
            raise ModelError(
                _("came from the head otherwise than it was announced"),
                path=file.path,
                fix=_("Leave the file alone while the batch runs, and run it again."),
            )
        begun.replace(target)
    finally:
        begun.unlink(missing_ok=True)
    remember_sha256(target, file.sha256)
