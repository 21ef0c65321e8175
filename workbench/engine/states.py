"""KV states on disk: what was read of an article once is not read again tomorrow.

There is no index: names say what is there, so that any number of processes share the folder and
each may die at any moment. A state reveals its article, so only its owner may read it.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.engine import state_file
from workbench.engine.state_file import Name

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_RESERVE = 256 << 20
"""Bytes left free on the disk: a cache must not be what fills it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A state found on disk, for the first ``length`` tokens of those asked about."""

    path: Path
    length: int
    beginning: bytes = field(repr=False)
    """How its file must begin: fingerprint and tokens."""


def fingerprint(parts: Mapping[str, object]) -> str:
    """Return a short hash of what a state depends on beside its tokens; ``parts`` are JSON values.

    The order of the keys does not count.
    """
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _any_length(_length: int) -> bool:
    return True


class StateStore:
    """The states in a folder, at most ``capacity`` bytes of them; the least recently used go first.

    Nothing is created before the first save. Files that are not the store's are left alone.
    """

    def __init__(self, folder: Path, capacity: int) -> None:
        self._folder = folder
        self._capacity = capacity
        self._refused: set[Path] = set()

    def longest(
        self,
        fingerprint: str,
        tokens: Sequence[int],
        accept: Callable[[int], bool] = _any_length,
    ) -> Stored | None:
        """Return the longest stored prefix that leaves at least one token; reads no file.

        Only a prefix whose length ``accept`` takes counts. Whether it is whole ``load`` tells.
        """
        family = state_file.family(fingerprint)
        known: dict[int, dict[str, Path]] = {}
        for path in self._files():
            name = Name.parse(path.name)
            if name is None or name.family != family or path in self._refused:
                continue
            if name.length < len(tokens):
                known.setdefault(name.length, {})[name.digest] = path
        if not known:
            return None
        packed = state_file.pack(tokens)
        found = None
        for length, digest in state_file.digests(packed, sorted(known)):
            if digest in known[length] and accept(length):
                found = length, known[length][digest]
        if found is None:
            return None
        length, path = found
        return Stored(path, length, state_file.head(fingerprint, packed[: 4 * length]))

    def load(self, stored: Stored) -> memoryview | None:
        """Return the state, checked, and mark it used; None where it is damaged, foreign or gone.

        A file that is not what its name says is removed. One that cannot be removed or read is
        found no more by ``longest``, so that trying again comes to an end. Never raises.
        """
        try:
            data = state_file.read(stored.path, stored.beginning)
        except ValueError:  # empty
            data = None
        except (OSError, MemoryError):
            self._refused.add(stored.path)
            return None
        if data is None:
            self.remove(stored)
        return data

    def remove(self, stored: Stored) -> None:
        """Remove a state; one that cannot be is found no more by ``longest``. Never raises."""
        if not _remove(stored.path):
            self._refused.add(stored.path)

    def save(self, fingerprint: str, tokens: Sequence[int], data: "ReadableBuffer") -> bool:
        """Keep the state of ``tokens``, then remove the least recently used beyond the capacity.

        False where it cannot be kept: nothing to keep, more than half the capacity, no room on the
        disk, no right to write. Never raises.
        """
        try:
            packed = state_file.pack(tokens)
            beginning = state_file.head(fingerprint, packed)
            size = state_file.size(beginning, data)
            if not packed or size == state_file.size(beginning, b""):
                return False
            if size > self._capacity // 2:
                return False
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._sweep()
            if shutil.disk_usage(self._folder).free < size + _RESERVE:
                return False
            [(length, digest)] = state_file.digests(packed, [len(tokens)])
            path = self._folder / str(Name(state_file.family(fingerprint), length, digest))
            state_file.write(path, beginning, data)
        except (OSError, ValueError, BufferError, OverflowError, MemoryError):
            return False
        self._refused.discard(path)
        self._evict(path)
        return True

    def measure(self) -> tuple[int, int]:
        """Return how many files there are and their bytes, those being saved included."""
        sizes = [status.st_size for _path, status in self._measured()]
        return len(sizes), sum(sizes)

    def clear(self) -> tuple[int, int]:
        """Remove every file; return how many went and their bytes.

        Harmless while others use the folder: who reads a file reads on, who saves one may fail to.
        """
        sizes = [status.st_size for path, status in self._measured() if _remove(path)]
        return len(sizes), sum(sizes)

    def _files(self) -> Iterator[Path]:
        """Yield the files of the store; none where the folder cannot be listed."""
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    ours = Name.parse(entry.name) or state_file.is_temporary(entry.name)
                    if ours and entry.is_file(follow_symlinks=False):
                        yield self._folder / entry.name
        except OSError:
            return

    def _measured(self) -> Iterator[tuple[Path, os.stat_result]]:
        for path in list(self._files()):
            try:
                status = path.lstat()
            except OSError:  # another process removed it
                continue
            yield path, status

    def _sweep(self) -> None:
        """Remove what processes that died left unfinished."""
        for path in list(self._files()):
            if state_file.is_temporary(path.name) and state_file.is_abandoned(path):
                _remove(path)

    def _evict(self, kept: Path) -> None:
        """Remove the least recently used, but not ``kept``, until the rest is within capacity."""
        states = [
            (status.st_mtime_ns, path, status.st_size)
            for path, status in self._measured()
            if not state_file.is_temporary(path.name)
        ]
        total = sum(size for _used, _path, size in states)
        for _used, path, size in sorted(states):
            if total <= self._capacity:
                break
            if path != kept and _remove(path):
                total -= size


def _remove(path: Path) -> bool:
    """Remove a file, and say whether it is gone."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return False
    return True
