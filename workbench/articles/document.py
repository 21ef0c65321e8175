"""What is taken out of a file before it is understood, and how the user wants it taken."""

from dataclasses import dataclass
from pathlib import Path

from workbench.articles.known import Metadata
from workbench.articles.model import Encoding, LeftOut


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How files are read.

    ``encoding`` overrides what a file says and looks like; ``raw`` cleans nothing out; ``column``
    names the text of a table's or dump's rows; ``lines``: each line of a text file is an article
    (None: where it looks so); ``names`` are never converted to another script.
    """

    encoding: str | None = None
    raw: bool = False
    column: str | None = None
    lines: bool | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One article's material, taken out of a file.

    ``part`` names it among several of one file. ``data`` are the bytes that ``sha256`` and ``size``
    of the article are of. ``text`` is its readable text; ``stated`` what the format says about it,
    ``stated_in`` where: ``page`` or ``file`` (see Finding).
    """

    path: Path
    data: bytes
    format: str
    text: str
    encoding: Encoding
    part: str | None = None
    stated: Metadata = Metadata()
    stated_in: str = "file"
    left_out: tuple[LeftOut, ...] = ()
