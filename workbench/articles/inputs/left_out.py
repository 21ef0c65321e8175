"""What of the inputs is left out without being tried, counted by reason."""

from collections import Counter
from dataclasses import dataclass, field

from workbench.i18n import _

_MOST_SUFFIXES = 6


@dataclass
class Skipped:
    """How many entries were passed over, and why."""

    ignored: int = 0
    hidden: int = 0
    special: int = 0
    of_pages: int = 0
    loops: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def line(self, place: str) -> str | None:
        """Say what was left out of a place, in one line; None where nothing was."""
        reasons = (
            (self.kinds.total(), self._not_articles()),
            (self.ignored, _("{count} that git ignores").format(count=self.ignored)),
            (self.hidden, _("{count} hidden").format(count=self.hidden)),
            (self.of_pages, _("{count} folders of saved pages").format(count=self.of_pages)),
            (self.loops, _("{count} links that lead back").format(count=self.loops)),
            (self.special, _("{count} devices and pipes").format(count=self.special)),
        )
        told = [text for count, text in reasons if count]
        if not told:
            return None
        return _("{place}: left out {what}").format(place=place, what=", ".join(told))

    def _not_articles(self) -> str:
        kinds = self.kinds.most_common()
        shown = [f"{count} {f'.{suffix}' if suffix else '-'}" for suffix, count in kinds]
        more = ["…"] if len(shown) > _MOST_SUFFIXES else []
        return _("{count} that cannot be articles ({kinds})").format(
            count=self.kinds.total(), kinds=", ".join(shown[:_MOST_SUFFIXES] + more)
        )
