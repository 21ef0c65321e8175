"""Makes a bundle: files are hashed, written one after the other, and compared while they pass."""

import hashlib
import io
import os
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workbench import __version__
from workbench.bundle import bootstrap
from workbench.bundle.bootstrap import (
    MANIFEST,
    SCRIPT,
    BundleError,
    Item,
    Manifest,
    Progress,
    require_space,
    this_platform,
)
from workbench.bundle.wheels import build_wheel, needed
from workbench.catalog.hashes import file_sha256
from workbench.catalog.registry import ResolvedModel, looks_like_path, resolve
from workbench.i18n import _
from workbench.paths import user_prompts_folder
from workbench.settings import config_file

_TAR_BLOCKS = 4096
"""What a member takes beside its bytes, generously: header, pax header, padding."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a bundle.

    ``models`` are names or paths. ``wheels`` is a folder that holds the programs; None has them
    made of what is installed; ``programs`` is False where none are wanted.
    """

    models: Sequence[str] = ()
    programs: bool = True
    wheels: Path | None = None
    templates: bool = True
    settings: bool = True


def create(
    target: Path,
    contents: Contents,
    tell: Callable[[str], None] = lambda line: None,
    progress: Progress = lambda done, total: None,
) -> Manifest:
    """Write a bundle, whole or not at all; no connection is made.

    Raises BundleError, ModelError where a model is not here, OSError where nothing can be written.
    """
    if target.is_dir():
        raise BundleError(_("is a folder"))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".bundle-") as name:
        found = _sources(contents, Path(name), tell)
        if not found:
            raise BundleError(_("there is nothing to put into it"))
        python, system = this_platform()
        items = tuple(item for item, _path in found)
        script = Path(bootstrap.__file__).read_bytes()
        of_script = hashlib.sha256(script).hexdigest()
        manifest = Manifest(__version__, python, system, of_script, items)
        told = manifest.to_bytes()
        require_space(target.parent, manifest.size + _TAR_BLOCKS * (len(items) + 2) + len(told))
        temporary = Path(name) / "bundle.tar"
        with temporary.open("wb") as stream:
            _write(stream, (script, told), found, manifest.size, progress)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    return replace(manifest, fingerprint=hashlib.sha256(told).hexdigest())


def _write(
    stream: io.BufferedWriter,
    first: tuple[bytes, bytes],
    found: Sequence[tuple[Item, Path]],
    total: int,
    progress: Progress,
) -> None:
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in zip((SCRIPT, MANIFEST), first, strict=True):
            tar.addfile(_member(name, len(data)), io.BytesIO(data))
        done = 0
        for item, path in found:
            with path.open("rb") as source:
                passing = _Passing(source, _after(done, total, progress))
                try:
                    tar.addfile(_member(item.path, item.bytes), passing)
                except OSError as error:
                    if passing.size < item.bytes and error.errno is None:
                        raise _changed(path) from None
                    raise
            if passing.digest.hexdigest() != item.sha256:
                raise _changed(path)
            done += item.bytes


def _after(before: int, total: int, progress: Progress) -> Callable[[int], None]:
    return lambda done: progress(before + done, total)


def _member(name: str, size: int) -> tarfile.TarInfo:
    """Describe a member by nothing but name and size: the same files make the same bundle."""
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = 0o644
    return member


class _Passing(io.RawIOBase):
    """A file that notes what was read of it."""

    def __init__(self, source: io.BufferedReader, progress: Callable[[int], None]):
        self._source = source
        self._progress = progress
        self.digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        data = self._source.read(size)
        self.digest.update(data)
        self.size += len(data)
        self._progress(self.size)
        return data


def _sources(
    contents: Contents, folder: Path, tell: Callable[[str], None]
) -> list[tuple[Item, Path]]:
    found: list[tuple[Item, Path]] = []
    # Looked up first: what is missing should not come to light after minutes.
    models = [resolve(model) for model in dict.fromkeys(contents.models)]
    if contents.programs:
        found += [_item("wheel", path) for path in _wheels(contents.wheels, folder, tell)]
    for model in models:
        tell(_("reading {name}").format(name=model.name))
        found.append(_model(model))
    if contents.templates:
        found += [_item("template", path) for path in sorted(user_prompts_folder().glob("*.md"))]
    if contents.settings and config_file().is_file():
        found.append(_item("settings", _settings(models, folder, tell)))
    names = [item.path.casefold() for item, _path in found]
    for item, path in found:
        if names.count(item.path.casefold()) > 1:
            raise BundleError(
                _("two files are called {name}, one is {path}").format(
                    name=item.file_name, path=path
                )
            )
    return found


def _wheels(given: Path | None, folder: Path, tell: Callable[[str], None]) -> list[Path]:
    if given is not None:
        found = sorted(given.glob("*.whl"))
        if not any(path.name.startswith("workbench_zh-") for path in found):
            raise BundleError(_("{folder} holds no wheel of the workbench").format(folder=given))
        return found
    tell(_("packing the programs that are installed here"))
    return [build_wheel(known, folder) for known in needed()]


def _model(model: ResolvedModel) -> tuple[Item, Path]:
    path = model.path
    digest = file_sha256(path)
    name = model.entry.id if model.entry is not None else model.name
    return Item(f"model/{path.name}", "model", path.stat().st_size, digest, name), path


def _settings(models: Sequence[ResolvedModel], folder: Path, tell: Callable[[str], None]) -> Path:
    """Copy the settings; a model is named as the other machine will know it, not by its place."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(config_file().read_text(encoding="utf-8-sig"))
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise BundleError(
            _("the settings cannot be read ({reason})").format(reason=error)
        ) from None
    named = str(document.get("model") or "")
    if looks_like_path(named):
        place = Path(named).expanduser().absolute()
        known = [model for model in models if model.path == place]
        if known:
            document["model"] = known[0].entry.id if known[0].entry else known[0].name
        else:
            del document["model"]
            tell(_("the setting model is left out: {path} is not in the bundle").format(path=named))
    if document.get("lora"):
        del document["lora"]
        tell(_("the setting lora is left out: adapters are not in the bundle"))
    copy = folder / config_file().name
    copy.write_text(tomlkit.dumps(document), encoding="utf-8", newline="\n")
    return copy


def _item(kind: str, path: Path) -> tuple[Item, Path]:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return Item(f"{kind}/{path.name}", kind, path.stat().st_size, digest.hexdigest()), path


def _changed(path: Path) -> BundleError:
    return BundleError(_("{path} changed while it was read").format(path=path))
