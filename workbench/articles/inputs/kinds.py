"""Which files of a folder cannot be articles, by name or by first bytes."""

from pathlib import Path

_TEXTS = """
txt text md markdown htm html xhtml shtml mht mhtml pdf docx epub zip csv tsv json jsonl ndjson
"""
# What people may hold for an article, such as .doc or .rtf, is in none: it is to be complained of.
_PICTURES = """
png jpg jpeg jpe gif bmp tif tiff webp avif heic heif svg svgz ico icns psd ai eps raw cr2 nef arw
dng xcf dwg dxf stl blend ttf otf ttc woff woff2 eot
"""
_RECORDINGS = """
mp3 m4a aac wav flac ogg oga opus wma amr mid midi mp4 m4v mov avi mkv webm wmv flv mpg mpeg 3gp
m3u m3u8
"""
_PROGRAMS = """
exe dll so dylib a lib o obj bin com msi deb rpm apk ipa appimage dmg iso img jar war class pyc pyo
pyd whl wasm sys drv bat cmd ps1 sh bash zsh fish py pyi ipynb rb pl pm php js mjs cjs jsx ts tsx
vue java kt go rs c h cc cpp cxx hpp cs swift m mm lua r jl sql css scss sass less map
"""
_RECORDS = """
ini cfg conf toml yaml yml lock lnk url desktop plist reg db sqlite sqlite3 db-wal db-shm mdb
parquet feather npy npz pkl pickle h5 hdf5 pt pth onnx safetensors gguf ggml tfrecord idx pack tmp
swp part crdownload torrent pem key crt cer p12 asc sig gpg
"""
_READABLE = frozenset(_TEXTS.split())
_NEVER = frozenset(f"{_PICTURES} {_RECORDINGS} {_PROGRAMS} {_RECORDS}".split())
# First bytes of what may stand in a folder under any name; most are from the tables of file(1).
_MAGIC = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"\x7fELF",
    b"MZ\x90\x00",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"SQLite format 3\x00",
    b"GGUF",
    b"ID3",
    b"OggS",
    b"fLaC",
    b"\x00asm",
)


def suffix_of(name: str) -> str:
    """Return the suffix of a file name in lower case, without its dot; empty where it has none."""
    stem, dot, suffix = name.rpartition(".")
    return suffix.lower() if dot and stem else ""


def is_readable(suffix: str) -> bool:
    """Tell whether a suffix is one that articles come under."""
    return suffix in _READABLE


def is_never_article(name: str) -> bool:
    """Tell a picture, a program or the like by its suffix alone."""
    return suffix_of(name) in _NEVER


def cannot_be_article(name: str, path: str) -> bool:
    """Tell whether a file is a picture, a program or the like.

    By its suffix; files whose suffix says nothing are looked into.
    """
    suffix = suffix_of(name)
    if is_never_article(name):
        return True
    if suffix in _READABLE:
        return False
    try:
        with Path(path).open("rb", buffering=0) as stream:
            head = stream.read(16)
    except OSError:
        return False  # whoever reads it will say what is wrong with it
    return head.startswith(_MAGIC) or head[4:8] == b"ftyp" or head[:4] == b"RIFF"
