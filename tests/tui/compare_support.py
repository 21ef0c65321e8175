"""What the tests of comparing share: articles in a library, and a comparison of them kept there."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from workbench.articles.model import Article
from workbench.articles.reader import read_article
from workbench.prompting.library import find_template
from workbench.store.library import Library
from workbench.tasks.compare.task import CompareOptions, compare
from workbench.tasks.recording import Recorder

MARKET = """青石镇的早市搬进了新棚

2026年3月2日

青石镇的早市3月1日搬进了河边的新棚，128个摊位全部有了顶。过去下雨天，菜农只能撑着油布卖菜，许多人干脆不出摊。新棚由镇里出资460万元修建，用了七个月。

棚里装了照明和排水沟，地面每天冲洗两次。摊位费没有涨，仍是每天8元，收费员改用手机收款。
"""
MARKET_IN_TAIWAN = """青石鎮早市遷入新棚

2026年3月2日

青石鎮的早市3月1日遷進了河邊的新棚，130個攤位全部有了頂。新棚由鎮裡出資520萬元修建，用了七個月。

攤位費沒有漲，仍是每天8元。新棚離老街有600米，鎮裡答應從4月起開一趟免費的小巴，每半小時一班。
"""
LATER = """早市新棚的头两个月

2026年5月2日

青石镇的早市搬进新棚两个月，如今有150个摊位。摊位费仍是每天8元。小巴4月1日开通，每天运送300人。
"""
TEXTS = {"早市.txt": MARKET, "早市臺灣.txt": MARKET_IN_TAIWAN, "两个月.txt": LATER}


def written(folder: Path, texts: dict[str, str]) -> list[Article]:
    """Write texts as files and read them as articles."""
    found = []
    for name, text in texts.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        found.append(read_article(path))
    return found


def compared(
    library: Library, articles: Sequence[Article], answer: object = None, folder: Path | None = None
) -> int:
    """Compare articles of a library with a model that copies; return the id of the result."""
    from tasks.tasks_support import MODEL, ScriptedEngine, extract

    found = compare(
        articles,
        find_template("comparison"),
        ScriptedEngine(answer or extract),  # type: ignore[arg-type]
        MODEL,
        CompareOptions(digests=folder),
    )
    with Recorder(print, library.path) as recorder:
        result_id = recorder.record(articles, replace(found, seconds=12.0))
    assert result_id is not None
    return result_id
