"""The files behind what a user names: files, folders, patterns, standard input."""

# A hundred thousand names are kept as text: Path objects cost many times more.
# ruff: noqa: PTH112, PTH114, PTH118, PTH119, PTH206

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.articles.inputs.folder import FolderWalk, unreadable
from workbench.articles.inputs.kinds import cannot_be_article, suffix_of
from workbench.articles.inputs.left_out import Skipped
from workbench.articles.inputs.pattern import (
    expand,
    is_pattern,
    is_recursive,
    named_suffix,
)
from workbench.errors import ArticleError
from workbench.i18n import _

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read; ``standard_input`` has no path but a name."""

    location: str
    standard_input: bool = False

    @property
    def path(self) -> Path:
        """Return the path as it was named, or found from what was named."""
        return Path(self.location)


@dataclass(frozen=True, slots=True)
class Found:
    """What inputs come to: files in order, what was left out, and what cannot be read at all.

    ``notices`` and ``errors`` are in the order of the inputs, each one line.
    """

    files: tuple[InputFile, ...]
    notices: tuple[str, ...] = ()
    errors: tuple[ArticleError, ...] = ()


def find_files(inputs: Sequence[str]) -> Found:
    """Return the files behind inputs, each once, however often and by whatever way it is named.

    A file that is there goes before the pattern its name would be. Files named one by one are taken
    whatever they are; of what a folder or a pattern yields, files that cannot be articles are left
    out and counted, and of a folder also what is hidden and what git ignores. No file is opened
    whose name says its kind.
    """
    search = FileSearch()
    for one in inputs:
        search.add(one)
    return search.found()


class FileSearch:
    """Gathers the files behind inputs, added one by one; what was met before is not given again."""

    def __init__(self) -> None:
        self._files: list[InputFile] = []
        self._notices: list[str] = []
        self._errors: list[ArticleError] = []
        self._met: set[str] = set()
        self._real_folders: dict[str, str] = {}
        self._refused_folders: set[str] = set()
        self._again = 0

    def found(self) -> Found:
        """Return all that was gathered so far."""
        again = _("{count} files were named more than once and are read once")
        repeated = (again.format(count=self._again),) if self._again else ()
        return Found(tuple(self._files), (*self._notices, *repeated), tuple(self._errors))

    def add(self, given: str) -> list[InputFile]:
        """Look up one input; return the files that are new."""
        before = len(self._files)
        self._add(given)
        return self._files[before:]

    def _add(self, given: str) -> None:
        if given == STANDARD_INPUT:
            self._take(given, "", standard_input=True)
            return
        try:
            os.lstat(given)
        except ValueError:
            self._take(given, given)  # not a possible file name: whoever reads it says so
        except OSError as error:
            self._absent(given, error)
        else:
            self._there(given)

    def _absent(self, given: str, error: OSError) -> None:
        if is_pattern(given):
            self._pattern(given)
        elif isinstance(error, (FileNotFoundError, NotADirectoryError)):
            self._errors.append(
                ArticleError(
                    _("there is no such file"), path=given, fix=_("Check the name and the folder.")
                )
            )
        else:
            self._errors.append(unreadable(Path(given), error))

    def _there(self, location: str) -> None:
        if os.path.isdir(location):
            self._folder(location)
        else:
            self._file(location, link=os.path.islink(location))

    def _file(self, location: str, *, link: bool) -> None:
        self._take(location, os.path.realpath(location) if link else self._real(location))

    def _real(self, location: str) -> str:
        """Return the real path of what is no link itself: most share a folder with the last."""
        folder, name = os.path.split(location)
        real = self._real_folders.get(folder)
        if real is None:
            real = self._real_folders[folder] = os.path.realpath(folder or os.curdir)
        return os.path.join(real, name)

    def _folder(self, folder: str) -> None:
        walk = FolderWalk()
        before = len(self._files) + self._again
        for location, real in walk.files(folder):
            self._take(location, real)
        self._report(folder, walk.skipped)
        self._errors += walk.errors
        if len(self._files) + self._again == before and not walk.errors:
            self._errors.append(
                ArticleError(
                    _("is a folder that holds no file to read"),
                    path=folder,
                    fix=_("Name a folder with articles, or the files themselves."),
                )
            )

    def _pattern(self, pattern: str) -> None:
        skipped = Skipped()
        errors = len(self._errors)
        matched = 0
        wanted, recursive = named_suffix(pattern), is_recursive(pattern)
        for match in expand(pattern, self._refused):
            matched += 1
            name = os.path.basename(match.path)
            if match.folder:
                # A pattern with "**" matches what is in the folder by itself.
                if not recursive:
                    self._folder(match.path)
            elif not wanted and cannot_be_article(name, match.path):
                skipped.kinds[suffix_of(name)] += 1
            else:
                self._file(match.path, link=match.link)
        self._report(pattern, skipped)
        if not matched and len(self._errors) == errors:
            self._errors.append(
                ArticleError(
                    _("there is no such file, and none that matches"),
                    path=pattern,
                    fix=_("Check the pattern and the folder."),
                )
            )

    def _refused(self, folder: str, error: OSError) -> None:
        # A pattern may lead through a folder more than once.
        if folder not in self._refused_folders:
            self._refused_folders.add(folder)
            self._errors.append(unreadable(Path(folder), error))

    def _report(self, place: str, skipped: Skipped) -> None:
        if line := skipped.line(place):
            self._notices.append(line)

    def _take(self, location: str, real: str, *, standard_input: bool = False) -> None:
        if real in self._met:
            self._again += 1
            return
        self._met.add(real)
        self._files.append(InputFile(location, standard_input))
