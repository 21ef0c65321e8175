"""Measure how well encodings are told apart: `python benchmarks/encodings.py NEWS.txt [SAMPLE]`.

NEWS.txt holds one Simplified Chinese article a line. Each is written in every encoding (Traditional
ones after conversion), then decoded by the workbench and by charset-normalizer; right means that
the text is the same, character for character.
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from charset_normalizer import from_bytes

from workbench.articles.encoding import decode
from workbench.articles.script import convert
from workbench.errors import ArticleError

SIMPLIFIED = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk")
TRADITIONAL = (("big5", "traditional"), ("big5hkscs", "hongkong"), ("gbk", "traditional"))


def variants(article: str) -> Iterator[tuple[str, bytes, str]]:
    for codec in SIMPLIFIED:
        data = article.encode(codec, "ignore")
        yield codec, data, data.decode(codec)
    for codec, target in TRADITIONAL:
        data = convert(article, target).encode(codec, "ignore")
        yield f"{codec} ({target})", data, data.decode(codec)


def by_workbench(data: bytes) -> str:
    try:
        return decode(data)[0]
    except ArticleError:
        return ""


def by_charset_normalizer(data: bytes) -> str:
    return str(from_bytes(data).best() or "").removeprefix("\ufeff")


def main(path: Path, size: int) -> None:
    lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    articles = random.Random(1).sample([line for line in lines if len(line) > 200], size)
    for name, length in (("whole articles", None), ("first 200 characters", 200)):
        for method in (by_workbench, by_charset_normalizer):
            right: Counter[str] = Counter()
            total: Counter[str] = Counter()
            seconds = 0.0
            for article in articles:
                for codec, data, expected in variants(article[:length]):
                    started = time.perf_counter()
                    found = method(data)
                    seconds += time.perf_counter() - started
                    right[codec] += found == expected
                    total[codec] += 1
            print(
                f"{name}, {method.__name__}: {right.total()} of {total.total()} right, "
                f"{1000 * seconds / total.total():.1f} ms each"
            )
            for codec, number in total.items():
                print(f"  {codec:24} {right[codec]}/{number}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 300)
