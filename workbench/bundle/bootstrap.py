"""Opens a bundle: reads it, verifies it, puts what is in it in place.

It needs nothing but Python, for a bundle holds a copy of this file with which it is installed where
there is nothing else yet:

    tar -xOf FILE install.py | python3 - FILE --into FOLDER

A bundle is a tar (pax, not compressed): ``install.py``, ``manifest.json``, then the files in the
order of the manifest. Nothing is put anywhere before every byte was read and compared.
"""

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

try:
    from workbench.i18n import _
except ImportError:

    def _(text: str) -> str:
        """Leave texts in English where the workbench is not installed yet."""
        return text


FORMAT = 1
SCRIPT, MANIFEST = "install.py", "manifest.json"
KINDS = ("wheel", "model", "template", "settings")
_LARGEST_MANIFEST = 1 << 24
_CHUNK = 1 << 20
_FILE_NAME = re.compile(r"[^/\\:*?\"<>|\x00-\x1f\x7f]{1,200}")

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""


class BundleError(Exception):
    """A file is no bundle, is damaged, or does not fit this machine."""


@dataclass(frozen=True)
class Item:
    """A file of a bundle; ``path`` is its kind, a slash and its name, ``name`` what it is called.

    ``kind`` is one of KINDS. A model is called by its name in the catalogue or the user's own.
    """

    path: str
    kind: str
    bytes: int
    sha256: str
    name: str = ""

    @property
    def file_name(self) -> str:
        """Return the name of the file, without any folder."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Manifest:
    """What a bundle says of itself; ``fingerprint`` is the SHA-256 of that.

    ``script`` is the SHA-256 of the script it begins with.
    """

    workbench: str
    python: str
    platform: str
    script: str
    items: tuple[Item, ...]
    fingerprint: str = ""

    @property
    def size(self) -> int:
        """Return the bytes of all files together."""
        return sum(item.bytes for item in self.items)

    def of(self, kind: str) -> tuple[Item, ...]:
        """Return the files of one kind."""
        return tuple(item for item in self.items if item.kind == kind)

    def to_bytes(self) -> bytes:
        """Return it as it stands in a bundle."""
        told = {"format": FORMAT, **asdict(self)}
        del told["fingerprint"]
        return json.dumps(told, ensure_ascii=False, indent=1).encode()


def this_platform() -> tuple[str, str]:
    """Return the version of Python and the system, as wheels with native code depend on them."""
    return ".".join(platform.python_version_tuple()[:2]), sysconfig.get_platform()


def read_manifest(path: Path) -> Manifest:
    """Return what a bundle says of itself, its files unread. Raises BundleError."""
    with _opened(path) as tar:
        return _begun(iter(tar), tar)


def verify(path: Path, progress: Progress = lambda done, total: None) -> Manifest:
    """Read a whole bundle and compare every file. Raises BundleError for the first difference."""
    with _opened(path) as tar:
        return _walk(tar, lambda item: None, progress, every=True)


def unpack(
    path: Path,
    target: Callable[[Item], Path | None],
    progress: Progress = lambda done, total: None,
) -> Manifest:
    """Write each file to where ``target`` says, None for none; call ``verify`` before.

    A file appears whole and compared, or not at all; what is put nowhere is passed over unread.
    Raises BundleError, OSError.
    """
    with _opened(path) as tar:
        return _walk(tar, target, progress, every=False)


def _opened(path: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(path, "r:")
    except (OSError, tarfile.TarError) as error:
        reason = getattr(error, "strerror", None) or _("it is no bundle")
        raise BundleError(_("cannot be read: {reason}").format(reason=reason)) from None


def _begun(members: Iterator[tarfile.TarInfo], tar: tarfile.TarFile) -> Manifest:
    """Read the two files every bundle begins with, and return the manifest."""
    found = []
    for name in (SCRIPT, MANIFEST):
        member = _next(members)
        if member is None or member.name != name or not member.isreg():
            raise BundleError(_("it is no bundle"))
        if member.size > _LARGEST_MANIFEST:
            raise BundleError(_("it is damaged: {name} is too large").format(name=name))
        stream = tar.extractfile(member)
        assert stream is not None
        data = stream.read()
        if len(data) != member.size:
            raise BundleError(_("it ends too early"))
        found.append(data)
    script, told = found
    manifest = _manifest(told)
    if hashlib.sha256(script).hexdigest() != manifest.script:
        raise BundleError(_("it is damaged: {path} is not what it should be").format(path=SCRIPT))
    return manifest


def _manifest(data: bytes) -> Manifest:
    try:
        told: Any = json.loads(data)
        if told["format"] != FORMAT:
            raise BundleError(
                _("it is of format {found}; this program reads {known}").format(
                    found=told["format"], known=FORMAT
                )
            )
        manifest = Manifest(
            str(told["workbench"]),
            str(told["python"]),
            str(told["platform"]),
            str(told["script"]),
            tuple(Item(**item) for item in told["items"]),
            hashlib.sha256(data).hexdigest(),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(_("its manifest means nothing ({reason})").format(reason=error)) from None
    seen = set()
    for item in manifest.items:
        _check_item(item)
        if item.path.casefold() in seen:
            raise BundleError(_("it names {path} twice").format(path=item.path))
        seen.add(item.path.casefold())
    return manifest


def _check_item(item: Item) -> None:
    """Refuse whatever could be put anywhere but in the folder for its kind."""
    kind, _slash, name = str(item.path).partition("/")
    sound = (
        kind == item.kind
        and item.kind in KINDS
        and _FILE_NAME.fullmatch(name)
        and not name.startswith(".")
        and name.rstrip(" .") == name
        and isinstance(item.bytes, int)
        and item.bytes >= 0
        and isinstance(item.name, str)
        and re.fullmatch("[0-9a-f]{64}", str(item.sha256))
    )
    if not sound:
        raise BundleError(_("it holds {path!r}, which has no place").format(path=item.path))


def _walk(
    tar: tarfile.TarFile,
    target: Callable[[Item], Path | None],
    progress: Progress,
    *,
    every: bool,
) -> Manifest:
    """Go through a bundle; with ``every``, files that are put nowhere are read and compared too."""
    try:
        members = iter(tar)
        manifest = _begun(members, tar)
        done = 0
        for item in manifest.items:
            member = _next(members)
            if member is None:
                raise BundleError(_("it ends before {path}").format(path=item.path))
            if member.name != item.path or not member.isreg() or member.issparse():
                raise BundleError(
                    _("it holds {found!r} where {path} should be").format(
                        found=member.name, path=item.path
                    )
                )
            source = tar.extractfile(member)
            if member.size != item.bytes or source is None:
                raise _damaged(item)
            place = target(item)
            if every or place is not None:
                _copy(source, item, place, _after(done, manifest.size, progress))
            done += item.bytes
        if (extra := _next(members)) is not None:
            raise BundleError(
                _("it holds {found!r}, of which its manifest does not know").format(
                    found=extra.name
                )
            )
    except tarfile.TarError as error:
        raise BundleError(_("it is damaged: {reason}").format(reason=error)) from None
    return manifest


def _after(before: int, total: int, progress: Progress) -> Callable[[int], None]:
    return lambda done: progress(before + done, total)


def _next(members: Iterator[tarfile.TarInfo]) -> tarfile.TarInfo | None:
    try:
        return next(members, None)
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        raise BundleError(_("it is damaged: {reason}").format(reason=error)) from None


def _copy(
    source: IO[bytes], item: Item, place: Path | None, progress: Callable[[int], None]
) -> None:
    """Read a file through, and write it where it belongs if that is said, compared first."""
    if place is None:
        if _passed(source, None, progress) != (item.bytes, item.sha256):
            raise _damaged(item)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f"{place.name[:60]}.", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            passed = _passed(source, stream, progress)
            stream.flush()
            os.fsync(stream.fileno())
        if passed != (item.bytes, item.sha256):
            raise _damaged(item)
        temporary.chmod(0o644)
        temporary.replace(place)
    finally:
        temporary.unlink(missing_ok=True)


def _passed(
    source: IO[bytes], target: IO[bytes] | None, progress: Callable[[int], None]
) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if target is not None:
            target.write(chunk)
        progress(size)
    return size, digest.hexdigest()


def _damaged(item: Item) -> BundleError:
    return BundleError(_("it is damaged: {path} is not what it should be").format(path=item.path))


def require_space(folder: Path, needed: int) -> None:
    """Raise BundleError where a folder, or what it will be in, has no room for so many bytes."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < needed:
        raise BundleError(
            _("{needed} MB are needed in {folder}, {free} MB are free").format(
                needed=needed // 10**6 + 1, folder=folder, free=free // 10**6
            )
        )


