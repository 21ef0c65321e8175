"""Whose words a Traditional text uses: Taiwan's, Hong Kong's, or those of neither."""

import tomllib
from functools import cache
from pathlib import Path

from workbench.articles.model import Wording

_FILE = Path(__file__).with_name("wording.toml")
_MOST = 3
"""A word found more often tells no more: it may be what the article is about."""
_LEAST = 3
_LEAD = 1.5


@cache
def _signs() -> tuple[tuple[str, dict[str, int]], ...]:
    """Return for Taiwan, Hong Kong and elsewhere what each sign weighs."""
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(
        (
            place,
            dict.fromkeys([*signs["words"].split(), *signs["characters"]], 1)
            | dict.fromkeys(signs["strong"].split(), 2)
            | {char + signs["particle"]: 1 for char in signs.get("after", "")},
        )
        for place, signs in table.items()
    )


def detect_wording(text: str) -> Wording | None:
    """Say whose wording a Traditional text has; None where too little tells, or it is neither's.

    Counts the words and characters of ``wording.toml``; the place found must weigh so much, and
    half as much again as the others.
    """
    characters = frozenset(text)
    weights = {
        place: sum(
            weight * min(text.count(sign), _MOST)
            for sign, weight in signs.items()
            if characters.issuperset(sign)
        )
        for place, signs in _signs()
    }
    best = max(weights, key=lambda place: weights[place])
    others = max(weight for place, weight in weights.items() if place != best)
    if weights[best] < _LEAST or weights[best] < _LEAD * others:
        return None
    return {"taiwan": Wording.TAIWAN, "hongkong": Wording.HONG_KONG}.get(best)
