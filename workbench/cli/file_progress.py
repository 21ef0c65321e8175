"""How far reading many files is, on standard error."""

import sys
import time

from workbench.articles.inputs.reading import Outcome
from workbench.articles.model import Article
from workbench.cli.status_line import StatusLine
from workbench.i18n import _


class FileProgress(StatusLine):
    """Says which file of how many was read, where it takes long and nothing else shows it."""

    def __init__(self, total: int):
        super().__init__()
        self._total = total
        self._articles = 0
        self._stage = "reading"
        self._last = time.monotonic()
        # On a terminal the results themselves show how far it is.
        self._shown = not sys.stdout.isatty()

    def reading(self, number: int, outcome: Outcome) -> None:
        """Note what came of file ``number``."""
        self._articles += isinstance(outcome, Article)
        if self._shown:
            self.show(
                "reading",
                _("file {number} of {total}, {articles} articles: {name}").format(
                    number=number,
                    total=self._total,
                    articles=self._articles,
                    name=outcome.name if isinstance(outcome, Article) else outcome.place,
                ),
            )
