"""ZIP archives opened with care: what they unpack to is bounded, and nothing is written to disk."""

import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader, BytesIO, RawIOBase
from types import TracebackType
from typing import IO, BinaryIO, cast

from workbench.articles.formats import limits
from workbench.articles.formats.source import Budget, Source, too_large
from workbench.errors import ArticleError
from workbench.i18n import _

_ENCRYPTED = 0x1
_UTF8 = 0x800
_END = b"PK\x05\x06"
_END_SIZE = 22
_HEADER_SIZE = 30
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive, its name decoded."""

    name: str
    info: zipfile.ZipInfo


class Package:
    """An open ZIP archive; ArticleError where it is broken or asks too much.

    ``exhausted`` tells that it has unpacked to more than is read.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        if source.size > limits.ARCHIVE:
            raise too_large(source.size, limits.ARCHIVE)
        # To find its way about, a reader of archives jumps to and fro.
        stream = BytesIO(source.read(limits.CONTAINER)) if source.depth else source.open()
        try:
            _check_directory(stream)
            self._zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, EOFError):
            stream.close()
            raise broken() from None
        except BaseException:
            stream.close()
            raise
        self._stream = stream
        self._budget = source.budget or Budget(limits.UNPACKED)
        self._members = self._named()
        self._by_name = {member.name: member for member in self._members}

    def __enter__(self) -> "Package":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()
        self._stream.close()

    @property
    def exhausted(self) -> bool:
        """Tell whether more was unpacked than may be."""
        return self._budget.left < 0

    def bound(self, size: int) -> None:
        """Let no more than so many bytes be unpacked from here on."""
        self._budget = Budget(min(self._budget.left, size))

    def names(self) -> Iterator[str]:
        """Yield the names of the files."""
        return iter(self._by_name)

    def members(self) -> Iterator[Member]:
        """Yield the files, folders aside, in the archive's order."""
        return iter(self._members)

    def mimetype(self) -> str:
        """Return what an OpenDocument or EPUB file says it is, or nothing."""
        member = self._by_name.get("mimetype")
        if member is None or member.info.file_size > 200:
            return ""
        try:
            return self.read("mimetype").decode("ascii", "replace").strip()
        except ArticleError:
            return ""

    def has(self, name: str) -> bool:
        """Tell whether there is a file of this name."""
        return name in self._by_name

    def read(self, name: str, limit: int = limits.TEXT) -> bytes:
        """Return a file's bytes; ArticleError where it is missing, broken or too large."""
        member = self._by_name.get(name)
        if member is None:
            raise ArticleError(
                _("is incomplete: {name} is missing in it").format(name=shown(name)),
                fix=_("Get it or save it once more."),
            )
        if member.info.file_size > limit:
            raise too_large(member.info.file_size, limit)
        with self._open(member) as stream:
            return stream.read(limit + 1)

    def source_of(self, member: Member) -> Source:
        """Return a file as a source of its own; archives inside are held in memory."""
        info = member.info
        if info.flag_bits & _ENCRYPTED:
            raise ArticleError(
                _("is encrypted in the archive"), fix=_("Unpack it with its password first.")
            )
        _check_ratio(info)
        if info.file_size > self._budget.left:
            raise ArticleError(
                _("would unpack to more than {limit} GB").format(limit=limits.UNPACKED // 1024**3),
                fix=_("Unpack it, and give the files in it."),
            )

        def open_member() -> BinaryIO:
            return self._open(member)

        return Source(
            self._source.path,
            member.name,
            info.file_size,
            open_member,
            self._source.part_name(member.name),
            self._source.depth + 1,
            self._budget,
        )

    def _open(self, member: Member) -> BinaryIO:
        info = member.info
        _check_ratio(info)
        try:
            stream = self._zip.open(info)
        except RuntimeError:
            raise ArticleError(
                _("is encrypted in the archive"), fix=_("Unpack it with its password first.")
            ) from None
        except (zipfile.BadZipFile, NotImplementedError, struct.error, ValueError, EOFError):
            raise broken() from None
        raw = _Counted(stream, self._budget)
        return cast(BinaryIO, BufferedReader(raw, 65_536))

    def _named(self) -> list[Member]:
        infos = [info for info in self._zip.infolist() if not info.filename.endswith("/")]
        _check_overlap(infos)
        decode = _name_decoder(infos)
        return [Member(_tidy(decode(info)), info) for info in infos]


class _Counted(RawIOBase):
    """A member's bytes, counted against what may be unpacked; errors of its format explained.

    Seeking is by reading anew, as ``zipfile`` does it, and counts too.
    """

    def __init__(self, stream: IO[bytes], budget: Budget) -> None:
        self._inner = stream
        self._budget = budget

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._inner.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return self._inner.seek(offset, whence)
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError):
            raise broken() from None

    def tell(self) -> int:
        return self._inner.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._inner.read(len(buffer))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error):
            raise broken() from None
        except Exception as error:
            # bz2 and lzma raise errors of their own kind.
            raise broken() from error
        self._budget.left -= len(data)
        if self._budget.left < 0:
            raise ArticleError(
                _("unpacks to more than is read of one file"),
                fix=_("Unpack it, and give the files in it."),
            )
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._inner.close()
        super().close()


