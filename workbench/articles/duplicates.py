"""The whole article pasted again into its page: exactly, or with small differences.

Copies are compared clause by clause, without whitespace, punctuation and differences of width or
script, so that a copy that was wrapped anew or converted is found, and one changed in places too.
"""

import re
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from workbench.articles.model import Span
from workbench.articles.script import fold

SHORTEST = 80
"""A copy has at least so many letters and digits; refrains and repeated headings have fewer."""
ALIKE = 0.45
"""At least this share of a copy is found, clause by clause and in order, in the first one."""
_LETTER = re.compile(r"[^\W_]")
_CUT = re.compile(r"[,.。、!?;:…]+")
_SIGNS = re.compile(r"[^\w,.。、!?;:…]+|_+")
_TELLING = 4
"""Clauses of fewer letters come again in any text."""
_FURNITURE = 220
"""So many letters of furniture may stand before the article, and between two copies."""
_ADJACENT = 20
_SHARE = 0.75
"""Copies this share of a text may have furniture between them."""
_CUT_SHORT = 0.2
"""A copy that lacks its end still has this share of the article."""
_DRIFT = 40
_ANCHOR = 6
_GAP = 120
_OPEN = 6
_FEW_KINDS = 12
_RESEMBLING = 0.55
"""Of a stretch that differs, so many pairs of letters are the original's, or it stays."""
_REST = re.compile(r"[^\r\n\x0b\x0c\x85\u2028\u2029]{0,100}")
_OPENERS = "“‘「『（《【〈([<\"'#* \t\u3000\u200b\ufeff"
_CLOSING = "。！？!?…”’」』）)】"
_BREAKS = "\r\n\x0b\x0c\x85\u2028\u2029"


class _Gap(NamedTuple):
    """A stretch of a copy that stands otherwise in the original; offsets count letters."""

    start: int
    end: int
    original_start: int
    original_end: int


@dataclass(slots=True)
class _Chain:
    """Clauses in a row that stand further up in the same order; offsets count letters."""

    first: int
    last: int
    original_first: int
    original_last: int
    alike: int
    gaps: list[_Gap] = field(default_factory=list)

    def goes_on(self, at: int, before: int) -> bool:
        """Tell whether a clause and its original both follow soon after the last ones."""
        step, original_step = at - self.last, before - self.original_last
        drift = (self.last - self.first) - (self.original_last - self.original_first)
        return (
            0 <= step <= _GAP
            and 0 <= original_step <= _GAP
            and abs(step - original_step) <= _DRIFT
            and abs(drift + step - original_step) <= _DRIFT + (at - self.first) // 20
        )


def find_copies(text: str, folded: str | None = None) -> tuple[Span, ...]:
    """Find every copy of the article after the first one; empty where it stands once.

    A copy may lack its end, or differ by some words. Furniture may stand before the first copy,
    between two, and after the last. Linear in the length of the text; ``folded`` is what
    ``script.fold`` makes of it, if that is known.
    """
    if len(text) < 2 * SHORTEST:
        return ()
    folded = fold(text) if folded is None else folded
    clauses = _CUT.split(_SIGNS.sub("", folded))
    if len(set(clauses)) == len(clauses):
        return ()
    chains = _chains(clauses)
    return tuple(_spans(text, folded, chains)) if chains else ()


