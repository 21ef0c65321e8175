"""The files of a folder and of all folders in it, in natural order."""

# A hundred thousand names are kept as text: Path objects cost many times more.
# ruff: noqa: PTH112, PTH114, PTH118, PTH119, PTH206

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from workbench.articles.inputs.kinds import cannot_be_article, suffix_of
from workbench.articles.inputs.left_out import Skipped
from workbench.articles.inputs.order import natural_key
from workbench.articles.inputs.repository import Rules, rules_above
from workbench.errors import ArticleError
from workbench.i18n import _

# What version control and Word keep beside a user's files: nobody misses it.
_HOUSEKEEPING = frozenset((".git", ".gitignore", ".gitattributes", ".gitmodules", ".gitkeep"))
_LOCK = "~$"
_PAGE_PARTS = ("_files", ".files", "_文件", ".fld")
_PAGES = (".html", ".htm", ".xhtml")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Something met in a folder and not yet dealt with; ``rules`` of the folder it is in."""

    path: str
    real: str
    folder: bool
    rules: Rules


@dataclass
class FolderWalk:
    """One walk over folders: each is read once, however many links lead to it.

    Links to folders are followed after everything else, so that a file has its own name where it
    has one. ``skipped`` and ``errors`` tell what was left out.
    """

    skipped: Skipped = field(default_factory=Skipped)
    errors: list[ArticleError] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _roots: list[str] = field(default_factory=list)

    def files(self, folder: str) -> Iterator[tuple[str, str]]:
        """Yield the path of each file, as named from ``folder``, and its real path.

        No file is looked at but where its name says nothing of its kind.
        """
        links: list[_Waiting] = []
        real = os.path.realpath(folder)
        self._roots.append(real)
        waiting = [_Waiting(folder, real, True, rules_above(real, self._unreadable))]
        while waiting or links:
            if not waiting:
                link = links.pop(0)
                above = rules_above(link.real, self._unreadable)
                waiting.append(_Waiting(link.path, link.real, True, above))
            one = waiting.pop()
            if not one.folder:
                yield one.path, one.real
            elif one.real not in self._seen:
                self._seen.add(one.real)
                waiting += reversed(list(self._entries(one, links)))

    def _entries(self, folder: _Waiting, links: list[_Waiting]) -> Iterator[_Waiting]:
        try:
            with os.scandir(folder.path) as listing:
                entries = sorted(listing, key=lambda entry: natural_key(entry.name))
        except OSError as error:
            self._unreadable(Path(folder.path), error)
            return
        names = frozenset(entry.name for entry in entries)
        rules = folder.rules.entering(folder.real, names, self._unreadable)
        base = os.fsencode(folder.real.rstrip(os.sep)) + b"/"
        for entry in entries:
            name = entry.name
            if name in _HOUSEKEEPING:
                continue
            if name.startswith((".", _LOCK)):
                self.skipped.hidden += 1
                continue
            link = entry.is_symlink()
            leads_to_folder = _is_folder(entry)
            encoded = os.fsencode(name)
            if rules.ignores(base + encoded, encoded, folder=leads_to_folder and not link):
                self.skipped.ignored += 1
                continue
            path = os.path.join(folder.path, name)
            real = os.path.realpath(path) if link else os.path.join(folder.real, name)
            if leads_to_folder:
                if _belongs_to_page(name, names):
                    self.skipped.of_pages += 1
                else:
                    found = _Waiting(path, real, True, rules)
                    if not link:
                        yield found
                    elif self._leads_back(real, folder.real):
                        self.skipped.loops += 1
                    else:
                        links.append(found)
            elif not link and not entry.is_file(follow_symlinks=False):
                self.skipped.special += 1
            elif cannot_be_article(name, path):
                self.skipped.kinds[suffix_of(name)] += 1
            else:
                yield _Waiting(path, real, False, rules)

    def _leads_back(self, target: str, here: str) -> bool:
        """Tell whether a link leads to a folder that holds the link, or a folder being read."""
        inside = target.rstrip(os.sep) + os.sep
        return any(f"{place}{os.sep}".startswith(inside) for place in (here, *self._roots))

    def _unreadable(self, path: Path, error: OSError) -> None:
        self.errors.append(unreadable(path, error))


def unreadable(path: Path, error: OSError) -> ArticleError:
    """Return what to tell of a folder that cannot be listed."""
    if isinstance(error, PermissionError):
        return ArticleError(
            _("may not be read: permission is denied"),
            path=path,
            fix=_("Give yourself the right to read it."),
        )
    return ArticleError(
        _("cannot be read: {reason}").format(reason=error.strerror or type(error).__name__),
        path=path,
        fix=_("Check the name and the disk."),
    )


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # a link that leads round in a circle: whoever reads it will say so


def _belongs_to_page(name: str, names: Iterable[str]) -> bool:
    """Tell whether a folder holds the pictures and scripts that a browser saved with a page."""
    for end in _PAGE_PARTS:
        if name.endswith(end) and len(name) > len(end):
            stem = name.removesuffix(end)
            return any(f"{stem}{suffix}" in names for suffix in _PAGES)
    return False
