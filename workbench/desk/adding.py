"""Taking files and folders into the library while the app goes on: how far it is, what failed."""

import re
import shlex
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from workbench.articles.document import ReadOptions
from workbench.articles.inputs.find import find_files
from workbench.errors import ArticleError, ArticleNotice
from workbench.store.importing import Imported, Outcome, import_files
from workbench.store.library import Library
from workbench.store.preparing import Known

BATCH = 25
"""Articles written in one transaction: what the user does meanwhile has to wait for it to end."""
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class AddProgress:
    """``done`` of ``total`` files, the last of them ``name``; ``total`` 0 while they are sought."""

    done: int
    total: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class AddFailed:
    """A file that was not taken in, or something it lacks, in one line."""

    line: str
    notice: bool = False


AddEvent = AddProgress | AddFailed
AddObserver = Callable[[AddEvent], None]


@dataclass(slots=True)
class Added:
    """What adding came to: new articles by their ids, how many were here, and what failed.

    ``stopped`` where the user ended it; what was added by then is kept.
    """

    new: list[int] = field(default_factory=list)
    known: int = 0
    failed: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    stopped: bool = False


def add(
    library: Library,
    inputs: Sequence[str],
    observer: AddObserver,
    stopped: Callable[[], bool] = bool,
    options: ReadOptions | None = None,
) -> Added:
    """Take in files, folders and patterns; meant for a thread of its own.

    ``stopped`` is asked between files. Raises LibraryError, and nothing else.
    """
    adding = _Adding(library, observer)
    observer(AddProgress(0, 0))
    found = find_files([str(Path(one).expanduser()) for one in inputs])
    for notice in found.notices:
        adding.tell(AddFailed(notice, notice=True))
    for error in found.errors:
        adding.tell(AddFailed(str(error)))
    paths = [file.path for file in found.files if not file.standard_input]
    observer(AddProgress(0, len(paths)))
    files = import_files(library, adding.noted(paths), options, batch_size=BATCH)
    with closing(files) as outcomes:
        for outcome in outcomes:
            adding.take(outcome)
            if stopped():
                adding.added.stopped = True
                break
    observer(AddProgress(len(paths) if not adding.added.stopped else adding.done, len(paths)))
    return adding.added


class _Adding:
    """Counts what becomes of files, and tells of it."""

    def __init__(self, library: Library, observer: AddObserver):
        self._library = library
        self._observer = observer
        self._total = 0
        self.done = 0
        self.added = Added()

    def noted(self, paths: Sequence[Path]) -> Sequence[Path]:
        self._total = len(paths)
        return paths

    def tell(self, event: AddFailed) -> None:
        (self.added.notices if event.notice else self.added.failed).append(event.line)
        self._observer(event)

    def take(self, outcome: Outcome) -> None:
        if isinstance(outcome, ArticleError):
            self.tell(AddFailed(str(outcome), notice=isinstance(outcome, ArticleNotice)))
            if isinstance(outcome, ArticleNotice):
                return
            name = ""
        elif isinstance(outcome, Imported):
            name = outcome.name
            if outcome.added.new_article:
                self.added.new.append(outcome.added.id)
            else:
                self.added.known += 1
        else:
            name = str(outcome.path)
            self.added.known += self._articles_in(outcome)
        # A file may hold many articles; there are never more files done than there are.
        self.done = min(self.done + 1, self._total)
        self._observer(AddProgress(self.done, self._total, name))

    def _articles_in(self, known: Known) -> int:
        return len(self._library.standing_in(known.path))


def pasted(text: str) -> list[str]:
    """Return the paths in what a terminal pastes when files are dropped on it.

    Terminals quote names or put backslashes before spaces, give ``file:`` addresses, and separate
    several by spaces or lines; a line that is a path as it stands is taken as it stands.
    """
    found: list[str] = []
    for line in text.replace("\0", "").splitlines():
        stripped = line.strip()
        if stripped:
            found += [stripped] if _is_there(stripped) else _parts(stripped)
    return [_plain(one) for one in found]


def dropped(text: str) -> list[str]:
    """Return the paths in what was pasted where all of it is files and folders, else nothing."""
    found = pasted(text)
    return found if all(_is_there(one) for one in found) else []


def _parts(line: str) -> list[str]:
    try:
        parts = shlex.split(line)
    except ValueError:
        return [_ESCAPED.sub(r"\1", line)]
    if len(parts) > 1 and not all(_is_there(_plain(one)) for one in parts):
        return [line]
    return parts


def _plain(one: str) -> str:
    return unquote(urlsplit(one).path) if one.startswith("file:") else one


def _is_there(name: str) -> bool:
    try:
        return Path(name).expanduser().exists()
    except (OSError, ValueError, RuntimeError):
        return False


def completed(typed: str, most: int = 50) -> list[str]:
    """Return the paths that begin as what is typed, folders first and with a separator at the end.

    What cannot be looked into yields nothing; hidden names only where a dot is typed.
    """
    folder, _separator, begun = typed.rpartition("/")
    shown = f"{folder}/" if _separator else ""
    try:
        place = Path(shown or ".").expanduser()
        names = [
            (not one.is_dir(), one.name)
            for one in place.iterdir()
            if one.name.startswith(begun) and (begun.startswith(".") or one.name[0] != ".")
        ]
    except (OSError, ValueError, RuntimeError):
        return []
    return [f"{shown}{name}{'' if is_file else '/'}" for is_file, name in sorted(names)][:most]
