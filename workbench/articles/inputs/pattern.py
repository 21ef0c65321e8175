"""Patterns such as ``*.txt`` or ``**/*.md`` that the shell did not expand."""

# A hundred thousand names are kept as text: Path objects cost many times more.
# ruff: noqa: PTH112, PTH114, PTH118, PTH119, PTH206

import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import translate

from workbench.articles.inputs.order import natural_key

_MAGIC = re.compile(r"[*?\[]")
Refused = Callable[[str, OSError], None]


@dataclass(frozen=True, slots=True)
class Match:
    """What a pattern matches, and what its folder's listing says of it."""

    path: str
    folder: bool
    link: bool


def is_pattern(text: str) -> bool:
    """Tell whether a text holds wildcards."""
    return _MAGIC.search(text) is not None


def is_recursive(pattern: str) -> bool:
    """Tell whether a pattern looks into folders of any depth."""
    return "**" in pattern.split(os.sep)


def named_suffix(pattern: str) -> bool:
    """Tell whether a pattern says which suffix it wants, as ``*.png`` does."""
    _stem, dot, suffix = os.path.basename(pattern).rpartition(".")
    return bool(dot and suffix) and not is_pattern(suffix)


def expand(pattern: str, refused: Refused) -> Iterator[Match]:
    """Yield the files and folders that a pattern matches, in natural order.

    ``*``, ``?`` and ``[…]`` match within a name, ``**`` any number of folders, not through links to
    folders. Hidden names are matched only by a part that begins with a dot. What cannot be listed
    is told to ``refused``.
    """
    drive, rest = os.path.splitdrive(pattern)
    root = drive + os.sep if rest.startswith(os.sep) else drive
    parts = [part for part in rest.split(os.sep) if part]
    yield from _matches(root, parts, refused)


def _matches(folder: str, parts: list[str], refused: Refused) -> Iterator[Match]:
    part, others = parts[0], parts[1:]
    if part == "**":
        # What is left matches here and in every folder below.
        rest = others or ["*"]
        while rest[0] == "**" and len(rest) > 1:
            rest = rest[1:]
        if rest[0] == "**":
            rest = ["*"]
        for below in _folders_below(folder, refused):
            yield from _matches(below, rest, refused)
        return
    if not is_pattern(part):
        path = os.path.join(folder, part)
        if not os.path.lexists(path):
            return
        found = [Match(path, os.path.isdir(path), os.path.islink(path))]
    else:
        regex = re.compile(translate(unicodedata.normalize("NFC", part)), re.DOTALL)
        dotted = part.startswith(".")
        found = [
            Match(os.path.join(folder, entry.name), _is_folder(entry), entry.is_symlink())
            for entry in _entries(folder, refused)
            if (dotted or not entry.name.startswith("."))
            and regex.match(unicodedata.normalize("NFC", entry.name))
        ]
    for one in found:
        if not others:
            yield one
        elif one.folder:
            yield from _matches(one.path, others, refused)


def _folders_below(folder: str, refused: Refused) -> Iterator[str]:
    """Yield a folder and all in it, each before what it holds."""
    waiting = [folder]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += [
            os.path.join(one, entry.name)
            for entry in reversed(_entries(one, refused))
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
        ]


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # a link that leads round in a circle


def _entries(folder: str, refused: Refused) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder or os.curdir) as listing:
            return sorted(listing, key=lambda entry: natural_key(entry.name))
    except NotADirectoryError:
        return []
    except OSError as error:
        refused(folder or os.curdir, error)
        return []
