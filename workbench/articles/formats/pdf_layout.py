"""Lines of pages into paragraphs, as Chinese and Latin text need it; heads and feet kept apart."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from workbench.articles.formats.pdf_glue import clean, glue, width

PAGE_BREAK = "\f"
_EDGE = 3
"""Lines at the top and at the bottom of a page among which its head and foot are looked for."""
_OFTEN = 0.3
_NUMBER = re.compile(
    r"[\s\-—–·•|第]*(?:\d{1,4}|[ivxlcIVXLC]{1,7}|[一二三四五六七八九十百〇零]{1,5})"
    r"[\s\-—–·•|页頁/／,，共of\d]*"
)
_DIGITS = re.compile(r"\d+")
_ITEM = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}[、．.]|[（(](?:[一二三四五六七八九十]{1,3}|\d{1,2})[）)]"
    r"|\d{1,2}[、．)）]|\d{1,2}\.(?!\d)|[①-⑳•●■◆▪◇○□►]|第[一二三四五六七八九十百\d]{1,4}[章节節条條])"
)
_ENDS = tuple("。！？!?…」』”’）)：:；;")


@dataclass(frozen=True)
class Line:
    """A line of a page; places in points from its lower left corner."""

    text: str
    left: float
    right: float
    bottom: float
    top: float

    @cached_property
    def em(self) -> float:
        """The width of a Hanzi in it."""
        units = width(self.text)
        size = (self.right - self.left) / units if units >= 3 else self.top - self.bottom
        return max(size, 1.0)


@dataclass(frozen=True, slots=True)
class _Column:
    left: float
    right: float


def text_of(pages: Sequence[Sequence[Line]]) -> str:
    """Return the text of pages, a paragraph a line, form feeds between pages.

    A paragraph that goes on over a page stands whole on the page where it begins. What comes again
    at the edge of pages, and their numbers, are lines of their own before and after the page's
    text.
    """
    apart = _margins(pages)
    heads: list[list[str]] = [[] for _page in pages]
    bodies: list[list[str]] = [[] for _page in pages]
    feet: list[list[str]] = [[] for _page in pages]
    gaps = _usual_gap(pages)
    before: tuple[int, Line, _Column] | None = None
    for number, page in enumerate(pages):
        columns = _columns(
            [line for index, line in enumerate(page) if (number, index) not in apart]
        )
        seen_body = False
        for index, line in enumerate(page):
            text = clean(line.text)
            if not text:
                continue
            if (number, index) in apart:
                (feet if seen_body or index >= len(page) - _EDGE else heads)[number].append(text)
                continue
            seen_body = True
            column = columns[id(line)]
            if before and _goes_on(before[1], before[2], line, column, gaps, before[0] == number):
                place = next(at for at in range(number, -1, -1) if bodies[at])
                bodies[place][-1] = glue(bodies[place][-1], line.text)
            else:
                bodies[number].append(text)
            before = (number, line, column)
    return PAGE_BREAK.join(
        "\n".join(clean_line for clean_line in (*head, *map(clean, texts), *foot))
        for head, texts, foot in zip(heads, bodies, feet, strict=True)
    )


def _margins(pages: Sequence[Sequence[Line]]) -> set[tuple[int, int]]:
    """Find the lines that are heads and feet: the same but for numbers, or only a number."""
    places: dict[tuple[bool, str], list[tuple[int, int]]] = {}
    for number, page in enumerate(pages):
        for index, line in enumerate(page):
            at_top, at_bottom = index < _EDGE, index >= len(page) - _EDGE
            if not (at_top or at_bottom):
                continue
            text = "".join(clean(line.text).split())
            key = "#" if _NUMBER.fullmatch(text) else _DIGITS.sub("#", text)
            if key and len(key) <= 80 and not key.endswith(("。", "，", "；")):
                for edge in {at_top, not at_bottom}:
                    places.setdefault((edge, key), []).append((number, index))
    enough = max(2, _OFTEN * sum(bool(page) for page in pages))
    return {
        place
        for found in places.values()
        if len({number for number, _index in found}) >= enough
        for place in found
    }


def _columns(page: Sequence[Line]) -> dict[int, _Column]:
    """Return the edges of the column each line stands in."""
    found: dict[int, _Column] = {}
    groups: dict[int, list[Line]] = {}
    for line in sorted(page, key=lambda one: one.left):
        for key, group in groups.items():
            if line.left - group[0].left <= 3 * max(line.em, group[0].em):
                groups[key].append(line)
                break
        else:
            groups[len(groups)] = [line]
    for group in groups.values():
        edges = _Column(min(line.left for line in group), max(line.right for line in group))
        found.update({id(line): edges for line in group})
    return found


def _usual_gap(pages: Sequence[Sequence[Line]]) -> float:
    """Return the usual distance between the tops of lines that follow each other."""
    steps = [
        round(above.top - below.top, 1)
        for page in pages
        for above, below in zip(page, page[1:], strict=False)
        if 0 < above.top - below.top < 5 * max(above.em, 1)
    ]
    if not steps:
        return 0.0
    common, times = Counter(steps).most_common(1)[0]
    return common if times * 5 >= len(steps) else median(steps)


def _goes_on(
    above: Line, column: _Column, below: Line, its_column: _Column, gap: float, same_page: bool
) -> bool:
    """Tell whether a paragraph goes on in the next line."""
    em = above.em
    if not 0.75 <= below.em / em <= 1.33 and width(below.text) >= 3:
        return False
    if above.right < column.right - 1.8 * em or column.right - column.left < 6 * em:
        return False
    indent, its_indent = above.left - column.left, below.left - its_column.left
    if its_indent > 0.8 * em and its_indent > indent - 0.5 * em:
        # Deeper than the line before, or a quotation that stands in as a whole.
        quoted = abs(its_indent - indent) <= 0.5 * em
        if not quoted or clean(above.text).endswith(_ENDS):
            return False
    if _ITEM.match(clean(below.text)):
        return False
    step = above.top - below.top
    if same_page and step > 0 and gap and step > 1.45 * max(gap, em):
        return False
    indents = indent > 0.8 * em or its_column.left != column.left
    # Without an indent to tell, a line that is full and ends a sentence ends its paragraph.
    return indents or its_indent > 0.8 * em or not clean(above.text).endswith(tuple("。！？"))
