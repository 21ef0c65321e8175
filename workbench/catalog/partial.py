"""A file that is on its way: it grows in a work folder and survives the death of the process."""

import hashlib
import json
import os
import shutil
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from workbench.catalog.entries import Entry
from workbench.catalog.progress import Progress, ProgressCallback
from workbench.catalog.space import explain_write_error
from workbench.errors import ModelError
from workbench.files import write_atomically
from workbench.i18n import _

_CHUNK = 1 << 22


class SourceFailed(Exception):
    """A source could not give the file; the text is a short reason for the user."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """A length in bytes, and the CRC-32 of what comes before it."""

    length: int
    crc32: int


class Partial:
    """The first bytes of an entry's file, in the folder ``<file>.parts`` beside its final place.

    Whatever source gave them, they are the same bytes, so another source can go on from there. What
    was recorded survives a kill at any moment: what lies beyond it is cut off on opening, and what
    lies before it must have the CRC-32 recorded, or the download starts afresh. Where the parts of
    a package index end is recorded too, as only whole ones can be asked for.
    """

    def __init__(self, target: Path, entry: Entry):
        self.target = target
        self.entry = entry
        self.folder = target.with_name(f"{target.name}.parts")
        self._data = self.folder / "data"
        self._state = self.folder / "state.json"
        self._mark = _Mark(0, 0)
        self._ends: list[_Mark] = []

    def __enter__(self) -> Self:
        """Open what is there, cut back to what was recorded."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for stale in self.folder.glob("wheel-*"):
                shutil.rmtree(stale, ignore_errors=True)
            self._data.touch()
            self._stream = self._data.open("r+b", buffering=0)
            mark, ends = self._recorded()
            if mark.length and self._crc_of(mark.length) == mark.crc32:
                self._mark, self._ends = mark, ends
            self._cut()
        except OSError as error:
            raise self._explain(error) from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file; what was written counts, recorded as far as the disk lets it."""
        if self.folder.exists():
            # Where the disk takes no record, the one before it still holds.
            with suppress(ModelError):
                self.record()
        self._stream.close()

    @property
    def length(self) -> int:
        """The number of bytes that are here."""
        return self._mark.length

    @property
    def whole_parts(self) -> int:
        """The number of whole parts of a package index that are here."""
        return len(self._ends)

    @property
    def parts_length(self) -> int:
        """The number of bytes those parts make."""
        return self._ends[-1].length if self._ends else 0

    @property
    def missing(self) -> int:
        """The number of bytes still to come."""
        return self.entry.bytes - self.length

    def write(self, chunk: bytes) -> None:
        """Append; SourceFailed where there is more than the file may have, ModelError of a disk."""
        if len(chunk) > self.missing:
            raise SourceFailed(_("gives more than {n} bytes").format(n=self.entry.bytes))
        view = memoryview(chunk)
        try:
            while view:
                view = view[self._stream.write(view) :]
        except OSError as error:
            raise self._explain(error) from None
        self._mark = _Mark(self.length + len(chunk), zlib.crc32(chunk, self._mark.crc32))

    def end_part(self) -> None:
        """Note that a whole part of a package index ends here, and record it."""
        self._ends.append(self._mark)
        self.record()

    def record(self) -> None:
        """Make what was written so far survive the death of the process and of the machine."""
        state = {
            "sha256": self.entry.sha256,
            "mark": asdict(self._mark),
            "ends": [asdict(end) for end in self._ends],
        }
        try:
            os.fsync(self._stream.fileno())
            write_atomically(self._state, json.dumps(state))
        except OSError as error:
            raise self._explain(error) from None

    def rewind(self, *, to_part: bool = False) -> None:
        """Go back to the start, or to the end of the last whole part."""
        if not to_part:
            self._ends = []
        self._mark = self._ends[-1] if self._ends else _Mark(0, 0)
        try:
            self._cut()
        except OSError as error:
            raise self._explain(error) from None
        self.record()

    def sha256(self, source: str, progress: ProgressCallback) -> str:
        """Read all that is here from the disk and return its SHA-256."""
        digest, done = hashlib.sha256(), 0
        self._stream.seek(0)
        while chunk := self._stream.read(_CHUNK):
            digest.update(chunk)
            done += len(chunk)
            progress(Progress(done, self.entry.bytes, source, "verifying"))
        return digest.hexdigest()

    def finish(self) -> None:
        """Put the file in its place in one step, and clear the work folder away."""
        try:
            os.fsync(self._stream.fileno())
            self._data.replace(self.target)
        except OSError as error:
            raise self._explain(error) from None
        self.discard()

    def discard(self) -> None:
        """Remove the work folder and all that is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _recorded(self) -> tuple[_Mark, list[_Mark]]:
        try:
            state = json.loads(self._state.read_text(encoding="utf-8"))
            mark, ends = _Mark(**state["mark"]), [_Mark(**end) for end in state["ends"]]
            lengths = [0, *(end.length for end in ends), mark.length, self._data.stat().st_size]
            if state["sha256"] == self.entry.sha256 and lengths == sorted(lengths):
                return mark, ends
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return _Mark(0, 0), []
        return _Mark(0, 0), []

    def _crc_of(self, length: int) -> int:
        crc = 0
        self._stream.seek(0)
        while length and (chunk := self._stream.read(min(length, _CHUNK))):
            crc = zlib.crc32(chunk, crc)
            length -= len(chunk)
        return crc

    def _cut(self) -> None:
        self._stream.truncate(self.length)
        self._stream.seek(self.length)

    def _explain(self, error: OSError) -> ModelError:
        return explain_write_error(error, self.target.parent, max(self.missing, 1))
