"""The panes in the app's own main screen, where only some fit."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tasks.tasks_support import SIMPLIFIED, TRADITIONAL, ScriptedEngine, extract, summary
from tui.compare_support import compared
from tui.reading_support import shown_lines
from tui.screens_support import Gate, ScriptedSession, StoppableEngine, until

from workbench.articles.reader import read_article
from workbench.desk.desk import Desk
from workbench.settings import Settings
from workbench.store.library import Library
from workbench.tasks.recording import Recorder
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.main import MainScreen
from workbench.tui.widgets.library_pane import LibraryPane


@pytest.fixture
def app(tmp_path: Path) -> Iterator[WorkbenchApp]:
    library = Library.open(tmp_path / "library.db")
    for name, text in (("早市.txt", SIMPLIFIED), ("圖書車.txt", TRADITIONAL)):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        library.add(read_article(path))
    engine = StoppableEngine(Gate(extract))
    settings = Settings(model="scripted")
    desk = Desk(settings, library, lambda *_given: ScriptedSession(engine))  # type: ignore[arg-type, return-value]
    yield WorkbenchApp(settings, library, desk)
    library.close()


def main_screen(app: WorkbenchApp) -> MainScreen:
    assert isinstance(app.screen, MainScreen)
    return app.screen


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (140, 40)])
async def test_one_reads_has_it_summarised_and_looks_a_point_up(app, size):
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        app.open_article(2)
        await until(pilot, lambda: main_screen(app).article_id == 2)
        screen = main_screen(app)
        await until(pilot, lambda: screen.article_view.text.page is not None)
        screen.article_view.text.focus()
        await pilot.press("s")
        await until(pilot, lambda: screen.result_view.result is not None)
        assert screen.result_view.text_view.has_focus
        assert screen.result_view.text_view.region.width > 0
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: screen.article_view.text.has_focus)
        await pilot.pause()
        assert screen.article_view.text.region.width > 0
        await until(
            pilot, lambda: any(line.startswith(">") for line in shown_lines(screen.article_view))
        )


async def test_the_open_article_is_summarised_from_the_library(app):
    async with app.run_test(size=(140, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        await until(pilot, lambda: main_screen(app).query_one(LibraryPane).chosen())
        (article_id,) = main_screen(app).query_one(LibraryPane).chosen()
        await pilot.press("enter")
        await until(pilot, lambda: main_screen(app).article_id == article_id)
        await pilot.press("s")
        await until(pilot, lambda: main_screen(app).result_view.result is not None)


async def test_spans_are_shown_wherever_one_comes_from(app):
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        start = SIMPLIFIED.index("不方便")
        app.open_article(1, [(start, start + 3)])
        await until(pilot, lambda: main_screen(app).article_id == 1)
        view = main_screen(app).article_view
        await until(pilot, lambda: view.text.page is not None and view.text.size.width)
        await until(
            pilot,
            lambda: any(line.startswith(">") and "不方便" in line for line in shown_lines(view)),
        )


async def test_an_article_shows_its_own_summary_and_not_a_later_comparison(app, tmp_path):
    articles = [app.library.get(number) for number in (1, 2)]
    with Recorder(print, app.library.path) as recorder:
        recorder.record([articles[0]], summary(articles[0], ScriptedEngine(extract)))
    compared(app.library, articles, folder=tmp_path / "digests")
    async with app.run_test(size=(140, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        app.open_article(1)
        screen = main_screen(app)
        await until(pilot, lambda: screen.result_view.result is not None)
        assert [one.task for one in screen.look_up_results()] == ["compare", "summarize"]
        app.open_article(2)  # it has no summary: the comparison is shown
        await until(pilot, lambda: "圖書" in "".join(shown_lines(screen.result_view)))
        assert screen.result_view.result is None