def _chains(clauses: Sequence[str]) -> list[_Chain]:
    """Follow what comes again from where it came first, as long as both go on alike."""
    seen: dict[str, int] = {}
    chains: list[_Chain] = []
    at = 0
    for clause in clauses:
        size = len(clause)
        if size >= _TELLING and (before := seen.setdefault(clause, at)) != at:
            for place in range(len(chains) - 1, max(len(chains) - _OPEN, 0) - 1, -1):
                chain = chains[place]
                if chain.goes_on(at, before):
                    if at > chain.last:
                        gap = _Gap(chain.last, at, chain.original_last, before)
                        chain.gaps.append(gap)
                    chain.last, chain.original_last = at + size, before + size
                    chain.alike += size
                    chains.append(chains.pop(place))
                    break
            else:
                chains.append(_Chain(at, at + size, before, before + size, size))
        at += size
    kept = (chain for chain in chains if chain.alike >= SHORTEST // 2)
    return sorted(kept, key=lambda chain: chain.first)


def _spans(text: str, folded: str, chains: Sequence[_Chain]) -> Iterator[Span]:
    offsets = array("I", (found.start() for found in _LETTER.finditer(folded)))
    letters = "".join(_LETTER.findall(folded))
    begin = end = tried = 0
    for chain in chains:
        if chain.first < tried or chain.original_first > 2 * _FURNITURE:
            continue
        _extend(chain, letters, end)
        _reach_title(chain, letters, end)
        tried = chain.last
        size = chain.last - chain.first
        if (
            size < SHORTEST
            or chain.alike < ALIKE * size
            or chain.original_first > _FURNITURE
            or chain.original_last > chain.first
            or len(set(letters[chain.first : chain.first + 200])) < _FEW_KINDS
        ):
            continue
        begin = begin or chain.original_first
        end = end or chain.original_last
        seam = chain.first - end
        article = (end if seam <= _FURNITURE else chain.first) - begin
        whole = (seam <= _ADJACENT and _is_closed(text, offsets, chain)) or (
            seam <= _FURNITURE and chain.last - begin >= _SHARE * len(letters)
        )
        rest = len(letters) - chain.last
        if whole or (rest <= _FURNITURE and size >= _CUT_SHORT * article):
            end = chain.last
            yield from _pieces(text, offsets, letters, chain)


def _pieces(text: str, offsets: Sequence[int], letters: str, chain: _Chain) -> Iterator[Span]:
    """Yield a copy without what only the copy says: that stays."""
    start = _start(text, offsets[chain.first])
    for gap in (_trimmed(gap, letters) for gap in sorted(chain.gaps)):
        own, original = letters[gap.start : gap.end], letters[gap.original_start : gap.original_end]
        if gap.start > chain.first and gap.end < chain.last and not _resembles(own, original):
            yield Span(start, _end(text, offsets[gap.start - 1] + 1))
            start = _start(text, offsets[gap.end])
    end, original_end = offsets[chain.last - 1] + 1, offsets[chain.original_last - 1] + 1
    rest, original_rest = _line_rest(text, end), _line_rest(text, original_end)
    if rest != original_rest and len(rest) <= _DRIFT and "。" not in rest[:-1]:
        # The same line but for a word or two.
        end += len(rest) if _resembles(rest, original_rest) else 0
    yield Span(start, _end(text, end))


def _trimmed(gap: _Gap, letters: str) -> _Gap:
    """Return a stretch without what is the same at its beginning and its end."""
    start, end, original, original_end = gap
    while start < end and original < original_end and letters[start] == letters[original]:
        start, original = start + 1, original + 1
    while start < end and original < original_end and letters[end - 1] == letters[original_end - 1]:
        end, original_end = end - 1, original_end - 1
    return _Gap(start, end, original, original_end)


def _resembles(own: str, original: str) -> bool:
    """Tell whether a changed stretch has most of its pairs of letters from the original."""
    pairs = Counter(map("".join, pairwise(own)))
    common = (pairs & Counter(map("".join, pairwise(original)))).total()
    return len(own) <= _ANCHOR or common >= _RESEMBLING * pairs.total()


def _extend(chain: _Chain, letters: str, floor: int) -> None:
    """Reach to the first and the last letter that is the same in both."""
    while (
        chain.original_first
        and chain.first > floor
        and letters[chain.first - 1] == letters[chain.original_first - 1]
    ):
        chain.first -= 1
        chain.original_first -= 1
        if chain.original_last > chain.first:
            # Text that comes again and again: what began in its middle begins where it does.
            chain.last -= 1
            chain.original_last -= 1
        else:
            chain.alike += 1
    while (
        chain.last < len(letters)
        and chain.original_last < chain.first
        and letters[chain.last] == letters[chain.original_last]
    ):
        chain.last += 1
        chain.original_last += 1
        chain.alike += 1


def _reach_title(chain: _Chain, letters: str, floor: int) -> None:
    """Reach over a change near the beginning, such as a word in the first sentence."""
    if chain.original_first > _FURNITURE:
        return
    floor = max(floor, chain.original_last, chain.first - chain.original_first - _DRIFT)
    for start in range(chain.original_first - _ANCHOR):
        place = letters.rfind(letters[start : start + _ANCHOR], floor, chain.first)
        further, original = chain.first - place, chain.original_first - start
        if place >= 0 and abs(further - original) <= _DRIFT // 2:
            chain.gaps.append(
                _Gap(place + _ANCHOR, chain.first, start + _ANCHOR, chain.original_first)
            )
            chain.first, chain.original_first = place, start
            return


def _is_closed(text: str, offsets: Sequence[int], chain: _Chain) -> bool:
    """Tell a copy that ends with a sentence or a line from one that tears a sentence apart."""
    end = _end(text, offsets[chain.last - 1] + 1)
    return end == len(text) or text[end] in _BREAKS or text[end - 1] in _CLOSING


def _start(text: str, start: int) -> int:
    """Take in the punctuation that opens with the first letter."""
    while start and text[start - 1] in _OPENERS:
        start -= 1
    while text[start].isspace():
        start += 1
    return start


def _end(text: str, end: int) -> int:
    """Take in the punctuation that closes with the last letter."""
    while end < len(text) and not (
        text[end].isalnum() or text[end] in _OPENERS or text[end] in _BREAKS
    ):
        end += 1
    while text[end - 1].isspace():
        end -= 1
    return end


def _line_rest(text: str, start: int) -> str:
    found = _REST.match(text, start)
    return found.group() if found else ""
