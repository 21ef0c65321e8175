"""Measure finished summaries against their articles: ``summary_quality.py RESULT.json …``.

Figures are counted apart from the program's own checks: every run of digits in a point, with the
Chinese unit or sign behind it, is looked up as plain text in the article, both in Simplified
script. What is not there literally is printed, to be read by a person.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from workbench.articles.document import ReadOptions
from workbench.articles.model import Article
from workbench.articles.reader import read_articles
from workbench.articles.script import detect, to_simplified
from workbench.grounding.alignment import copied_share

_FIGURE = re.compile(r"\d[\d,.]*\d|\d")
_TAIL = re.compile(r"[万亿千百]*(?:美元|人民币|元|%|年|月|日|个|家|倍)?")
_RUN = 20


def figures(text: str) -> list[str]:
    """Return the figures of a text, each with its unit."""
    found = []
    for match in _FIGURE.finditer(text):
        tail = _TAIL.match(text, match.end())
        found.append(match.group() + (tail.group() if tail else ""))
    return found


def thirds(result: dict, length: int) -> list[int]:
    """Count the points that cite the first, middle and last third of the article."""
    counts = [0, 0, 0]
    for point in result["points"]:
        places = {min(2, 3 * c["start"] // max(1, length)) for c in point["citations"]}
        for place in places:
            counts[place] += 1
    return counts


def article_of(result: dict[str, Any]) -> Article:
    """Read the article a result is about again, where it stands in its file."""
    about = result["article"]
    for found in read_articles(Path(about["path"]), ReadOptions()):
        if isinstance(found, Article) and found.part == about.get("part"):
            return found
    raise SystemExit(f"{about['path']}: the article is no longer there: {about.get('part')}")


def main(paths: list[str]) -> int:
    """Print a line for each result and the figures that are not in the article."""
    print("article | script in→out | points | characters | figures found | thirds | copied | weak")
    total = missing = 0
    for path in paths:
        result = json.loads(Path(path).read_text(encoding="utf-8"))
        article = article_of(result)
        source = to_simplified(article.text).replace(" ", "")
        texts = [point["text"] for point in result["points"]]
        written = [figure for text in texts for figure in figures(to_simplified(text))]
        absent = [figure for figure in written if figure.replace(" ", "") not in source]
        total, missing = total + len(written), missing + len(absent)
        body = "".join(texts)
        copied = copied_share(to_simplified(body), to_simplified(article.text), run=_RUN)
        print(
            f"{article.path.name[:24]} | {article.script.value}→{detect(body).value} | "
            f"{len(texts)} | {len(body)} | {len(written) - len(absent)}/{len(written)} | "
            f"{'/'.join(map(str, thirds(result, len(article.text))))} | {copied:.0%} | "
            f"{sum(point['weak'] for point in result['points'])}"
        )
        for figure in absent:
            print(f"    not literally in the article: {figure}")
    print(f"figures: {total}, literally in their article: {total - missing}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
