"""Folders that are watched: what comes into them or changes is taken into the library.

What came while the program was not running is found when watching begins: files that are known as
they are now are passed over, so that costs a look at each.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from workbench.articles.inputs.find import find_files
from workbench.desk.adding import BATCH
from workbench.errors import ArticleError, ArticleNotice, LibraryError, UsageError
from workbench.i18n import _
from workbench.store import watched
from workbench.store.importing import Imported, import_files
from workbench.store.library import Library

DEBOUNCE_MS = 1000
"""Changes are waited for until none came for a while, at most so long: files are written bit by
bit."""
_AGAIN_SECONDS = 5.0
_LOOK_MS = 500
_MOST_LINES = 5


class Watcher:
    """Takes in the files of the watched folders, on a thread of its own.

    ``tell`` hears, on that thread, one line for each thing that went wrong; ``came`` the ids of
    articles that are new.
    """

    def __init__(
        self,
        library: Library,
        tell: Callable[[str], None],
        came: Callable[[list[int]], None],
        debounce: int = DEBOUNCE_MS,
    ) -> None:
        self._library = library
        self._tell = tell
        self._came = came
        self._debounce = debounce
        self._closing = threading.Event()
        self._changed = threading.Event()
        self._thread: threading.Thread | None = None
        self._failed: dict[str, str] = {}

    def folders(self) -> list[Path]:
        """Return the folders that are watched."""
        with self._library.understanding() as connection:
            return watched.folders(connection)

    def watch(self, folder: Path) -> None:
        """Watch a folder from now on; UsageError where it is none."""
        folder = folder.expanduser().absolute()
        if not folder.is_dir():
            raise UsageError(_("is no folder"), path=folder, fix=_("Name a folder."))
        with self._library.writing() as connection:
            watched.add(connection, folder)
        self._changed.set()

    def unwatch(self, folder: Path) -> None:
        """Watch a folder no longer; its articles stay."""
        with self._library.writing() as connection:
            watched.remove(connection, folder)
        self._changed.set()

    def start(self) -> None:
        """Begin to watch."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="watching", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop watching; a file that is being read is taken in next time."""
        self._closing.set()
        self._changed.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while not self._closing.is_set():
            self._changed.clear()
            try:
                folders = self.folders()
            except LibraryError as error:
                self._say_once("", str(error))
                self._changed.wait(_AGAIN_SECONDS)
                continue
            there = [folder for folder in folders if folder.is_dir()]
            for folder in folders:
                if folder not in there:
                    line = _("{folder}: is watched, but is not there").format(folder=folder)
                    self._say_once(str(folder), line)
            if there:
                self._follow(there)
            else:
                self._changed.wait(_AGAIN_SECONDS if folders else None)

    def _follow(self, folders: list[Path]) -> None:
        """Take in what changes, until the folders are others or one of them is gone.

        What is there is taken in once changes are listened for, so that nothing falls in between.
        """
        inputs = [str(folder) for folder in folders]
        began = False
        for changed in self._changes(folders):
            if not began:
                began = True
                self._take_in(inputs)
            elif changed:
                # The folders are looked through for what is left out: hidden, ignored by git.
                self._take_in(inputs, frozenset(changed))
            if self._closing.is_set() or not all(folder.is_dir() for folder in folders):
                return

    def _changes(self, folders: list[Path]) -> Iterator[set[str]]:
        import watchfiles

        try:
            found = watchfiles.watch(
                *folders,
                watch_filter=None,
                debounce=self._debounce,
                stop_event=self._changed,
                rust_timeout=_LOOK_MS,
                yield_on_timeout=True,
                raise_interrupt=False,
                ignore_permission_denied=True,
            )
            for changes in found:
                yield {path for kind, path in changes if kind != watchfiles.Change.deleted}
        except (OSError, RuntimeError) as error:
            # Too many folders for the system to tell of: they are looked through now and then.
            line = _("cannot be told of changes: {reason}").format(reason=error)
            self._say_once("watching", line)
            yield set()
            self._changed.wait(_AGAIN_SECONDS)

    def _take_in(self, inputs: list[str], only: frozenset[str] | None = None) -> None:
        """Take in the files of folders, or those that changed or whose folder did."""
        found = find_files(inputs)
        paths = [file.path for file in found.files if only is None or _is_among(file.path, only)]
        new: list[int] = []
        lines: list[str] = []
        try:
            with closing(import_files(self._library, paths, batch_size=BATCH)) as outcomes:
                for outcome in outcomes:
                    if isinstance(outcome, Imported) and outcome.added.new_article:
                        new.append(outcome.added.id)
                    elif isinstance(outcome, ArticleError) and not isinstance(
                        outcome, ArticleNotice
                    ):
                        lines.append(str(outcome))
                    if self._closing.is_set():
                        break
        except LibraryError as error:
            lines.append(str(error))
        if new:
            self._came(new)
        self._tell_failures(lines)

    def _tell_failures(self, lines: list[str]) -> None:
        fresh = [line for line in lines if line not in self._failed]
        for line in fresh[:_MOST_LINES]:
            self._say_once(line, line)
        if len(fresh) > _MOST_LINES:
            more = _("{count} more files could not be read").format(count=len(fresh) - _MOST_LINES)
            self._tell(more)
            self._failed.update((line, line) for line in fresh)

    def _say_once(self, what: str, line: str) -> None:
        if self._failed.get(what) != line:
            self._failed[what] = line
            self._tell(line)


def _is_among(path: Path, changed: frozenset[str]) -> bool:
    return str(path) in changed or any(str(above) in changed for above in path.parents)
