"""From marked articles to a comparison and an answer, and from each back to the passage."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tasks.tasks_support import extract
from tui.compare_support import TEXTS
from tui.settling import wait_until
from tui.tui_support import ScriptedApp, listed, make_library, scripted_app, shown

from workbench.engine.protocol import Request
from workbench.store.library import Library
from workbench.tui.screens.ask import AskScreen
from workbench.tui.screens.compare import TABLE, CompareScreen
from workbench.tui.screens.main import MainScreen
from workbench.tui.widgets.article_view import ArticleView
from workbench.tui.widgets.claim_table import ClaimTable
from workbench.tui.widgets.turn_view import EvidenceItem


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "en")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with make_library(tmp_path, TEXTS) as found:
        yield found


def answering(request: Request) -> str:
    said = request.messages[-1].segments[-1]
    return "128个摊位" if "多少个摊位" in said else extract(request)


def standing_out(app: ScriptedApp) -> list[str]:
    """Return what stands out in the article that is read."""
    view = app.main.query_one(ArticleView)
    if view.article is None:
        return []
    spans = view.text._spans.get("citation", [])
    return [view.article.text[one.start : one.end] for one in spans]


async def test_marked_articles_are_compared_and_a_cell_opens_its_passage(library: Library) -> None:
    app = scripted_app(library, answering)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 3)
        app.main.focus_pane("library")
        await pilot.press("asterisk")
        await wait_until(pilot, lambda: len(app.selected) == 3)
        marked = tuple(app.selected)
        await pilot.press("f6")
        await wait_until(pilot, lambda: isinstance(app.screen, CompareScreen))
        compare = app.screen
        assert isinstance(compare, CompareScreen)
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: compare._shown == TABLE)
        await wait_until(pilot, lambda: compare.query_one(ClaimTable).row_count)
        kept = compare.comparison.kept
        assert kept is not None
        assert kept.article_ids == marked

        row, cell = compare.query_one(ClaimTable).pointed or (None, None)
        assert cell is not None
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, MainScreen))
        await wait_until(pilot, lambda: standing_out(app) == [c.quote for c in cell.citations])
        assert app.article_id == kept.article_ids[cell.article - 1]

        # The comparison is still there, one key away.
        await pilot.press("f6")
        await wait_until(pilot, lambda: app.screen is compare)
        assert compare._shown == TABLE


async def test_the_open_article_is_asked_and_the_evidence_opens_its_passage(
    library: Library,
) -> None:
    app = scripted_app(library, answering)
    async with app.run_test(size=(100, 30)) as pilot:
        await listed(pilot, app, 3)
        app.open_article(1)
        await wait_until(pilot, lambda: app.article_id == 1)
        await pilot.press("f7")
        await wait_until(pilot, lambda: isinstance(app.screen, AskScreen))
        ask = app.screen
        assert isinstance(ask, AskScreen)
        await wait_until(pilot, lambda: ask.focused is ask.field)
        ask.field.text = "早市的新棚有多少个摊位？"
        await pilot.press("enter")
        await wait_until(pilot, lambda: ask.query(EvidenceItem))
        assert "128个摊位" in shown(app)

        await pilot.press("up", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, MainScreen))
        quote = "青石镇的早市3月1日搬进了河边的新棚，128个摊位全部有了顶。"
        await wait_until(pilot, lambda: standing_out(app) == [quote])

        # Another article is opened: another conversation begins.
        app.open_article(2)
        await wait_until(pilot, lambda: app.article_id == 2)
        await pilot.press("f7")
        await wait_until(pilot, lambda: app.screen is ask and not ask.query(EvidenceItem))
