"""The models on this machine: pulled ones, and those the user added."""

import difflib
import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from workbench.catalog.entries import Entry, load_catalog
from workbench.catalog.gguf import GgufHeader, read_header
from workbench.catalog.hashes import file_sha256
from workbench.catalog.progress import Progress, ProgressCallback, ignore_progress
from workbench.catalog.records import Registered, changing_records, load_records
from workbench.catalog.space import explain_write_error, require_space
from workbench.errors import ModelError
from workbench.i18n import _
from workbench.paths import models_folder

_CHUNK = 1 << 22
_NAME = re.compile(r"[\w][\w.+ -]{0,99}")


@dataclass(frozen=True, slots=True)
class Installed:
    """A model that is here; ``origin`` is ``pulled``, ``copied`` or ``linked``, ``bytes`` its size.

    ``entry`` is None for a model the catalogue does not know.
    """

    name: str
    path: Path
    bytes: int
    origin: str
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A model found by name or path, its header read and sound."""

    name: str
    path: Path
    entry: Entry | None
    header: GgufHeader


@dataclass(frozen=True, slots=True)
class Removed:
    """What ``remove`` did; ``deleted`` is False where the file was only forgotten."""

    name: str
    path: Path
    deleted: bool


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """The SHA-256 a file has, and the one it should have; None where nobody knows it."""

    name: str
    path: Path
    sha256: str
    expected: str | None
    entry: Entry | None

    @property
    def ok(self) -> bool:
        """Whether the file is what it should be, as far as is known."""
        return self.expected in (None, self.sha256)


def installed() -> list[Installed]:
    """List the models that are here, pulled ones first, by looking at names and sizes only."""
    catalog, records = load_catalog(), load_records()
    found = [
        Installed(entry.id, path, entry.bytes, "pulled", entry)
        for entry in catalog.values()
        if _size(path := models_folder() / entry.file) == entry.bytes
    ]
    pulled = {model.path for model in found}
    by_hash = {entry.sha256: entry for entry in catalog.values()}
    found += [
        Installed(
            name,
            Path(record.path),
            record.bytes,
            "copied" if record.copied else "linked",
            by_hash.get(record.sha256),
        )
        for name, record in records.registered.items()
        if Path(record.path) not in pulled and _size(Path(record.path)) is not None
    ]
    return found


def add(
    path: Path,
    *,
    name: str | None = None,
    copy: bool = False,
    progress: ProgressCallback = ignore_progress,
) -> Installed:
    """Register a GGUF of the user's under ``name`` (default: its file name), linked or copied.

    A linked file stays where it is and is never deleted by the program. Raises ModelError where the
    file is not a sound GGUF, the name is taken or impossible, or there is no room for a copy.
    """
    path = path.expanduser().absolute()
    header = read_header(path)
    name = path.stem if name is None else name
    _refuse_name(name)
    if copy:
        target = models_folder() / path.name
        digest = _copy(path, target, header.file_size, progress)
    else:
        target = path
        digest = file_sha256(
            path, lambda done, total: progress(Progress(done, total, "", "verifying"))
        )
    record = Registered(str(target), header.file_size, digest, copy)
    try:
        with changing_records() as records:
            _refuse_name(name)
            records.registered[name] = record
    except BaseException:
        if copy:
            target.unlink(missing_ok=True)
        raise
    entry = next((item for item in load_catalog().values() if item.sha256 == digest), None)
    return Installed(name, target, header.file_size, "copied" if copy else "linked", entry)


def remove(name: str, *, delete_file: bool) -> Removed:
    """Forget a model; files the program pulled or copied are deleted, linked ones never.

    Without ``delete_file`` a file that would be deleted is refused with a ModelError, so that
    nothing goes by accident.
    """
    with changing_records() as records:
        record = records.registered.get(name)
        if record is not None:
            path, own = Path(record.path), record.copied
        else:
            path, own = models_folder() / catalogued(name).file, True
            if not path.exists():
                raise _not_pulled(name)
        if own and not delete_file:
            raise ModelError(
                _("removing {name} deletes this file").format(name=name),
                path=path,
                fix=_("Confirm that the file may be deleted."),
            )
        if own:
            path.unlink(missing_ok=True)
        if record is not None:
            del records.registered[name]
        else:
            records.pulled.pop(name, None)
    return Removed(name, path, own)


def resolve(name_or_path: str) -> ResolvedModel:
    """Find a model by name, or by path where there is a separator or the ending ``.gguf``.

    Raises ModelError where there is none, saying which names come close or how to pull it, and
    where the file is damaged.
    """
    name, path, entry = locate(name_or_path)
    if entry is not None and (size := _size(path)) not in (None, entry.bytes):
        raise ModelError(
            _("is {got} bytes long, {name} should be {expected}").format(
                got=size, name=entry.id, expected=entry.bytes
            ),
            path=path,
            fix=_("Delete it, then: workbench models pull {name}").format(name=entry.id),
        )
    return ResolvedModel(name, path, entry, read_header(path))


def verify(name_or_path: str, progress: ProgressCallback = ignore_progress) -> VerifyResult:
    """Read a whole file again and compare its SHA-256; ModelError where there is no such file."""
    name, path, entry = locate(name_or_path)
    digest = file_sha256(
        path, lambda done, total: progress(Progress(done, total, "", "verifying")), fresh=True
    )
    record = load_records().registered.get(name)
    expected = record.sha256 if record is not None else entry.sha256 if entry is not None else None
    if entry is None:
        entry = next((item for item in load_catalog().values() if item.sha256 == digest), None)
    return VerifyResult(name, path, digest, expected, entry)


def locate(name_or_path: str) -> tuple[str, Path, Entry | None]:
    """Return name, path and entry of a model, its file unread; ModelError as ``resolve``."""
    catalog = load_catalog()
    registered = load_records().registered
    if record := registered.get(name_or_path):
        entry = next((item for item in catalog.values() if item.sha256 == record.sha256), None)
        return name_or_path, Path(record.path), entry
    if looks_like_path(name_or_path):
        path = Path(name_or_path).expanduser().absolute()
        entry = next((item for item in catalog.values() if item.file == path.name), None)
        if entry is not None and path.parent != models_folder() and _size(path) != entry.bytes:
            entry = None
        return entry.id if entry else path.stem, path, entry
    entry = catalogued(name_or_path)
    path = models_folder() / entry.file
    if not path.exists():
        raise _not_pulled(entry.id)
    return entry.id, path, entry


def looks_like_path(name_or_path: str) -> bool:
    """Tell a path from a name: it has a separator or ends in ``.gguf``."""
    separators = {"/", os.sep, os.altsep} - {None}
    return name_or_path.lower().endswith(".gguf") or any(
        separator in name_or_path for separator in separators if separator
    )


def catalogued(name: str) -> Entry:
    """Return the entry of that id; ModelError naming what comes close where there is none."""
    catalog = load_catalog()
    if entry := catalog.get(name):
        return entry
    names = [*catalog, *load_records().registered]
    close = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.5)
    what = _("there is no model named {name!r}").format(name=name)
    if close:
        what = _("there is no model named {name!r}; close to it: {names}").format(
            name=name, names=", ".join(close)
        )
    raise ModelError(what, fix=_("All names: workbench models list"))


def _not_pulled(name: str) -> ModelError:
    return ModelError(
        _("the model {name} is not on this machine").format(name=name),
        fix=_("Get it with: workbench models pull {name}").format(name=name),
    )


def _refuse_name(name: str) -> None:
    if not _NAME.fullmatch(name) or looks_like_path(name):
        raise ModelError(
            _("{name!r} cannot be the name of a model").format(name=name),
            fix=_("Use letters, digits, “.”, “-”, without “.gguf” at the end."),
        )
    if name in load_catalog() or name in load_records().registered:
        raise ModelError(
            _("the name {name} is taken").format(name=name), fix=_("Give another with --name.")
        )


def _copy(path: Path, target: Path, size: int, progress: ProgressCallback) -> str:
    """Copy whole or not at all; return the SHA-256 of what was copied."""
    folder = target.parent
    if target.exists():
        raise ModelError(
            _("is already there"), path=target, fix=_("Rename your file, or add it without a copy.")
        )
    temporary: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        require_space(folder, size)
        digest, done = hashlib.sha256(), 0
        with (
            path.open("rb") as source,
            tempfile.NamedTemporaryFile(
                dir=folder, prefix=f"{target.name}.", suffix=".part", delete=False
            ) as stream,
        ):
            temporary = Path(stream.name)
            while chunk := source.read(_CHUNK):
                stream.write(chunk)
                digest.update(chunk)
                done += len(chunk)
                progress(Progress(done, size, "", "downloading"))
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(path.stat().st_mode & 0o666 | 0o600)
        temporary.replace(target)
    except OSError as error:
        raise explain_write_error(error, folder, size) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
    return digest.hexdigest()


def _size(path: Path) -> int | None:
    """Return the size of a file, or None where there is none."""
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None
