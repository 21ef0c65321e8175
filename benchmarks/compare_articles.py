"""Pairs of articles with planted agreements and differences, made from ``compare_pairs.json``.

Every fact is told in other words in the two articles; whether it is told with the same value or
another one is drawn by a seed. The rest of each article are distractors: values of other years, of
other things of the same kind, and what one article alone says.
"""

import json
import random
from dataclasses import dataclass
from pathlib import Path

from workbench.articles.script import convert

PAIRS = Path(__file__).with_name("compare_pairs.json")
_TRADITIONAL_EVERY = 4


@dataclass(frozen=True)
class Planted:
    """A fact that both articles state; ``differs`` says that they state different values."""

    kind: str
    sentences: tuple[str, str]
    values: tuple[str, str]
    differs: bool


@dataclass(frozen=True)
class Pair:
    """Two articles on one subject, and what was planted in them."""

    name: str
    texts: tuple[str, str]
    titles: tuple[str, str]
    planted: tuple[Planted, ...]


def make_pairs(seed: int = 0, path: Path = PAIRS) -> list[Pair]:
    """Make all pairs; every fourth has its second article in Traditional script."""
    themes = json.loads(path.read_text(encoding="utf-8"))
    return [_pair(theme, number, seed) for number, theme in enumerate(themes)]


def _pair(theme: dict, number: int, seed: int) -> Pair:
    draw = random.Random(f"{seed} {theme['name']}")
    facts = theme["facts"]
    changed = set(draw.sample(range(len(facts)), len(facts) // 2 + draw.randrange(2)))
    planted = []
    for at, fact in enumerate(facts):
        one, same = fact["same"]
        other = fact["other"] if at in changed else same
        planted.append(
            Planted(
                fact["kind"],
                (fact["a"].replace("{}", one), fact["b"].replace("{}", other)),
                (one, other),
                at in changed,
            )
        )
    texts = []
    for side, key in enumerate("ab"):
        told = [item.sentences[side] for item in planted]
        if side:
            tail = told[1:]
            draw.shuffle(tail)
            told = [told[0], *tail]
        for extra in theme["only"][key]:
            told.insert(draw.randrange(1, len(told) + 1), extra)
        cut = len(told) // 2
        paragraphs = ["".join(told[:cut]), "".join(told[cut:])]
        text = "\n\n".join([theme["titles"][side], theme["dates"][side], *paragraphs]) + "\n"
        traditional = side and number % _TRADITIONAL_EVERY == _TRADITIONAL_EVERY - 1
        texts.append(convert(text, "traditional") if traditional else text)
    return Pair(theme["name"], (texts[0], texts[1]), tuple(theme["titles"]), tuple(planted))
