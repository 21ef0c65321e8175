"""Wheels of what is installed, made again from the installed files.

So no network is needed, and the other machine gets exactly what runs on this one, native code that
was compiled here included. RECORD (PEP 376, PEP 427) names the files of a distribution with their
hashes: a file that was changed since is found.
"""

import base64
import hashlib
import io
import json
import re
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlparse

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from workbench.bundle.bootstrap import BundleError
from workbench.i18n import _

PROJECT = "workbench-zh"
_LEFT_OUT = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})
_SHEBANG = re.compile(rb"\A#![^\n]*python[^\n]*")
_LEVEL = 1
"""Of deflate: the files are carried on a disk, and packing them is waited for."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


def needed() -> list[Distribution]:
    """Return the installed workbench and all it needs, each once. Raises BundleError."""
    found: dict[str, Distribution] = {}
    waiting = [Requirement(PROJECT)]
    seen: set[str] = set()
    while waiting:
        asked = waiting.pop()
        if str(asked) in seen:
            continue
        seen.add(str(asked))
        name = canonicalize_name(asked.name)
        try:
            known = found.setdefault(name, distribution(asked.name))
        except PackageNotFoundError:
            raise BundleError(_("{name} is not installed here").format(name=asked.name)) from None
        waiting += _required(known, {"", *asked.extras})
    return [found[name] for name in sorted(found)]


def _required(known: Distribution, extras: set[str]) -> Iterator[Requirement]:
    for line in known.requires or ():
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
            yield requirement


def build_wheel(known: Distribution, folder: Path) -> Path:
    """Make the wheel of a distribution in a folder; one installed for editing is built.

    Raises BundleError where a file is missing or is not the one that was installed.
    """
    source = _edited_source(known)
    if source is not None:
        return _built(source, folder)
    name = re.sub(r"[-_.]+", "_", known.metadata["Name"])
    stem = f"{name}-{known.version}"
    path = folder / f"{stem}-{_tag(known)}.whl"
    lines = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as wheel:
        for place, data, mode in _contents(known, stem):
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            lines.append(f'"{place}",sha256={digest},{len(data)}')
            _put(wheel, place, data, mode)
        record = f"{_info(known)}/RECORD"
        lines.append(f'"{record}",,')
        _put(wheel, record, ("\n".join(lines) + "\n").encode())
    return path


def _put(wheel: zipfile.ZipFile, place: str, data: bytes, mode: int = 0o644) -> None:
    info = zipfile.ZipInfo(place, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (stat.S_IFREG | mode) << 16
    wheel.writestr(info, data, compresslevel=_LEVEL)


def _contents(known: Distribution, stem: str) -> Iterator[tuple[str, bytes, int]]:
    """Yield each file: its place in the wheel, what is in it, and its mode."""
    if known.files is None:
        raise BundleError(_("it is not known which files {name} has").format(name=known.name))
    own = {entry.name for entry in known.entry_points if entry.group.endswith("_scripts")}
    for file in known.files:
        place = file.as_posix()
        if place.endswith(".pyc") or (
            file.parent.name.endswith(".dist-info") and file.name in _LEFT_OUT
        ):
            continue
        if place.startswith(".."):
            # pip writes the programs of entry points anew.
            if file.name.removesuffix(".exe") in own:
                continue
            place = _outside(file.as_posix(), stem)
        try:
            path = Path(str(known.locate_file(file)))
            data, mode = path.read_bytes(), path.stat().st_mode & 0o755
        except OSError as error:
            raise BundleError(
                _("{name} cannot be packed: {file}: {reason}").format(
                    name=known.name, file=file, reason=error.strerror
                )
            ) from None
        if "/scripts/" in place:
            data = _SHEBANG.sub(b"#!python", data, count=1)
        elif file.hash is not None and not _is(data, file.hash.mode, file.hash.value):
            raise BundleError(
                _("{file} of {name} was changed since it was installed").format(
                    name=known.name, file=file
                )
            )
        yield place, data, mode


def _outside(place: str, stem: str) -> str:
    """Return where a file outside of the packages stands in a wheel (PEP 427, ``.data``)."""
    inner = re.sub(r"^(\.\./)+", "", place)
    folder, _slash, rest = inner.partition("/")
    if folder in ("bin", "Scripts"):
        return f"{stem}.data/scripts/{rest}"
    return f"{stem}.data/data/{inner}"


def _is(data: bytes, mode: str, value: str) -> bool:
    digest = base64.urlsafe_b64encode(hashlib.new(mode, data).digest()).rstrip(b"=").decode()
    return digest == value


def _info(known: Distribution) -> str:
    for file in known.files or ():
        if file.parent.name.endswith(".dist-info") and file.name == "METADATA":
            return file.parent.as_posix()
    raise BundleError(_("it is not known which files {name} has").format(name=known.name))


def _tag(known: Distribution) -> str:
    """Return the tags of the file's name, those that differ joined by dots (PEP 425)."""
    text = known.read_text("WHEEL") or ""
    tags = [line.partition(":")[2].strip() for line in io.StringIO(text) if line.startswith("Tag:")]
    if not tags:
        raise BundleError(_("{name} was not installed from a wheel").format(name=known.name))
    parts = zip(*(tag.split("-") for tag in tags), strict=True)
    return "-".join(".".join(dict.fromkeys(part)) for part in parts)


def _edited_source(known: Distribution) -> Path | None:
    """Return the folder a distribution is edited in, None where it was installed for use."""
    told = json.loads(known.read_text("direct_url.json") or "{}")
    if not told.get("dir_info", {}).get("editable"):
        return None
    return Path(unquote(urlparse(told["url"]).path))


def _built(source: Path, folder: Path) -> Path:
    before = set(folder.glob("*.whl"))
    command = [
        sys.executable, "-P", "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet",
        "--no-deps", "--no-index", "--no-build-isolation", "-w", str(folder), str(source),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, check=False)
    made = set(folder.glob("*.whl")) - before
    if done.returncode or len(made) != 1:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise BundleError(
            _("the workbench could not be built: {reason}").format(
                reason=lines[-1] if lines else done.returncode
            )
        )
    return made.pop()
