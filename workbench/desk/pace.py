"""How fast work went so far, from which the time that is left is guessed."""

_NEWEST = 0.3
"""The weight of what was seen last: an exponential moving average."""


class Pace:
    """Seconds an article took, and seconds a call took to write, each averaged over jobs.

    They are of the machine and the model; after another model was loaded they adapt.
    """

    def __init__(self) -> None:
        self._article: float | None = None
        self._call: float | None = None

    @property
    def call_seconds(self) -> float | None:
        """Seconds of one call without its reading; None before one ended."""
        return self._call

    def called(self, seconds: float) -> None:
        """Note that a call took so many seconds without its reading."""
        self._call = _averaged(self._call, seconds)

    def did(self, articles: int, seconds: float) -> None:
        """Note that a job about so many articles took so many seconds."""
        self._article = _averaged(self._article, seconds / max(1, articles))

    def seconds_for(self, articles: int) -> float | None:
        """Guess the seconds for so many articles; None before any was done."""
        return None if self._article is None else self._article * articles


def _averaged(known: float | None, seen: float) -> float:
    return seen if known is None else known + _NEWEST * (seen - known)
