"""What kind of file it is: by its name, and by what it holds."""

import re
from pathlib import Path

from workbench.i18n import N_, _

TEXT = "text"
MARKDOWN = "markdown"
HTML = "html"

_SUFFIXES = {
    ".htm": HTML,
    ".html": HTML,
    ".xhtml": HTML,
    ".shtml": HTML,
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
}
# First bytes of files people take for text; most are from the tables of file(1).
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", N_("a PDF")),
    (b"PK\x03\x04", N_("a ZIP archive or an Office document (docx, epub, odt)")),
    (b"PK\x05\x06", N_("an empty ZIP archive")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", N_("an old Office document (doc, xls, ppt)")),
    (b"{\\rtf", N_("an RTF document")),
    (b"\x89PNG\r\n\x1a\n", N_("a PNG image")),
    (b"\xff\xd8\xff", N_("a JPEG image")),
    (b"GIF87a", N_("a GIF image")),
    (b"GIF89a", N_("a GIF image")),
    (b"GGUF", N_("a GGUF model")),
    (b"\x1f\x8b", N_("a gzip archive")),
    (b"BZh9", N_("a bzip2 archive")),
    (b"\xfd7zXZ\x00", N_("an xz archive")),
    (b"7z\xbc\xaf\x27\x1c", N_("a 7-Zip archive")),
    (b"Rar!\x1a\x07", N_("a RAR archive")),
    (b"\x28\xb5\x2f\xfd", N_("a Zstandard archive")),
    (b"SQLite format 3\x00", N_("an SQLite database")),
    (b"\x7fELF", N_("a program (ELF)")),
    (b"\xcf\xfa\xed\xfe", N_("a program (Mach-O)")),
    (b"ID3", N_("an MP3 recording")),
    (b"OggS", N_("an Ogg recording")),
    (b"fLaC", N_("a FLAC recording")),
    (b"bplist00", N_("a web archive or property list")),
)
_ALLOWED_CONTROLS = frozenset("\t\n\r\x0b\x0c\x1a\x1b\x85")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--[^\x00]{0,2000}?-->\s*)?"
    r"<(?:!doctype\s+html|html|head|body)[\s>]",
    re.IGNORECASE,
)
_CHARSET = re.compile(
    rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE
)
_XML_ENCODING = re.compile(rb"\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})")


def binary_kind(data: bytes) -> str | None:
    """Name, in the user's language, what a known binary file's first bytes say it is."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return _(kind)
    if data[:4] == b"RIFF" and data[8:12] in {b"WEBP", b"WAVE", b"AVI "}:
        return _("an image, recording or video (RIFF)")
    if data[4:8] == b"ftyp":
        return _("a video or image (MP4, HEIC)")
    return None


def holds_controls(text: str) -> bool:
    """Tell whether more than 1 % of a text's first 100,000 characters are controls: not text."""
    part = text[:100_000]
    found = sum(char not in _ALLOWED_CONTROLS for char in _CONTROL.findall(part))
    return found * 100 > len(part)


def declared_charset(data: bytes) -> str | None:
    """Return the charset an HTML file names in its first 4096 bytes (WHATWG HTML, 13.2.3.2: 1024).

    Pages that put scripts before their charset are common, hence the wider look.
    """
    head = data[:4096]
    found = _XML_ENCODING.search(head) or _CHARSET.search(head)
    return found.group(1).decode("ascii") if found else None


def format_of(path: Path, text: str) -> str:
    """Return the format by the file's name, or HTML where a text begins like a page."""
    known = _SUFFIXES.get(path.suffix.lower())
    if known:
        return known
    return HTML if _HTML_START.match(text) else TEXT
