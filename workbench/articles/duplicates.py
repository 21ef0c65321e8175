"""The whole article pasted again into its page: exactly, or with small differences.

Copies are compared clause by clause, without whitespace, punctuation and differences of width or
script, so that a copy that was wrapped anew or converted is found, and one changed in places too.
"""

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
_REST = re.compile(r"[^\r\n\x0b\x0c\x85\u2028\u2029]{0,100}")
_OPENERS = "“‘「『（《【〈([<\"'#* \t\u3000\u200b\ufeff"
_BREAKS = "\r\n\x0b\x0c\x85\u2028\u2029"


@dataclass(slots=True)
class _Chain:
    """Clauses in a row that stand further up in the same order; offsets count letters."""

    first: int
    last: int
    original_first: int
    original_last: int
    alike: int

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


def find_copies(text: str) -> tuple[Span, ...]:
    """Find every copy of the article after the first one; empty where it stands once.

    A copy may lack its end, or differ by some words. Furniture may stand before the first copy,
    between two, and after the last. Linear in the length of the text.
    """
    if len(text) < 2 * SHORTEST:
        return ()
    folded = fold(text)
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
    begin = end = 0
    for chain in chains:
        _extend(chain, letters, end)
        _reach_title(chain, letters, end)
        size = chain.last - chain.first
        if (
            size < SHORTEST
            or chain.first < end
            or chain.alike < ALIKE * size
            or chain.original_first > _FURNITURE
            or chain.original_last > chain.first
            or len(set(letters[chain.first : chain.first + 2000])) < _FEW_KINDS
        ):
            continue
        begin = begin or chain.original_first
        end = end or chain.original_last
        seam = chain.first - end
        article = (end if seam <= _FURNITURE else chain.first) - begin
        whole = seam <= _ADJACENT or (
            seam <= _FURNITURE and chain.last - begin >= _SHARE * len(letters)
        )
        rest = len(letters) - chain.last
        if whole or (rest <= _FURNITURE and size >= _CUT_SHORT * article):
            end = chain.last
            yield Span(
                _start(text, offsets[chain.first]),
                _end(text, offsets[chain.last - 1] + 1, offsets[chain.original_last - 1] + 1),
            )


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
    floor = max(floor, chain.original_last)
    for start in range(chain.original_first - _ANCHOR):
        place = letters.rfind(letters[start : start + _ANCHOR], floor, chain.first)
        further, original = chain.first - place, chain.original_first - start
        if place >= 0 and abs(further - original) <= _DRIFT // 2:
            chain.first, chain.original_first = place, start
            return


def _start(text: str, start: int) -> int:
    """Take in the punctuation that opens with the first letter."""
    while start and text[start - 1] in _OPENERS:
        start -= 1
    while text[start].isspace():
        start += 1
    return start


def _end(text: str, end: int, original: int) -> int:
    """Take in the punctuation that closes with the last letter, and the changed end of its line."""
    rest, original_rest = _line_rest(text, end), _line_rest(text, original)
    alike = abs(len(rest) - len(original_rest)) <= _ANCHOR and rest != original_rest
    if alike and len(rest) <= _DRIFT and "。" not in rest[:-1]:
        end += len(rest)
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
