"""Measure what cleaning removes and keeps: `python benchmarks/cleaning.py PAGES [HTML]`.

PAGES is a folder of text files. What of each is not article was marked by hand: cleaning_marks.json
has the marks, as offsets, by the SHA-256 of the file; files without marks are left out. HTML is a
folder of pages, each `NAME.html` with its article in `NAME.txt`, title first, by default those of
the tests: there the workbench is compared with trafilatura alone. Whitespace is not counted.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from workbench.articles.cleaning import find_removals, kept_text
from workbench.articles.encoding import decode
from workbench.articles.reader import read_article

MARKS = Path(__file__).with_name("cleaning_marks.json")
HTML = Path(__file__).parents[1] / "tests" / "articles" / "pages"


@dataclass
class Count:
    """Characters: how many were right, chosen and wanted."""

    right: int = 0
    chosen: int = 0
    wanted: int = 0

    def add(self, other: "Count") -> None:
        """Add the characters of another page."""
        self.right += other.right
        self.chosen += other.chosen
        self.wanted += other.wanted

    def __str__(self) -> str:
        precision = 100 * self.right / self.chosen if self.chosen else 100.0
        recall = 100 * self.right / self.wanted if self.wanted else 100.0
        return f"{precision:6.2f} % {recall:6.2f} %"


def _offsets(text: str, spans: Iterable[tuple[int, int]]) -> set[int]:
    return {at for start, end in spans for at in range(start, end) if not text[at].isspace()}


def _judge(text: str, marks: Iterable[tuple[int, int]]) -> tuple[Count, Count]:
    """Count what is removed against what is marked, and what is kept against the rest."""
    everything = _offsets(text, [(0, len(text))])
    marked = _offsets(text, marks)
    removed = _offsets(text, [(one.start, one.end) for one in find_removals(text)])
    kept, article = everything - removed, everything - marked
    return (
        Count(len(removed & marked), len(removed), len(marked)),
        Count(len(kept & article), len(kept), len(article)),
    )


def measure_text(folder: Path) -> None:
    marks = json.loads(MARKS.read_text("utf-8"))
    removed_all, kept_all = Count(), Count()
    print("page            removed: precision, recall    kept: precision, recall")
    for path in sorted(folder.glob("*.txt")):
        data = path.read_bytes()
        known = marks.get(hashlib.sha256(data).hexdigest())
        if known is None:
            print(f"{path.name[:14]:14}  not marked")
            continue
        text = decode(data)[0]
        removed, kept = _judge(text, [(one["start"], one["end"]) for one in known["marks"]])
        removed_all.add(removed)
        kept_all.add(kept)
        print(f"{path.name[:14]:14}          {removed}            {kept}")
    print(f"{'in all':14}          {removed_all}            {kept_all}")


def _common(kept: str, marked: str) -> Count:
    """Count the characters of what is kept that are the article's; its title counts as neither."""
    title, article = marked.removeprefix("# ").split("\n", 1)
    kept = "\n".join(line for line in kept.splitlines() if line.strip() != title)
    kept, article = "".join(kept.split()), "".join(article.split())
    blocks = SequenceMatcher(None, kept, article, autojunk=False).get_matching_blocks()
    return Count(sum(block.size for block in blocks), len(kept), len(article))


def _extractions(path: Path) -> Iterator[tuple[str, str]]:
    import trafilatura

    article = read_article(path)
    yield "workbench", kept_text(article.text, article.removals)
    yield "trafilatura", trafilatura.extract(path.read_bytes().decode("utf-8")) or ""


def measure_html(folder: Path) -> None:
    totals: dict[str, Count] = {}
    print("\npage                  extracted by    kept: precision, recall")
    for path in sorted(folder.glob("*.html")):
        article = path.with_suffix(".txt").read_text("utf-8")
        for name, kept in _extractions(path):
            count = _common(kept, article)
            totals.setdefault(name, Count()).add(count)
            print(f"{path.stem:20}  {name:12}    {count}")
    for name, total in totals.items():
        print(f"{'in all':20}  {name:12}    {total}")


if __name__ == "__main__":
    measure_text(Path(sys.argv[1]))
    measure_html(Path(sys.argv[2]) if len(sys.argv) > 2 else HTML)
