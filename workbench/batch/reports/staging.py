"""A set of files that appears at once: written aside, then moved to its place.

Everything unfinished lies in one hidden folder of the output, so that what a killed program leaves
is found and removed by the next. A manifest keeps which files each format had last time: those
that are no longer written are removed, and nothing else is.
"""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from filecmp import cmp
from pathlib import Path

from workbench.files import write_atomically

_ASIDE = ".reports-unfinished"
_MANIFEST = ".reports.json"
_FEW = 100


@contextmanager
def staged(folder: Path, formats: Sequence[str]) -> Iterator[Path]:
    """Yield an empty folder with one of its own for each format; what is in them then appears.

    Where an error passes, the files of last time stand. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / _ASIDE
    if aside.exists():
        shutil.rmtree(aside)
    aside.mkdir()
    try:
        for format in formats:
            (aside / format).mkdir()
        yield aside
        _appear(folder, aside, formats)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _appear(folder: Path, aside: Path, formats: Sequence[str]) -> None:
    known = _known(folder)
    for format in formats:
        made = [file.relative_to(aside / format) for file in _files(aside / format)]
        # The files are named before they are there: killed in between, none is left unnamed.
        names = {str(path) for path in made}
        _remember(folder, {**known, format: sorted({*known.get(format, ()), *names})})
        if len(made) > _FEW:
            # Waiting for each of thousands by itself takes minutes.
            os.sync()
        for path in made:
            _move(aside / format / path, folder / path, sync=len(made) <= _FEW)
        for name in set(known.get(format, ())) - names:
            _remove(folder, name)
        known[format] = sorted(names)
    _remember(folder, known)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _move(new: Path, place: Path, *, sync: bool) -> None:
    """Put a file in its place in one step; one that says the same is left as it is."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):
        if place.stat().st_size == new.stat().st_size and cmp(new, place, shallow=False):
            return
    if sync:
        with new.open("rb+") as stream:
            os.fsync(stream.fileno())
    new.replace(place)


def _known(folder: Path) -> dict[str, list[str]]:
    try:
        found = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        return {
            str(format): [str(name) for name in names] for format, names in found["files"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _remember(folder: Path, known: dict[str, list[str]]) -> None:
    text = json.dumps({"files": known}, ensure_ascii=False, indent=1)
    write_atomically(folder / _MANIFEST, text + "\n")


def _remove(folder: Path, name: str) -> None:
    """Remove a file of last time and the folders it leaves empty; never one elsewhere."""
    path = folder / name
    root = folder.resolve()
    if Path(name).is_absolute() or root not in path.resolve().parents:
        return
    with suppress(OSError):
        path.unlink()
        for parent in path.parents:
            if parent == folder:
                break
            parent.rmdir()
