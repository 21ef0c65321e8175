"""How well a figure credited to another is found: `python benchmarks/credit_swaps.py NEWS.txt [N]`.

NEWS.txt holds one Simplified Chinese article a line; N of them are taken (all). Where an article
credits one figure to one name and another figure, elsewhere, to another, the names are exchanged in
a sentence: the check must mark the name that was put in. Every sentence as it stands must pass.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from fact_checks import Judge

from workbench.grounding.credits import credited_figures, may_be_one_side


def exchanged(judge: Judge, article: str) -> Iterator[tuple[str, str]]:
    """Yield sentences of an article with another of its names in the place of the credited one."""
    credited: dict[str, str] = {}
    for sentence, name in credited_figures(judge.source):
        credited.setdefault(sentence, name)
    for sentence, name in credited.items():
        for elsewhere, other in credited.items():
            apart = other not in sentence and name not in elsewhere
            if apart and other != name and not may_be_one_side(article, name, other):
                yield sentence.replace(name, other), other
                break


def main() -> None:
    """Exchange names, count what is marked, and print both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("news", type=Path)
    parser.add_argument("count", type=int, nargs="?", default=sys.maxsize)
    chosen = parser.parse_args()
    lines = chosen.news.read_text(encoding="utf-8").split("\n")
    swapped = found = untouched = alarms = 0
    for article in [line for line in lines if line][: chosen.count]:
        judge = Judge(article)
        for text, name in exchanged(judge, article):
            swapped += 1
            found += any(name in one.text or one.text in name for one in judge.wrong(text))
        for sentence in judge.source.sentences:
            untouched += 1
            alarms += any(one.kind == "attribution" for one in judge.wrong(sentence))
    share = found / swapped if swapped else 0
    print(f"names exchanged in {swapped} sentences: {found} marked ({share:.1%})")
    print(f"untouched: {untouched} sentences, {alarms} with a wrong attribution")


if __name__ == "__main__":
    main()
