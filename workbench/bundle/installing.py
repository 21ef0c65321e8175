"""Puts the models, templates and settings of a bundle in their places on this machine."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbench.bundle.bootstrap import (
    BundleError,
    Item,
    Manifest,
    Progress,
    read_manifest,
    require_space,
    unpack,
    verify,
)
from workbench.catalog.entries import load_catalog
from workbench.catalog.hashes import file_sha256, remember_sha256
from workbench.catalog.records import Registered, changing_records
from workbench.i18n import _
from workbench.paths import models_folder, user_prompts_folder
from workbench.settings import config_file

INSTALLED, THERE, KEPT = "installed", "there", "kept"


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of a file: ``installed``, ``there`` already, or ``kept``: yours is another."""

    item: Item
    path: Path
    outcome: str


def install(
    path: Path,
    *,
    replace: bool = False,
    verified: str = "",
    tell: Callable[[Placed], None] = lambda placed: None,
    progress: Progress = lambda done, total: None,
) -> list[Placed]:
    """Verify a bundle, then put in place what belongs to the user; programs are passed over.

    Files of yours that differ are kept unless ``replace``. ``verified`` is the fingerprint of a
    bundle that was read through just now. Raises BundleError, before anything is written where the
    bundle is damaged; OSError where something cannot be written.
    """
    manifest = _known(path, verified) if verified else verify(path, progress)
    planned = [_planned(item, replace=replace) for item in manifest.items if item.kind != "wheel"]
    wanted = {placed.item.path: placed.path for placed in planned if placed.outcome == INSTALLED}
    for folder in {place.parent for place in wanted.values()}:
        needed = sum(one.item.bytes for one in planned if one.path.parent == folder)
        require_space(folder, needed)
    if wanted:
        unpack(path, lambda item: wanted.get(item.path), progress)
    for placed in planned:
        if placed.item.kind == "model" and placed.outcome != KEPT:
            _register(placed)
        tell(placed)
    return planned


def _known(path: Path, fingerprint: str) -> Manifest:
    manifest = read_manifest(path)
    if manifest.fingerprint != fingerprint:
        raise BundleError(_("it was changed since it was verified"))
    return manifest


def _planned(item: Item, *, replace: bool) -> Placed:
    place = _place(item)
    if not place.exists():
        return Placed(item, place, INSTALLED)
    if place.stat().st_size == item.bytes and _digest(item, place) == item.sha256:
        return Placed(item, place, THERE)
    return Placed(item, place, INSTALLED if replace else KEPT)


def _place(item: Item) -> Path:
    if item.kind == "model":
        return models_folder() / item.file_name
    if item.kind == "template":
        return user_prompts_folder() / item.file_name
    return config_file()


def _digest(item: Item, place: Path) -> str:
    if item.kind == "model":
        return file_sha256(place)
    return hashlib.sha256(place.read_bytes()).hexdigest()


def _register(placed: Placed) -> None:
    """Make a model known by its name; one of the catalogue is known by its file."""
    item, path = placed.item, placed.path
    remember_sha256(path, item.sha256)
    entry = load_catalog().get(item.name)
    if entry is not None and entry.file == path.name and entry.sha256 == item.sha256:
        return
    with changing_records() as records:
        known = records.registered
        if any(one.path == str(path) and one.sha256 == item.sha256 for one in known.values()):
            return
        taken = {*known, *load_catalog()}
        name, count = item.name or path.stem, 2
        while name in taken:
            name = f"{item.name or path.stem}-{count}"
            count += 1
        known[name] = Registered(str(path), item.bytes, item.sha256, True)
