"""What kind of file it is: by its name, and by what it holds."""

import json
import re
from pathlib import PurePath

from workbench.i18n import N_, _

TEXT = "text"
MARKDOWN = "markdown"
HTML = "html"
MHTML = "mhtml"
PDF = "pdf"
DOCX = "docx"
EPUB = "epub"
CSV = "csv"
TSV = "tsv"
JSON = "json"
JSONL = "jsonl"
LINES = "lines"
ZIP = "zip"

HEAD = 65_536
"""Bytes that tell a format."""

_SUFFIXES = {
    ".htm": HTML,
    ".html": HTML,
    ".xhtml": HTML,
    ".shtml": HTML,
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".mht": MHTML,
    ".mhtml": MHTML,
    ".csv": CSV,
    ".tsv": TSV,
    ".tab": TSV,
    ".json": JSON,
    ".jsonl": JSONL,
    ".ndjson": JSONL,
    ".jl": JSONL,
}
# First bytes of files people take for text; most are from the tables of file(1).
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        N_("an old Office document (doc, xls, ppt), or one with a password"),
    ),
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
_MULTIPART = re.compile(rb"^content-type:\s*multipart/related", re.IGNORECASE | re.MULTILINE)
_MAIL_HEAD = re.compile(rb"\A\s*(?:[A-Za-z-]{2,40}:[^\n]*\n)")
_JSON_START = re.compile(rb"\s*(?:\[\s*)*\{\s*\"")
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


def container(head: bytes) -> str | None:
    """Return PDF or ZIP where a file's first bytes say so."""
    # Readers of PDF take what stands in front of its mark for nothing, up to 1024 bytes.
    if head.startswith(b"%PDF-") or (b"%PDF-" in head[:1024] and _is_binary(head)):
        return PDF
    return ZIP if head.startswith((b"PK\x03\x04", b"PK\x05\x06")) else None


def _is_binary(head: bytes) -> bool:
    return b"\0" in head or b"endobj" in head


def structured(name: str, head: bytes, *, has_column: bool = False) -> str | None:
    """Return the format of a dump or a saved page by its name or its first bytes, else None.

    ``has_column``: the user has named a column, so that an unknown file is a table or JSON.
    """
    suffix = PurePath(name).suffix.lower()
    known = _SUFFIXES.get(suffix)
    if known in {MHTML, CSV, TSV, JSON, JSONL}:
        return known
    if known:
        return MHTML if _is_mhtml(head) else None
    if _is_mhtml(head):
        return MHTML
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] in (b"{", b"["):
        if _is_json_line(start):
            return JSONL
        if _JSON_START.match(start) and (has_column or not suffix):
            return JSON
    return CSV if has_column else None


def _is_mhtml(head: bytes) -> bool:
    return bool(_MAIL_HEAD.match(head) and _MULTIPART.search(head[:4096]))


def _is_json_line(start: bytes) -> bool:
    line = start.split(b"\n", 1)[0]
    if not line.startswith(b"{") or len(line) > HEAD // 2:
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def is_page(name: str, text: str) -> bool:
    """Tell a web page by its name, or by how its text begins."""
    known = _SUFFIXES.get(PurePath(name).suffix.lower())
    return known == HTML or (known is None and _HTML_START.match(text) is not None)


def is_markdown(name: str) -> bool:
    """Tell Markdown by a file's name."""
    return _SUFFIXES.get(PurePath(name).suffix.lower()) == MARKDOWN
