"""Lines that belong to what follows them: headings, and lines that announce a list."""

import re
from collections.abc import Sequence

from workbench.articles.model import Span

Line = list[Span]
"""The sentences of one line."""
_LONGEST = 30
_LONGEST_ANNOUNCEMENT = 80
_MOST_IN_A_ROW = 3
"""More short lines than this are no headings but verse, or a list."""
_ENDS = frozenset("。！？；…⋯，、,.!?;”」』\"'|｜│┃﹗﹖﹔")
_NUMBERED = re.compile(
    r"[(（]?(?:\d{1,3}|[一二三四五六七八九十百]{1,4})[)）.．、]"
    r"|第[\d一二三四五六七八九十百]{1,4}[章节節回篇部条條]|[①-⑳❶-❿⑴-⒇]"
)


def mark_headings(text: str, lines: Sequence[Line]) -> set[int]:
    """Return where those lines begin that belong to what follows them.

    A line that ends with a colon does; a short one without a stop does before one that is neither,
    as do up to three in a row.
    """
    found: set[int] = set()
    waiting: list[int] = []
    for number, line in enumerate(lines, start=1):
        start, end = line[0].start, line[-1].end
        size = end - start
        last = text[end - 1]
        if last in "：:" and size <= _LONGEST_ANNOUNCEMENT and number < len(lines):
            found.update(span.start for span in line[-1:])
            waiting.append(start)
        elif size <= _LONGEST and last not in _ENDS and len(line) == 1:
            waiting.append(start)
        else:
            if len(waiting) <= _MOST_IN_A_ROW:
                found.update(waiting)
            elif _NUMBERED.match(text, waiting[-1]):
                found.add(waiting[-1])
            waiting = []
    return found
