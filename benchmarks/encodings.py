"""Measure how well encodings are told apart: `python benchmarks/encodings.py NEWS.txt`.

NEWS.txt holds one Simplified Chinese article a line. Each is written in every encoding, Traditional
ones after conversion, and decoded by the workbench, charset-normalizer and chardet; right means
that the text is the same, character for character. Characters an encoding does not have are left
out of what is written in it.
"""

import argparse
import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import chardet
from charset_normalizer import from_bytes
from report import say, table

from workbench.articles.charsets import euc_tw
from workbench.articles.charsets.names import known
from workbench.articles.encoding import decode
from workbench.articles.script import convert
from workbench.errors import ArticleError

SIMPLIFIED = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk", "hz")
TRADITIONAL = ("utf-8", "utf-16-le", "big5", "cp950", "big5hkscs", "gbk", "euc_tw")
LENGTHS = (None, 200)
ENGLISH = (
    "The council said on Monday that the path along the river will open again in spring. ",
    "Trains run every 12 minutes; tickets cost 3.50 each way. ",
    "See https://example.org/news?id=20240506 for the schedule (PDF, 1.2 MB). ",
)


def short(article: str, length: int | None) -> str:
    return article[:length]


def middle(article: str, length: int | None) -> str:
    """Take the text from the middle, where no date stands."""
    start = len(article) // 2
    return article[start : start + (length or 0)]


def half_english(article: str, length: int | None) -> str:
    """Put as much English between the sentences as there is Chinese."""
    sentences = article[:length].split("。")
    return "".join(
        f"{sentence}。{ENGLISH[index % 3] * (1 + len(sentence) // 80)}"
        for index, sentence in enumerate(sentences)
    )


def web_page(article: str, length: int | None) -> str:
    """Wrap the article in markup and scripts, with no charset declared."""
    script = "".join(f"var a{index} = {{'id': {index * 37}}};\n" for index in range(200))
    paragraphs = "".join(f'<p class="text">{one}。</p>\n' for one in article[:length].split("。"))
    return f"<html><head><script>{script}</script></head><body>{paragraphs}</body></html>"


def few_hanzi(article: str, length: int | None) -> str:
    """Hide a name of eight characters in a page of English."""
    hanzi = "".join(char for char in article if "\u4e00" <= char <= "\u9fff")[:8]
    return "".join(ENGLISH) * 4 + f"({hanzi}) " + "".join(ENGLISH) * 4


KINDS: tuple[tuple[str, Callable[[str, int | None], str], tuple[int | None, ...]], ...] = (
    ("plain", short, LENGTHS),
    ("from the middle", middle, (50, 20, 10)),
    ("half English", half_english, (200,)),
    ("web page", web_page, (200,)),
    ("8 Hanzi in English", few_hanzi, (None,)),
)


def by_workbench(data: bytes) -> str:
    try:
        return decode(data)[0]
    except ArticleError:
        return ""


def by_charset_normalizer(data: bytes) -> str:
    return str(from_bytes(data).best() or "").removeprefix("\ufeff")


def by_chardet(data: bytes) -> str:
    name = known(chardet.detect(data)["encoding"])
    return data.decode(name, "replace").removeprefix("\ufeff") if name else ""


METHODS = {
    "workbench": by_workbench,
    "charset-normalizer": by_charset_normalizer,
    "chardet": by_chardet,
}


def files(articles: list[tuple[str, str]]) -> Iterator[tuple[str, str, bytes, str]]:
    """Yield the kind, the encoding, the bytes and the text they hold."""
    for name, make, lengths in KINDS:
        for length in lengths:
            kind = name if length is None else f"{name}, {length} characters"
            for article, traditional in articles:
                for text, codecs, script in (
                    (article, SIMPLIFIED, "Simplified"),
                    (traditional, TRADITIONAL, "Traditional"),
                ):
                    made = make(text, length)
                    for codec in codecs:
                        data = made.encode(codec, "ignore")
                        yield kind, f"{script}, {codec}", data, data.decode(codec)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("news", type=Path)
    parser.add_argument(
        "articles", type=int, nargs="?", help="how many, at random; all if left out"
    )
    parser.add_argument("--alone", action="store_true", help="measure the workbench only")
    given = parser.parse_args()
    euc_tw.register()
    lines = [line.strip() for line in given.news.read_text("utf-8").splitlines() if line.strip()]
    if given.articles:
        lines = random.Random(1).sample(lines, min(given.articles, len(lines)))
    methods = {"workbench": by_workbench} if given.alone else METHODS
    say("converting to Traditional")
    articles = [(line, convert(line, "traditional")) for line in lines]
    right: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    seconds: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    total: Counter[tuple[str, str]] = Counter()
    for kind, codec, data, expected in files(articles):
        total[kind, codec] += 1
        if total[kind, codec] == 1:
            say(f"{kind}: {codec}")
        for name, method in methods.items():
            started = time.perf_counter()
            found = method(data)
            seconds[kind][name].append(time.perf_counter() - started)
            right[kind, codec][name] += found == expected
    for kind in dict.fromkeys(kind for kind, _ in total):
        print(f"\n{table(list(rows(kind, list(methods), right, total, seconds[kind])))}")


def rows(
    kind: str,
    methods: list[str],
    right: dict[tuple[str, str], Counter[str]],
    total: Counter[tuple[str, str]],
    seconds: dict[str, list[float]],
) -> Iterator[list[str]]:
    """Lay out one kind of text: a row for each encoding, then all of them, then the time."""
    mine = [key for key in total if key[0] == kind]
    yield [kind, "files", *methods]
    for key in mine:
        yield [key[1], str(total[key]), *(percent(right[key][one], total[key]) for one in methods)]
    number = sum(total[key] for key in mine)
    sums = [sum(right[key][one] for key in mine) for one in methods]
    yield ["all", str(number), *(percent(one, number) for one in sums)]
    base = seconds[methods[0]]
    yield ["ms a file", "", *(f"{1000 * statistics.mean(seconds[one]):.2f}" for one in methods)]
    yield [
        "times as long",
        "",
        *(f"{sum(seconds[one]) / sum(base):.1f}" for one in methods),
    ]


def percent(part: int, whole: int) -> str:
    """Write a share so that one wrong in thousands is seen."""
    return "100 %" if part == whole else f"{100 * part / whole:.2f} %"


if __name__ == "__main__":
    main()
