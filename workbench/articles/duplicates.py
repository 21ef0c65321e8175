"""The whole article pasted twice into one file."""

from collections.abc import Iterator
from itertools import accumulate, islice

from workbench.articles.model import Span
from workbench.articles.sentences import LINE

SHORTEST = 100
"""A copy has at least so many characters; refrains and repeated headings are shorter."""
_SHARE = 0.8
"""All copies together are at least this share of the text: the rest may be page furniture."""
_HEAD = 6
_ATTEMPTS = 60


def find_copies(text: str) -> tuple[Span, ...]:
    """Find every copy of the article after the first one; empty where it stands once.

    Lines are compared without the whitespace around them; lines of furniture may stand before the
    first copy and after the last.
    """
    lines = [found.span() for found in LINE.finditer(text)]
    keys = [text[start:end].strip() for start, end in lines]
    kept = [index for index, key in enumerate(keys) if key]
    lines = [lines[index] for index in kept]
    keys = [keys[index] for index in kept]
    return _copies_of_lines(lines, keys) or _copies_within_line(text)


def _copies_of_lines(lines: list[tuple[int, int]], keys: list[str]) -> tuple[Span, ...]:
    ends = list(accumulate(map(len, keys), initial=0))
    for first in range(min(_HEAD, len(keys))):
        for size in islice(_periods(keys, first), _ATTEMPTS):
            length = ends[first + size] - ends[first]
            article = keys[first : first + size]
            if length < SHORTEST or _is_uniform("".join(article)):
                continue
            copies = 2
            while keys[first + copies * size : first + (copies + 1) * size] == article:
                copies += 1
            if length * copies >= _SHARE * ends[-1]:
                starts = range(first + size, first + copies * size, size)
                return tuple(Span(lines[start][0], lines[start + size - 1][1]) for start in starts)
    return ()


def _periods(keys: list[str], first: int) -> Iterator[int]:
    """Yield each number of lines, smallest first, after which the lines from ``first`` come again.

    By the failure function of Knuth, Morris and Pratt (1977): linear, whatever the lines are.
    """
    fallback = [0]
    for index in range(first + 1, len(keys)):
        length = fallback[-1]
        while length and keys[first + length] != keys[index]:
            length = fallback[length - 1]
        length += keys[first + length] == keys[index]
        fallback.append(length)
        done = index - first + 1
        # The shortest period is done - border; any multiple of it is one too.
        if done % 2 == 0 and length and (done // 2) % (done - length) == 0:
            yield done // 2


def _copies_within_line(text: str) -> tuple[Span, ...]:
    """Find a text that is exactly two copies in a row, whitespace at the seam aside."""
    body = text.strip()
    offset = text.find(body[:1]) if body else 0
    if len(body) < 2 * SHORTEST:
        return ()
    for middle in range(len(body) // 2 - 4, len(body) // 2 + 5):
        first, second = body[:middle].strip(), body[middle:].strip()
        if first == second and not _is_uniform(first):
            start = text.index(second[:1], offset + middle)
            return (Span(start, offset + len(body)),)
    return ()


def _is_uniform(text: str) -> bool:
    """Tell whether a text is a short piece over and over: filler, not an article."""
    return len(set(text[:2000])) < 12
