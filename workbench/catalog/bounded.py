"""Reading little-endian binary data that may be damaged or hostile, in bounded steps."""

import struct
from pathlib import Path
from typing import BinaryIO

from workbench.errors import ModelError
from workbench.i18n import _

_WINDOW = 1 << 18
_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")

MAX_HEADER = 1 << 28
"""Bytes a header may take; the largest published ones are near 20 MB, most of it vocabulary."""


class BoundedReader:
    """A cursor over the start of a file that never reads beyond it, nor more than a window at once.

    Memory held is one window of 256 KiB plus the one value asked for, whatever the file claims.
    """

    def __init__(self, stream: BinaryIO, path: Path, size: int):
        self._stream = stream
        self.path = path
        self.size = size
        self._window = b""
        self._start = 0
        self._offset = 0

    @property
    def position(self) -> int:
        """The number of bytes consumed so far."""
        return self._start + self._offset

    @property
    def remaining(self) -> int:
        """The number of bytes between the cursor and the end of the file."""
        return self.size - self.position

    def need(self, count: int) -> None:
        """Refuse, with ModelError, to go ``count`` bytes on where the file has fewer."""
        if count > self.remaining:
            raise ModelError(
                _(
                    "is cut off within its header: {got} bytes are there, at least {expected}"
                    " are needed"
                ).format(got=self.size, expected=self.position + count),
                path=self.path,
                fix=_("Fetch the file again."),
            )
        if self.position + count > MAX_HEADER:
            raise ModelError(
                _("has a header of more than {limit} bytes; no model needs that").format(
                    limit=MAX_HEADER
                ),
                path=self.path,
                fix=_("The file is damaged: fetch it again."),
            )

    def take(self, count: int) -> bytes:
        """Consume and return ``count`` bytes."""
        self.need(count)
        end = self._offset + count
        if end > len(self._window):
            self._refill(count)
            end = count
        data = self._window[self._offset : end]
        self._offset = end
        return data

    def skip(self, count: int) -> None:
        """Consume ``count`` bytes unread."""
        self.need(count)
        self._offset += count
        if self._offset > len(self._window):
            self._start, self._offset, self._window = self._start + self._offset, 0, b""

    def u32(self) -> int:
        """Consume an unsigned 32-bit number."""
        value: int = _U32.unpack(self.take(4))[0]
        return value

    def u64(self) -> int:
        """Consume an unsigned 64-bit number."""
        value: int = _U64.unpack(self.take(8))[0]
        return value

    def skip_strings(self, count: int) -> None:
        """Consume ``count`` length-prefixed strings unread: a vocabulary in about 0.1 s."""
        self.need(8 * count)
        unpack = _U64.unpack_from
        while count:
            window, offset, limit = self._window, self._offset, len(self._window) - 8
            while count and offset <= limit:
                offset += 8 + unpack(window, offset)[0]
                count -= 1
            beyond = offset - self._offset
            if beyond:
                self.skip(beyond)
            if count:
                self.need(8)
                self._refill(8)

    def _refill(self, count: int) -> None:
        """Put the cursor at the start of a window that holds ``count`` bytes or more."""
        position = self.position
        self._stream.seek(position)
        self._window = self._stream.read(max(count, _WINDOW))
        self._start, self._offset = position, 0
        if len(self._window) < count:
            self.size = position + len(self._window)
            self.need(count)
