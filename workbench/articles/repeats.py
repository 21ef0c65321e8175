"""What stands twice in a row in a page: its title, and paragraphs pasted twice."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from workbench.articles.lines import Line, lines
from workbench.articles.model import Removal, Span
from workbench.articles.script import fold
from workbench.i18n import _

SHORTEST = 30
"""Paragraphs of fewer letters may be meant to come twice, as in verse and dialogue."""
_TITLE_LINES = 8
_TITLES = 3
_TITLE_LENGTH = 80
_TITLE_LETTERS = 6
_FARTHEST = 50
"""So many paragraphs may be pasted twice together, in a row."""
_RUNS = 8
_SITE = re.compile(r"(?:\s*[_|丨│–—·-]+\s*[^\s_|丨│–—·。,-]{1,20}){1,4}")
_SIGNS = re.compile(r"[\W_]+")
_TABLE = re.compile(r"[|\t]")


def find_repeats(
    text: str, stretches: Sequence[Span], folded: str | None = None
) -> Iterator[Removal]:
    """Find titles and paragraphs that say once more what stands right before them."""
    folded = fold(text) if folded is None else folded
    yield from _titles(text, stretches, folded)
    yield from _paragraphs(text, stretches, folded)


def _all(text: str, stretches: Sequence[Span], folded: str) -> Iterator[Line]:
    for stretch in stretches:
        yield from lines(text, stretch.start, stretch.end, folded)


def _titles(text: str, stretches: Sequence[Span], folded: str) -> Iterator[Removal]:
    """Find a title that stands again in the next lines, or before them with the site's name."""
    head = list(islice(_all(text, stretches, folded), _TITLE_LINES))
    for place, line in enumerate(head[:_TITLES]):
        letters = len(_SIGNS.sub("", line.folded))
        if (
            line.length > _TITLE_LENGTH
            or letters < _TITLE_LETTERS
            or "。" in line.folded
            or _TABLE.search(line.folded)
        ):
            continue
        for other in head[place + 1 :]:
            again = other.folded == line.folded or _is_with_site(other.folded, line.folded)
            if again or _is_with_site(line.folded, other.folded):
                gone = other if again else line
                yield Removal(gone.start, gone.end, "repeated-title", _("the title once more"))
                return


def _is_with_site(longer: str, title: str) -> bool:
    """Tell a title with the site's name behind it, as in the bar of a browser."""
    return (
        len(title) >= _TITLE_LETTERS
        and longer.startswith(title)
        and _SITE.fullmatch(longer, len(title)) is not None
    )


def _paragraphs(text: str, stretches: Sequence[Span], folded: str) -> Iterator[Removal]:
    """Find runs of lines that are the same as as many lines right before them."""
    found: list[tuple[int, int]] = []
    keys: list[int] = []
    sizes: list[int] = []
    last: dict[int, int] = {}
    runs: dict[int, int] = {}
    for line in _all(text, stretches, folded):
        letters = _SIGNS.sub("", folded[line.start : line.end])
        index, key = len(keys), hash(letters)
        found.append((line.start, line.end))
        keys.append(key)
        # Rows of a table may well be the same.
        sizes.append(-1 if len(_TABLE.findall(line.folded)) > 1 else len(letters))
        going_on = {
            distance: length + 1
            for distance, length in runs.items()
            if keys[index - distance] == key
        }
        distance = index - last.get(key, index)
        if 0 < distance <= _FARTHEST and len(going_on) < _RUNS:
            going_on.setdefault(distance, 1)
        last[key] = index
        runs = going_on
        for distance in [distance for distance, length in runs.items() if length == distance]:
            block = sizes[index - distance + 1 :]
            if max(block) >= SHORTEST and min(block) >= 0:
                start = found[index - distance + 1][0]
                yield Removal(start, line.end, "repeated-paragraph", _("paragraphs once more"))
                runs = {distance: 0}
                break
