"""Texts made of real ones, the same each time: many different articles, and changed copies."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from workbench.articles.script import convert

SENTENCE = re.compile(r"[^。！？]+[。！？]?")
CLAUSE = re.compile(r"[^，。；：！？]+[，。；：！？]?")
Change = Callable[[str, random.Random], str]


def articles_of(path: Path, shortest: int = 100) -> list[str]:
    """Return the articles of a file that has one a line, those that are long enough."""
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    return [line for line in dict.fromkeys(lines) if len(line) >= shortest]


def different(articles: Sequence[str], number: int, seed: int = 1) -> Iterator[str]:
    """Yield so many different articles: the given ones, then ones of their clauses.

    Each of these begins as a given one does, and goes on with as many clauses, drawn from all: the
    words are as frequent as in the given ones, and hardly two articles share a sentence.
    """
    yield from articles[:number]
    pool = [clause for article in articles for clause in CLAUSE.findall(article)]
    sizes = [len(CLAUSE.findall(article)) for article in articles]
    rng = random.Random(seed)
    for place in range(len(articles), number):
        size = sizes[place % len(sizes)]
        head = articles[place % len(articles)][:24]
        yield head + f"（{place}）" + "".join(rng.choice(pool) for _ in range(size))


def replaced(share: float, characters: str) -> Change:
    """Replace so many characters, each by itself."""

    def change(text: str, rng: random.Random) -> str:
        return "".join(rng.choice(characters) if rng.random() < share else c for c in text)

    return change


def sentences_deleted(share: float) -> Change:
    """Delete so many sentences."""

    def change(text: str, rng: random.Random) -> str:
        found = SENTENCE.findall(text)
        return "".join(_all_but(found, share, rng))

    return change


def sentences_inserted(share: float, pool: Sequence[str]) -> Change:
    """Insert a sentence of another article after so many."""

    def change(text: str, rng: random.Random) -> str:
        found = SENTENCE.findall(text)
        places = set(rng.sample(range(len(found)), round(share * len(found))))
        return "".join(
            sentence + (rng.choice(pool) if place in places else "")
            for place, sentence in enumerate(found)
        )

    return change


def cut(head: float, tail: float) -> Change:
    """Cut so much off the beginning and the end."""
    return lambda text, _rng: text[int(head * len(text)) : len(text) - int(tail * len(text))]


def converted(target: str) -> Change:
    """Convert to another script, with the words of the place."""
    return lambda text, _rng: convert(text, target)


def both(first: Change, second: Change) -> Change:
    """Change twice."""
    return lambda text, rng: second(first(text, rng), rng)


def _all_but(items: Sequence[str], share: float, rng: random.Random) -> list[str]:
    gone = set(rng.sample(range(len(items)), min(round(share * len(items)), len(items) - 1)))
    return [item for place, item in enumerate(items) if place not in gone]
