"""The articles a command is given: files, folders, patterns, standard input, the library's."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.articles.document import ReadOptions
from workbench.articles.inputs.find import FileSearch, InputFile
from workbench.articles.inputs.reading import Outcome, read_file
from workbench.errors import ArticleError, WorkbenchError
from workbench.i18n import _

if TYPE_CHECKING:
    from workbench.store.library import Library

PREFIX = "library:"
"""What an input begins with that means articles of the library."""


Item = InputFile | int
"""A file to read, or the id of an article of the library."""


class Intake:
    """What inputs come to, looked up at once and read as it is gone through.

    ``notices`` and ``errors`` say what will not be read, and why; ``total`` counts the files that
    will be tried, each of one article or more, and the articles of the library.
    """

    def __init__(self, inputs: Sequence[str], options: ReadOptions):
        self._options = options
        self._items: list[Item] = []
        search = FileSearch()
        with _Shelf() as shelf:
            for one in inputs:
                self._items += shelf.add(one) if names_library(one) else search.add(one)
        files = search.found()
        self.notices = (*files.notices, *(_unused(options) if shelf.asked else ()))
        self.errors = (*files.errors, *shelf.errors)

    @property
    def total(self) -> int:
        """How many files, and articles of the library, there are to read."""
        return len(self._items)

    @property
    def items(self) -> Sequence[Item]:
        """The files, and articles of the library, in order."""
        return self._items

    def __iter__(self) -> Iterator[tuple[int, Outcome]]:
        """Yield articles, and errors in place of those that cannot be read, with a file's number.

        Numbers run from 1 to ``total``; articles of one file share theirs. One article is held at a
        time.
        """
        with reading(self._options) as read:
            for number, item in enumerate(self._items, start=1):
                for outcome in read(item):
                    yield number, outcome


@contextmanager
def reading(options: ReadOptions) -> Iterator[Callable[[Item], Iterator[Outcome]]]:
    """Give what reads items in any order; the library stays open meanwhile."""
    with _Shelf() as shelf:

        def read(item: Item) -> Iterator[Outcome]:
            if isinstance(item, int):
                yield shelf.article(item, options)
            else:
                yield from read_file(item, options)

        yield read


class _Shelf(ExitStack):
    """The library, opened when it is first asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.errors: list[ArticleError] = []
        self.asked = False
        self._chosen: set[int] = set()
        self._opened: Library | None = None

    def add(self, given: str) -> list[int]:
        """Return the ids that an input means and that were not meant before."""
        from workbench.store.naming import articles_named

        self.asked = True
        try:
            found = articles_named(self._library(), given.removeprefix(PREFIX))
        except WorkbenchError as error:
            self.errors.append(ArticleError(error.what, path=given, fix=error.fix))
            return []
        new = [number for number in found if number not in self._chosen]
        self._chosen.update(new)
        return new

    def article(self, article_id: int, options: ReadOptions) -> Outcome:
        """Return an article, or why it cannot be had."""
        try:
            return replace(self._library().get(article_id), names=options.names)
        except WorkbenchError as error:
            return ArticleError(error.what, path=f"{PREFIX}#{article_id}", fix=error.fix)

    def _library(self) -> "Library":
        from workbench.store.library import Library

        if self._opened is None:
            self._opened = self.enter_context(Library.open(readonly=True))
        return self._opened


def names_library(given: str) -> bool:
    """Tell whether an input means the library: a file of that very name goes first."""
    return given.startswith(PREFIX) and not os.path.lexists(given)


def _unused(options: ReadOptions) -> tuple[str, ...]:
    """Say that what tells how files are read changes nothing in articles that were read before."""
    given = (options.encoding, options.raw or None, options.column, options.lines)
    if all(one is None for one in given):
        return ()
    return (_("articles of the library stay as they were read: options of reading do not apply"),)
