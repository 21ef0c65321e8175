"""The file of one KV state: what the state belongs to, then the bytes llama.cpp gave.

The checksum is CRC-32. It is against torn writes and bad disks, not against forgers: whoever can
write here can write anywhere the user can. Of what Python brings it is the fastest: 84 MiB take
37 ms, with SHA-256 84 ms, or 306 ms without the processor's own instructions for it, with BLAKE2b
163 ms (benchmarks/states.py on a busy AMD EPYC with 2 cores, medians).
"""

import fcntl
import hashlib
import mmap
import os
import re
import struct
import tempfile
import time
import zlib
from array import array
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_MAGIC = b"workbench KV state 1\n"
# Native byte order: a state is as the machine that wrote it keeps numbers, and of no use elsewhere.
_COUNTS = struct.Struct("=II")  # bytes of the fingerprint, tokens
_DATA = struct.Struct("=QI")  # bytes of the state, their CRC-32

_NAME = re.compile(r"([0-9a-f]{16})-([1-9][0-9]{0,8})-([0-9a-f]{32})\.state")
_TEMPORARY = "saving-", ".tmp"


@dataclass(frozen=True, slots=True)
class Name:
    """What the name of a state's file says of it.

    ``family`` stands for the fingerprint, ``digest`` for the tokens, ``length`` counts them.
    """

    family: str
    length: int
    digest: str

    def __str__(self) -> str:
        return f"{self.family}-{self.length}-{self.digest}.state"

    @classmethod
    def parse(cls, name: str) -> "Name | None":
        """Read the name of a file; None where it is not that of a state."""
        found = _NAME.fullmatch(name)
        return cls(found[1], int(found[2]), found[3]) if found else None


def is_temporary(name: str) -> bool:
    """Say whether a name is that of a state which is being saved, or was when its process died."""
    start, end = _TEMPORARY
    return name.startswith(start) and name.endswith(end)


def pack(tokens: Sequence[int]) -> bytes:
    """Return token ids as 32-bit integers, as they stand in the file."""
    return array("i", tokens).tobytes()


def family(fingerprint: str) -> str:
    """Return what stands for a fingerprint in names."""
    return hashlib.blake2b(fingerprint.encode(), digest_size=8).hexdigest()


def digests(packed: bytes, lengths: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Hash prefixes of packed tokens: each of the ``lengths``, which ascend, with its digest."""
    running, begun = hashlib.blake2b(digest_size=16), 0
    for length in lengths:
        running.update(packed[4 * begun : 4 * length])
        begun = length
        yield length, running.hexdigest()


def head(fingerprint: str, packed: bytes) -> bytes:
    """Return how the file of a state with this fingerprint and these tokens begins."""
    encoded = fingerprint.encode()
    return _MAGIC + _COUNTS.pack(len(encoded), len(packed) // 4) + encoded + packed


def size(beginning: bytes, data: "ReadableBuffer") -> int:
    """Return the size in bytes of the file that ``write`` would make."""
    return len(beginning) + _DATA.size + memoryview(data).nbytes


def write(path: Path, beginning: bytes, data: "ReadableBuffer") -> None:
    """Write a state beside ``path`` and move it there in one step; raises OSError.

    A lock on the temporary file says that its process lives: the kernel lifts it when that dies.
    """
    start, end = _TEMPORARY
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=start, suffix=end)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as stream:
            with suppress(OSError):  # not every file system has locks
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            stream.write(beginning)
            stream.write(_DATA.pack(memoryview(data).nbytes, zlib.crc32(data)))
            stream.write(data)
            # No fsync: it would wait for the disk, and what a power cut tears the CRC-32 tells.
            stream.flush()
            mark_used(handle)
            Path(temporary).replace(path)
    finally:
        with suppress(OSError):
            Path(temporary).unlink()


def read(path: Path, beginning: bytes) -> memoryview | None:
    """Return the state in a file and mark it used; None where the file is not whole.

    It is whole when it begins as ``beginning``, its length is right and the CRC-32 of the state is
    the one written. The view is of the file itself, mapped, which spares a copy of hundreds of
    megabytes; files are only ever replaced or unlinked, so that it stays as it is. Raises OSError,
    and ValueError for an empty file.
    """
    with path.open("rb") as stream, suppress(struct.error):
        whole = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
        start = len(beginning) + _DATA.size
        length, checksum = _DATA.unpack(whole[len(beginning) : start])
        state = whole[start:]
        if whole[: len(beginning)] != beginning or len(state) != length:
            return None
        if zlib.crc32(state) != checksum:
            return None
        with suppress(OSError):
            mark_used(stream.fileno())
        return state
    return None


def mark_used(handle: int) -> None:
    """Set the modification time of an open file to now, in nanoseconds; raises OSError."""
    # The kernel's own stamps are some milliseconds old, so they do not sort among these.
    now = time.time_ns()
    os.utime(handle, ns=(now, now))


def is_abandoned(path: Path) -> bool:
    """Say whether the process that was writing a temporary file is dead."""
    try:
        handle = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True
