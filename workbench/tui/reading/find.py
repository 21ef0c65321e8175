"""Finding words in an article, whichever script they and it are written in."""

from workbench.articles.model import Span
from workbench.articles.script import fold

MOST = 10_000
"""Nobody goes through more places than this."""


class Finder:
    """Looks words up in a text; folds the text once."""

    def __init__(self, text: str):
        self._text = text
        self._folded: str | None = None

    def find(self, words: str) -> list[Span]:
        """Return where the words stand, one after another; both scripts and cases are alike."""
        wanted = _alike(words.strip())
        if not wanted:
            return []
        if self._folded is None:
            self._folded = _alike(self._text)
        found: list[Span] = []
        at = self._folded.find(wanted)
        while at >= 0 and len(found) < MOST:
            found.append(Span(at, at + len(wanted)))
            at = self._folded.find(wanted, at + len(wanted))
        return found


_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def _alike(text: str) -> str:
    """Fold scripts, widths and the case of ASCII, character by character."""
    return fold(text).translate(_LOWER)
