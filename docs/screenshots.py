"""Draw the pictures of the app in this folder from what a model made of the sample articles.

``python docs/screenshots.py MODEL.gguf [--home FOLDER]``

The app itself is opened, at 120x34 and in its dark theme, on a library that holds the samples and a
second report on the first of them, which stands below. The model summarises, compares and answers;
nothing in the pictures is written by hand but the articles and the questions. What it made is kept
in FOLDER, so that drawing again takes no model; without a folder it is thrown away.
"""

import argparse
import asyncio
import os
import re
import tempfile
from collections.abc import Callable
from html import escape, unescape
from itertools import groupby
from pathlib import Path

DOCS = Path(__file__).parent
SAMPLES = DOCS.parent / "workbench" / "samples"
SIZE = (120, 34)
PATIENCE_SECONDS = 3600.0
FIRST, SECOND = "city-library-nights.txt", "second-report.txt"
OTHERS = ("fishing-harbour-electric-boats.txt", "county-meals-for-the-old.txt")
QUESTIONS = ("半年试行共支出多少钱？", "其中夜班人员补贴是多少？")
REPORT = """云溪市图书馆夜间开放遇冷热两面

2024年9月3日　综合消息

云溪市图书馆公布夜间开放半年的情况。3月1日至8月31日，图书馆实际夜间开放155晚，接待读者5.8万人次，其中学生占41%。

半年支出90万元，大半用于夜班人员补贴。从本月9日起，周一至周四提前到22时闭馆，周五、周六仍到23时30分。

附近居民投诉37件，多数与停车有关。一名居民代表说，商场的车位开放以后，情况明显好转。图书馆志愿者协会表示，愿意承担周末夜间的整理工作。
"""

# Pictures must ask no server for a font, and show Chinese in one that has it.
_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_FAMILY = re.compile(r"font-family: Fira Code, monospace")
_FAMILIES = (
    "font-family: 'Sarasa Mono SC', 'Noto Sans Mono CJK SC', 'DejaVu Sans Mono',"
    " 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'WenQuanYi Zen Hei', monospace"
)
_EAST_ASIAN = re.compile(r"\s*font-variant-east-asian: full-width;")
_CLIP = re.compile(r"<clipPath .*?</clipPath>\s*", re.DOTALL)
_CLIPPED = re.compile(r' clip-path="url\([^)]*line[^)]*\)"')
_NAME = re.compile(r"terminal-\d+-")
_TEXT = re.compile(
    r'<text class="(?P<kind>[^"]*-matrix[^"]*|[^"]*-r\d+)" x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)"'
    r' textLength="[\d.]+"[^>]*>(?P<text>[^<]*)</text>\n?'
)
_CELL = 12.2
"""The width of a cell in a picture: 0.61 of the size of its letters, in rich/_export_format.py."""


def picture(svg: str) -> str:
    """Return a picture of Textual without what it would fetch, with fonts for Chinese, small.

    Rich 15 gives a text as many cells as it has characters, so Chinese is printed over itself; here
    each run of characters of one width gets the room it takes in a terminal.
    """
    for pattern, instead in (
        (_FONT, ""),
        (_FAMILY, _FAMILIES),
        (_EAST_ASIAN, ""),
        (_CLIPPED, ""),
        (_NAME, "t-"),
    ):
        svg = pattern.sub(instead, svg)
    svg = _CLIP.sub(lambda clip: "" if "-line-" in clip[0] else clip[0], svg)
    return _TEXT.sub(_runs, svg)


def _runs(found: re.Match[str]) -> str:
    """Place the words and the Hanzi of a text one by one, without the room between them."""
    from rich.cells import cell_len

    at, parts = float(found["x"]), []
    for width, group in groupby(unescape(found["text"]), cell_len):
        for run in re.split(r"([ \u00a0]{2,})", "".join(group)):
            room = cell_len(run) * _CELL
            if run.strip(" \u00a0") and width:
                parts.append(
                    f'<text class="{found["kind"]}" x="{at:.1f}" y="{found["y"]}"'
                    f' textLength="{room:.1f}">{escape(run).replace(" ", chr(0xA0))}</text>\n'
                )
            at += room
    return "".join(parts)


