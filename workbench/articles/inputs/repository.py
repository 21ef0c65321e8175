"""What git ignores in a folder: the rules that hold there, its own and those from above."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from workbench.articles.inputs.gitignore import IgnoreFile

IGNORE_FILE = ".gitignore"
_LARGEST = 1 << 20
_BOM = b"\xef\xbb\xbf"
_EXCLUDES = re.compile(rb"""^\s*excludesfile\s*=\s*"?([^"\n#;]+)""", re.IGNORECASE | re.MULTILINE)
_SECTION = re.compile(rb"^\s*\[\s*core\s*\]\s*$(.*?)(?=^\s*\[|\Z)", re.I | re.M | re.S)

Notify = Callable[[Path, OSError], None]


@dataclass(frozen=True, slots=True)
class Rules:
    """The ignore files that hold in a folder, the strongest first."""

    nested: tuple[IgnoreFile, ...] = ()
    outer: tuple[IgnoreFile, ...] = ()

    def ignores(self, path: bytes, name: bytes, *, folder: bool) -> bool:
        """Tell whether git ignores an entry of a folder that it does not ignore itself."""
        for file in (*self.nested, *self.outer):
            verdict = file.verdict(path, name, folder=folder)
            if verdict is not None:
                return verdict
        return False

    def entering(self, folder: str, names: frozenset[str], notify: Notify) -> "Rules":
        """Return the rules that hold in a folder below, which holds files of these names.

        Another repository begins where a ``.git`` is, with rules of its own.
        """
        rules = Rules(outer=_of_repository(folder, notify)) if ".git" in names else self
        if IGNORE_FILE not in names:
            return rules
        own = _read(Path(folder, IGNORE_FILE), folder, notify)
        return Rules((own, *rules.nested), rules.outer) if own else rules


def rules_above(folder: str, notify: Notify) -> Rules:
    """Return the rules that come to an absolute folder from the repository it is in.

    None come where git ignores the folder itself: who names it wants it read. Tracked files that
    match a rule are taken for ignored: which are tracked is not looked up.
    """
    here = Path(folder)
    root = next((one for one in here.parents if os.path.lexists(one / ".git")), None)
    if root is None or os.path.lexists(here / ".git"):
        return Rules()
    rules = Rules()
    inside = [*reversed(here.relative_to(root).parents), here.relative_to(root)]
    for upper, lower in pairwise(root / one for one in inside):
        names = {name for name in (".git", IGNORE_FILE) if os.path.lexists(upper / name)}
        rules = rules.entering(str(upper), frozenset(names), notify)
        if rules.ignores(os.fsencode(lower), os.fsencode(lower.name), folder=True):
            return Rules()
    return rules


def _of_repository(folder: str, notify: Notify) -> tuple[IgnoreFile, ...]:
    """Read ``.git/info/exclude`` and the user's own list, which count less than ``.gitignore``."""
    places = [_git_folder(Path(folder, ".git")) / "info" / "exclude", _users_list()]
    found = (_read(place, folder, notify) for place in places)
    return tuple(file for file in found if file)


def _git_folder(place: Path) -> Path:
    """Follow the file that stands for ``.git`` in worktrees and submodules."""
    try:
        if not place.is_file():
            return place
        named = place.read_text(encoding="utf-8", errors="surrogateescape")
        folder = place.parent / named.removeprefix("gitdir:").strip()
        common = folder / "commondir"
        if common.is_file():
            return folder / common.read_text(encoding="utf-8", errors="surrogateescape").strip()
    except OSError:
        return place
    return folder


def _users_list() -> Path:
    """Return the file that ``core.excludesFile`` names, or git's default for it."""
    config = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "git"
    named = os.environ.get("GIT_CONFIG_GLOBAL")
    for place in [Path(named)] if named else [Path("~/.gitconfig").expanduser(), config / "config"]:
        try:
            text = place.read_bytes()[:_LARGEST]
        except OSError:
            continue
        for section in _SECTION.finditer(text):
            if found := _EXCLUDES.search(section.group(1)):
                return Path(os.fsdecode(found.group(1).strip())).expanduser()
    return config / "ignore"


def _read(place: Path, folder: str, notify: Notify) -> IgnoreFile | None:
    try:
        with place.open("rb") as stream:
            text = stream.read(_LARGEST)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        notify(place, error)
        return None
    return IgnoreFile(os.fsencode(folder), _lines(text.removeprefix(_BOM)))


def _lines(text: bytes) -> Iterator[bytes]:
    yield from text.split(b"\n")
