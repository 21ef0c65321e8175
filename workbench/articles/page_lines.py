"""Lines that come again on each page of a document: headers, footers, page numbers.

Pages are divided by U+000C, as the text of a PDF is.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from workbench.articles.lines import Line, lines
from workbench.articles.model import Removal
from workbench.i18n import _

PAGE_BREAK = "\x0c"
_DEPTH = 3
"""So many lines from the top and from the bottom of a page may be its header and footer."""
_LONGEST = 120
_FEWEST = 3
_SHARE = 0.4
"""Headers may differ between left and right pages, and first pages go without."""
_DIGITS = re.compile(r"\d+")
_SPACES = re.compile(r"\s+")
_NUMBER = re.compile(
    r"[-–—·~(\[|/\s]*(?:第|page|p\.)?\s*#\s*页?(?:\s*[,/|]?\s*(?:共|of|/)?\s*#\s*页?)?[-–—·~)\]|\s]*",
    re.IGNORECASE,
)


def find_page_lines(text: str) -> Iterator[Removal]:
    """Find the headers, footers and page numbers of a text in pages, page by page.

    A line counts where its like stands in the same place on enough pages, numbers in it aside; a
    bare number where it grows with the pages.
    """
    if text.count(PAGE_BREAK) < _FEWEST - 1:
        return
    tops: list[list[Line]] = []
    bottoms: list[list[Line]] = []
    start = 0
    while start < len(text):
        end = text.find(PAGE_BREAK, start)
        end = len(text) if end < 0 else end
        if page := list(lines(text, start, end)):
            tops.append(page[:_DEPTH])
            bottoms.append(page[::-1][:_DEPTH])
        start = end + 1
    for pages in (tops, bottoms):
        yield from _repeated(pages)


def _repeated(pages: list[list[Line]]) -> Iterator[Removal]:
    enough = max(_FEWEST, _SHARE * len(pages))
    where: dict[str, dict[int, Line]] = defaultdict(dict)
    keyed = [[(_key(line), line) for line in page] for page in pages]
    for number, page in enumerate(keyed):
        for key, line in page:
            where[key].setdefault(number, line)
    furniture = {
        key
        for key, found in where.items()
        if key and len(found) >= enough and (not _NUMBER.fullmatch(key) or _grows(found))
    }
    reason = _("header of each page")
    for page in keyed:
        for key, line in page:
            if key not in furniture:
                break
            yield Removal(line.start, line.end, "page-header", reason)


def _key(line: Line) -> str:
    """Return what a line has in common with its like on other pages; empty for one too long."""
    if line.length > _LONGEST or line.folded.endswith(("。", ",", ";")):
        return ""
    return _SPACES.sub("", _DIGITS.sub("#", line.folded.strip()))


def _grows(found: dict[int, Line]) -> bool:
    """Tell numbers that go up by one from page to page from figures that happen to stand there."""
    numbers = [
        (page, [int(one) for one in _DIGITS.findall(line.folded)[:1] if len(one) < 7])
        for page, line in sorted(found.items())
    ]
    steps = Counter(
        second[0] - first[0] == after - before
        for (before, first), (after, second) in pairwise(numbers)
        if first and second
    )
    return steps[True] > steps[False]
