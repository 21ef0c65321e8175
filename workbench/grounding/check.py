"""What was found of one fact; apart from the finding, which takes long to be imported."""

from dataclasses import dataclass

SUPPORTED = "supported"
ELSEWHERE = "elsewhere"
DIFFERS = "differs"
UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Check:
    """One fact of a point and whether the article has it.

    ``kind`` is that of the fact, or ``negation`` or ``attribution`` where the point says the
    opposite or names another speaker. ``status`` is ``supported`` (in the cited sentences),
    ``elsewhere`` (in the article, but not in what is cited), ``differs`` (what is cited states
    another value here: ``instead``, in its own words) or ``unsupported`` (nowhere in the article).
    ``start`` and ``end`` are offsets into the point.
    """

    kind: str
    text: str
    start: int
    end: int
    status: str
    instead: str = ""

    @property
    def wrong(self) -> bool:
        """Say whether the article does not hold the fact, or holds another one in its place."""
        return self.status in (DIFFERS, UNSUPPORTED)
