"""The articles a command is given: files, folders, patterns, standard input, the library's."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace

from workbench.articles.document import ReadOptions
from workbench.articles.inputs.find import FileSearch, InputFile
from workbench.articles.inputs.reading import Outcome, read_file
from workbench.errors import ArticleError, WorkbenchError
from workbench.i18n import _
from workbench.store.library import Library
from workbench.store.naming import PREFIX, articles_named


class Intake:
    """What inputs come to, looked up at once and read as it is gone through.

    ``notices`` and ``errors`` say what will not be read, and why; ``total`` counts the files that
    will be tried, each of one article or more, and the articles of the library.
    """

    def __init__(self, inputs: Sequence[str], options: ReadOptions):
        self._options = options
        self._items: list[InputFile | int] = []
        search = FileSearch()
        names = [one for one in inputs if _names_library(one)]
        with ExitStack() as stack:
            library = stack.enter_context(Library.open(readonly=True)) if names else None
            errors: list[ArticleError] = []
            chosen: dict[int, None] = {}
            for one in inputs:
                if library is None or one not in names:
                    self._items += search.add(one)
                    continue
                try:
                    found = articles_named(library, one.removeprefix(PREFIX))
                except WorkbenchError as error:
                    errors.append(ArticleError(error.what, path=one, fix=error.fix))
                    continue
                self._items += [number for number in found if number not in chosen]
                chosen.update(dict.fromkeys(found))
        files = search.found()
        self.notices = (*files.notices, *(_unused(options) if names else ()))
        self.errors = (*files.errors, *errors)

    @property
    def total(self) -> int:
        """How many files, and articles of the library, there are to read."""
        return len(self._items)

    def __iter__(self) -> Iterator[tuple[int, Outcome]]:
        """Yield articles, and errors in place of those that cannot be read, with a file's number.

        Numbers run from 1 to ``total``; articles of one file share theirs. One article is held at a
        time.
        """
        with ExitStack() as stack:
            library: Library | None = None
            for number, item in enumerate(self._items, start=1):
                if isinstance(item, InputFile):
                    for outcome in read_file(item, self._options):
                        yield number, outcome
                    continue
                if library is None:
                    library = stack.enter_context(Library.open(readonly=True))
                yield number, self._kept(library, item)

    def _kept(self, library: Library, article_id: int) -> Outcome:
        try:
            return replace(library.get(article_id), names=self._options.names)
        except WorkbenchError as error:
            return ArticleError(error.what, path=f"{PREFIX}#{article_id}", fix=error.fix)


def _names_library(given: str) -> bool:
    """Tell whether an input means the library: a file of that very name goes first."""
    return given.startswith(PREFIX) and not os.path.lexists(given)


def _unused(options: ReadOptions) -> tuple[str, ...]:
    """Say that what tells how files are read changes nothing in articles that were read before."""
    given = (options.encoding, options.raw or None, options.column, options.lines)
    if all(one is None for one in given):
        return ()
    return (_("articles of the library stay as they were read: options of reading do not apply"),)
