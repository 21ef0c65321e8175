"""How long the app takes to set an article in lines, and to find a character in them again."""

import argparse
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from workbench.articles.model import Article, Encoding, Script
from workbench.articles.passages import split
from workbench.tui.typeset.page import typeset
from workbench.tui.typeset.shown_text import shown_text

_CHARACTERS = "青石镇的早市搬进了河边新棚个摊位全部有了顶过去下雨天菜农只能撑着油布卖许多人干脆不出"
_ROUNDS = 7


def made_text(characters: int) -> str:
    """Write so much text: sentences with figures, quotes and commas, no two alike."""
    chosen = random.Random(1)
    paragraphs: list[str] = []
    size = 0

    def words() -> str:
        return "".join(chosen.choices(_CHARACTERS, k=chosen.randint(5, 25)))

    while size < characters:
        sentences = (
            f"{words()}，{chosen.randint(1, 9999)}万元，“{words()}”。"
            for _number in range(chosen.randint(2, 6))
        )
        paragraphs.append("".join(sentences))
        size += len(paragraphs[-1]) + 1
    return "\n".join(paragraphs)[:characters]


def article_of(text: str) -> Article:
    return Article(
        path=Path("made.txt"),
        sha256="",
        size=len(text),
        format="text",
        encoding=Encoding("utf-8", "utf-8", 1.0),
        script=Script.SIMPLIFIED,
        text=text,
        passages=split(text, ()),
    )


def milliseconds(work: Callable[[], object]) -> float:
    times = []
    for _round in range(_ROUNDS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--characters", type=int, nargs="*", default=[3_000, 30_000, 300_000])
    parser.add_argument("--width", type=int, default=60, help="cells of a line")
    options = parser.parse_args()
    print(
        "| characters | lines | paragraphs ms | converted ms | set in lines ms | found again µs |"
    )
    print("|---|---|---|---|---|---|")
    for characters in options.characters:
        print(row(characters, options.width))


def row(characters: int, width: int) -> str:
    article = article_of(made_text(characters))
    shown = shown_text(article)
    page = typeset(shown, width)
    places = random.Random(2).choices(range(characters), k=1000)
    cells = (
        milliseconds(lambda: shown_text(article)),
        milliseconds(lambda: shown_text(article, script="traditional")),
        milliseconds(lambda: typeset(shown, width)),
        milliseconds(lambda: [page.locate(place) for place in places]),
    )
    told = " | ".join(f"{cell:.1f}" for cell in cells)
    return f"| {characters:,} | {len(page.lines):,} | {told} |"


if __name__ == "__main__":
    main()
