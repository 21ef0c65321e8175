"""What of a text is not article: site furniture, second copies, lines of each page."""

from collections.abc import Iterable, Sequence

from workbench.articles.duplicates import find_copies
from workbench.articles.entities import find_shapeless
from workbench.articles.furniture import find_furniture
from workbench.articles.lines import edges
from workbench.articles.model import Removal, Span
from workbench.articles.page_lines import find_page_lines
from workbench.articles.passages import kept_stretches
from workbench.articles.repeats import find_repeats
from workbench.articles.script import fold
from workbench.i18n import _

__all__ = ["edges", "find_removals", "kept_text", "merged"]


def find_removals(text: str) -> tuple[Removal, ...]:
    """Find what is not article in a text, in order and without overlap.

    First second copies of the article and the lines of each page, then, in what is left, what is
    said twice in a row and the furniture that ``cleaning_rules.toml`` names, and everywhere what
    has no shape. Where this would leave nothing to read, nothing is removed.
    """
    folded = fold(text)
    whole = [
        Removal(copy.start, copy.end, "repeated-article", _("the article once more"))
        for copy in find_copies(text, folded)
    ]
    whole = list(_without_overlap([*whole, *find_page_lines(text)]))
    stretches = list(kept_stretches(text, whole))
    removals = _without_overlap(
        [
            *whole,
            *find_repeats(text, stretches, folded),
            *find_furniture(text, stretches, folded),
            *find_shapeless(text),
        ]
    )
    left = (text[span.start : span.end] for span in kept_stretches(text, removals))
    return removals if any(map(_is_readable, left)) else ()


def _is_readable(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _without_overlap(removals: Iterable[Removal]) -> tuple[Removal, ...]:
    """Put removals in order; of two that overlap, the earlier and longer one keeps its place."""
    kept: list[Removal] = []
    for removal in sorted(removals, key=lambda one: (one.start, -one.end)):
        end = kept[-1].end if kept else 0
        if removal.start >= end:
            kept.append(removal)
        elif removal.end > end:
            kept.append(Removal(end, removal.end, removal.rule, removal.reason))
    return tuple(kept)


def merged(first: Sequence[Removal], second: Sequence[Removal]) -> tuple[Removal, ...]:
    """Return two lists of removals as one, in order and without overlap."""
    return _without_overlap([*first, *second])


def kept_text(text: str, removals: Sequence[Removal]) -> str:
    """Return what is left of a text, its stretches joined by line breaks."""
    spans: list[Span] = list(kept_stretches(text, removals))
    return "\n".join(text[span.start : span.end] for span in spans)
