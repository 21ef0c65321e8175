"""The shell drawn: three sizes, both themes, both scripts; and each of its windows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tasks.tasks_support import SIMPLIFIED, TRADITIONAL
from textual.widgets import Static
from tui.settling import wait_until
from tui.tui_support import ScriptedApp, make_library, scripted_app

from workbench.desk.first_steps import FirstSteps
from workbench.desk.shelves import Tree
from workbench.desk.tree import nested
from workbench.settings import stored_settings
from workbench.store.library import Library
from workbench.tui.screens.first_start import FirstStartScreen
from workbench.tui.screens.log import Told
from workbench.tui.themes import DARK, LIGHT

SIZES = [(80, 24), (100, 30), (140, 40)]
WATER = "白沙水库开始蓄水\n\n2025年11月20日\n\n白沙水库20日开始蓄水，库容为3.2亿立方米。\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "en")
    monkeypatch.setattr(
        "workbench.tui.screens.settings.config_file", lambda: Path("/home/me/config.toml")
    )
    stored_settings.cache_clear()
    yield
    stored_settings.cache_clear()


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    texts = {"水库.txt": WATER, "早市.txt": SIMPLIFIED, "圖書車.txt": TRADITIONAL}
    folders = nested([("/家/新闻/2025/", 1), ("/家/新闻/2026/", 2)])
    statuses = (("new", 3), ("read", 0), ("summarised", 0), ("flagged", 0))
    tree = Tree(3, folders, (("水利", 1),), (("民生", 2),), statuses)
    monkeypatch.setattr("workbench.tui.widgets.library_pane.tree", lambda _library: tree)
    with make_library(tmp_path, texts) as found:
        yield found


async def settled(pilot, app: ScriptedApp) -> None:
    await wait_until(pilot, lambda: app.pane.table.total == 3)
    await wait_until(pilot, lambda: not app.pane.has_class("-empty"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("article_id", [2, 3], ids=["simplified", "traditional"])
def test_the_main_screen(snap_compare, library, size, theme, article_id):
    app = scripted_app(library)
    app.theme = theme

    async def look(pilot):
        await settled(pilot, app)
        await pilot.press("space")
        app.open_article(article_id)
        await wait_until(pilot, lambda: app.article_id == article_id)
        await pilot.press("f2")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=look)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("window", ["tree", "filter", "add", "settings", "help", "log", "first"])
def test_a_window(snap_compare, library, theme, window):
    app = scripted_app(library)
    app.theme = theme

    async def look(pilot):
        await settled(pilot, app)
        if window == "tree":
            await pilot.press("d")
            await wait_until(pilot, lambda: app.screen.focused is not app.pane.table)
        elif window == "filter":
            await pilot.press("f")
        elif window == "first":
            app.push_screen(FirstStartScreen(FirstSteps("", "no model is here", 0)))
        else:
            if window == "log":
                app.told.append(Told("08:00:00", "error", "坏.docx: cannot be read"))
                app.told.append(Told("08:00:07", "information", "3 added, 0 were here already"))
            app.show(window)
        await pilot.pause()
        await wait_until(pilot, lambda: window == "tree" or app.screen.query(Static))
        await pilot.pause()

    assert snap_compare(app, terminal_size=(80, 24), run_before=look)