def require_fit(manifest: Manifest) -> None:
    """Raise BundleError where the programs in a bundle are for other machines than this."""
    python, system = this_platform()
    if (manifest.python, manifest.platform) != (python, system):
        raise BundleError(
            _(
                "its programs are for Python {python} on {system}, this is Python {ours} on {here}"
            ).format(python=manifest.python, system=manifest.platform, ours=python, here=system)
        )


def install_programs(path: Path, into: Path) -> Path:
    """Make an environment in a folder out of the wheels of a bundle; return its ``workbench``.

    pip is run from its own wheel, so that Python needs none. Raises BundleError, OSError.
    """
    import venv

    manifest = read_manifest(path)
    wheels = manifest.of("wheel")
    pips = [item for item in wheels if re.match(r"pip-\d", item.file_name)]
    if not pips:
        raise BundleError(_("it holds no programs, only what they work with"))
    require_fit(manifest)
    require_space(into, 5 * sum(item.bytes for item in wheels))
    if into.exists() and any(into.iterdir()) and not (into / "pyvenv.cfg").is_file():
        raise BundleError(_("{folder} is not empty").format(folder=into))
    venv.EnvBuilder(with_pip=False, symlinks=os.name != "nt").create(into)
    programs = into / ("Scripts" if os.name == "nt" else "bin")
    with tempfile.TemporaryDirectory(dir=into) as name:
        folder = Path(name)
        unpack(path, lambda item: folder / item.file_name if item.kind == "wheel" else None)
        command = [
            str(programs / "python"), str(folder / pips[0].file_name / "pip"),
            "--disable-pip-version-check", "--isolated", "install", "--quiet", "--no-index",
            "--no-cache-dir", "--find-links", str(folder), f"workbench-zh=={manifest.workbench}",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise BundleError(
            _("pip could not install the programs: {reason}").format(
                reason=lines[-1] if lines else done.returncode
            )
        )
    return programs / ("workbench.exe" if os.name == "nt" else "workbench")


def main() -> int:
    """Install a bundle where there is nothing yet: programs, then what they work with."""
    parser = argparse.ArgumentParser(
        prog=SCRIPT, description="Install the workbench from a bundle."
    )
    parser.add_argument("bundle", type=Path, help="the file")
    parser.add_argument("--into", type=Path, default=Path.home() / "workbench", metavar="FOLDER")
    parser.add_argument("--fingerprint", default="", help="refuse the bundle unless it has this")
    given = parser.parse_args()
    path, into = given.bundle.absolute(), given.into.absolute()
    try:
        print(f"verifying {path}", file=sys.stderr)
        manifest = verify(path)
        if given.fingerprint and given.fingerprint.lower() != manifest.fingerprint:
            raise BundleError(f"its fingerprint is {manifest.fingerprint}")
        print(f"installing workbench {manifest.workbench} into {into}", file=sys.stderr)
        program = install_programs(path, into)
        command = [str(program), "bundle", "install", str(path), "--verified", manifest.fingerprint]
        status = subprocess.run(command, check=False).returncode
    except (BundleError, OSError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 1
    if not status:
        print(f"start it with: {program}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
