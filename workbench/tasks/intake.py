"""The articles a command is given: files, folders, patterns, standard input."""

from collections.abc import Iterator, Sequence

from workbench.articles.document import ReadOptions
from workbench.articles.inputs.find import find_files
from workbench.articles.inputs.reading import Outcome, read_files


class Intake:
    """What inputs come to, looked up at once and read as it is gone through.

    ``notices`` and ``errors`` say what will not be read, and why; ``total`` counts the files that
    will be tried, each of one article or more.
    """

    def __init__(self, inputs: Sequence[str], options: ReadOptions):
        self._options = options
        found = find_files(inputs)
        self._files = found.files
        self.notices = found.notices
        self.errors = found.errors

    @property
    def total(self) -> int:
        """How many files there are to read."""
        return len(self._files)

    def __iter__(self) -> Iterator[tuple[int, Outcome]]:
        """Yield articles, and errors in place of those that cannot be read, with a file's number.

        Numbers run from 1 to ``total``; articles of one file share theirs. One article is held at a
        time.
        """
        return read_files(self._files, self._options)