def broken() -> ArticleError:
    """Say that an archive is damaged."""
    return ArticleError(
        _("is a broken archive, or one in a way that is not read"),
        fix=_("Get it or pack it once more."),
    )


def shown(name: str) -> str:
    """Return a member's name as a message can hold it."""
    return _CONTROL.sub("?", name)[:200]


def _check_directory(stream: BinaryIO) -> None:
    """Refuse an archive whose list of files alone would fill the memory, before it is read."""
    stream.seek(0, 2)
    size = stream.tell()
    start = max(size - _END_SIZE - 65_535, 0)
    stream.seek(start)
    tail = stream.read()
    stream.seek(0)
    place = len(tail) - _END_SIZE
    if not (tail.startswith(_END, max(place, 0)) and tail.endswith(b"\0\0")):
        # A comment stands behind it. The order of looking is that of ``zipfile``.
        place = tail.rfind(_END)
    if place < 0 or len(tail) - place < _END_SIZE:
        return
    count, length = struct.unpack_from("<HI", tail, place + 10)
    if length == 0xFFFFFFFF or count == 0xFFFF:
        record = tail.rfind(b"PK\x06\x06", 0, place)
        if record < 0 or place - record < 56:
            return
        count, length = struct.unpack_from("<QQ", tail, record + 32)
    if count > limits.MEMBERS or length > limits.DIRECTORY:
        raise ArticleError(
            _("holds more files than are read: {count}, where {limit} are read at most").format(
                count=count, limit=limits.MEMBERS
            ),
            fix=_("Unpack it, and give the files in it."),
        )


def _check_overlap(infos: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive in which the same bytes stand for several files.

    Such a one unpacks to any size without a suspicious ratio (Fifield, A better zip bomb, 2019).
    """
    end = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        if info.header_offset < end:
            raise ArticleError(
                _("is made to fill the disk: the same bytes in it stand for several files"),
                fix=_("Leave it out."),
            )
        end = info.header_offset + _HEADER_SIZE + info.compress_size


def _check_ratio(info: zipfile.ZipInfo) -> None:
    packed = max(info.compress_size, 1)
    if info.file_size > limits.RATIO_FROM and info.file_size > limits.RATIO * packed:
        raise ArticleError(
            _("unpacks to {ratio} times its size: no text does").format(
                ratio=info.file_size // packed
            ),
            fix=_("Leave it out: it may be made to fill the memory."),
        )


def _name_decoder(infos: list[zipfile.ZipInfo]) -> Callable[[zipfile.ZipInfo], str]:
    """Return how names are decoded that are not marked as UTF-8; all of them are in one encoding.

    ``zipfile`` reads them as code page 437; Windows writes them in that of its language.
    """
    raw = [
        info.orig_filename.encode("cp437", "replace")
        for info in infos
        if not info.flag_bits & _UTF8 and not info.orig_filename.isascii()
    ]
    encoding = _encoding_of(b"\n".join(raw[:2000])) if raw else "cp437"

    def decode(info: zipfile.ZipInfo) -> str:
        if info.flag_bits & _UTF8 or info.orig_filename.isascii() or encoding == "cp437":
            return info.filename
        return info.orig_filename.encode("cp437", "replace").decode(encoding, "replace")

    return decode


def _encoding_of(names: bytes) -> str:
    from workbench.articles.encoding import decode

    try:
        return decode(names)[1].name
    except ArticleError:
        return "cp437"


def _tidy(name: str) -> str:
    """Return a name as it is shown: nothing is ever written under it."""
    name = _CONTROL.sub("?", name.replace("\\", "/"))
    return "/".join(piece for piece in name.split("/") if piece not in {"", ".", ".."}) or "?"