async def draw(model: str) -> None:
    """Have done what is not done yet, and draw the three screens."""
    from workbench.articles.reader import read_article
    from workbench.settings import settings_with
    from workbench.store.library import Library
    from workbench.tui.app import WorkbenchApp
    from workbench.tui.themes import DARK

    second = Path(os.environ["WORKBENCH_HOME"]) / SECOND
    second.write_text(REPORT, encoding="utf-8")
    with Library.open() as library:
        ids = [
            library.add(read_article(path)).id
            for path in [*(SAMPLES / name for name in OTHERS), second, SAMPLES / FIRST]
        ]
        app = WorkbenchApp(settings_with(model=model, theme=DARK), library)
        async with app.run_test(size=SIZE) as pilot:

            async def until(true: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
                for _turn in range(int(seconds / 0.05)):
                    await pilot.pause(0.05)
                    if true():
                        return
                raise SystemExit("what is to be seen did not come")

            def keep(name: str) -> None:
                svg = picture(app.export_screenshot(title="workbench"))
                (DOCS / f"{name}.svg").write_text(svg, encoding="utf-8")
                print(f"{name}.svg, {len(svg) // 1024} KB")

            await reading(app, pilot, until, ids[-1])
            keep("app-reading")
            await comparing(app, pilot, until, [ids[-1], ids[-2]])
            keep("app-compare")
            await asking(app, pilot, until, ids[-1])
            keep("app-ask")


async def reading(app, pilot, until, article_id) -> None:
    """Open an article, have it summarised, and go to a point with a citation."""
    main = app.screen
    app.open_article(article_id)
    await until(lambda: app.article_id == article_id)
    if main.result_view.result is None:
        main.action_summarize()
    await until(lambda: main.result_view.result is not None)
    await pilot.press("f4", "home")
    await until(lambda: main.result_view.text_view.has_focus)
    await pilot.press("down", "down", "down")
    await pilot.pause(1.0)


async def comparing(app, pilot, until, article_ids) -> None:
    """Compare two articles, and go to a cell of the table."""
    from workbench.desk.comparing import kept
    from workbench.tasks.work import Work
    from workbench.tui.screens.compare import CompareScreen
    from workbench.tui.widgets.claim_table import ClaimTable

    def stored():
        found = app.library.results_of(article_ids[0])
        return next((one for one in found[::-1] if one.task == "compare"), None)

    if stored() is None:
        job = app.desk.submit(Work("compare", "comparison"), article_ids)
        await until(lambda: next(j for j in app.desk.jobs() if j.id == job.id).state == "done")
    app.show("compare")
    await until(lambda: isinstance(app.screen, CompareScreen))
    app.screen._open(kept(app.library, stored().id))
    await until(lambda: app.screen.query_one(ClaimTable).row_count)
    app.screen.query_one(ClaimTable).focus()
    await pilot.press("a", "right")
    await pilot.pause(1.0)


async def asking(app, pilot, until, article_id) -> None:
    """Ask about an article, and go to the evidence of the last answer."""
    from workbench.tui.screens.ask import AskScreen
    from workbench.tui.widgets.turn_view import EvidenceItem

    app.show("ask")
    await until(lambda: isinstance(app.screen, AskScreen))
    screen = app.screen
    listed = screen.conversations.listed()
    if listed:
        screen.open_conversation(listed[0].id)
    else:
        for number, question in enumerate(QUESTIONS, 1):
            screen.field.focus()
            screen.field.text = question
            await pilot.press("enter")
            await until(lambda number=number: _answered(screen) == number)
    await until(lambda: screen.query(EvidenceItem))
    screen.field.cursor_blink = False
    await pilot.press("up")
    await pilot.pause(1.0)


def _answered(screen) -> int:
    """Return how many questions of the conversation on a screen are answered."""
    kept = screen.conversation
    return sum(turn.answer is not None for turn in kept.turns) if kept is not None else 0


def main() -> None:
    """Draw in a home of its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path, help="GGUF file")
    parser.add_argument("--home", type=Path, help="where to keep what the model makes")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = (chosen.home or Path(name)).resolve()
        home.mkdir(parents=True, exist_ok=True)
        os.environ |= {"WORKBENCH_HOME": str(home), "WORKBENCH_LANGUAGE": "en"}
        asyncio.run(draw(str(chosen.model.resolve())))


if __name__ == "__main__":
    main()
