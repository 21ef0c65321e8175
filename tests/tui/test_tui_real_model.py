"""The app with the real 0.5B model: an article is opened, summarised and asked about."""

from pathlib import Path
from typing import Any

import pytest
from tasks.tasks_support import SIMPLIFIED
from textual.pilot import Pilot
from tui.tui_support import shown

from workbench.articles.reader import read_article
from workbench.settings import settings_with, stored_settings
from workbench.store.library import Library
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.main import MainScreen


async def until(pilot: Pilot[Any], holds: Any) -> None:
    """Wait as long as a small model may take on a busy machine."""
    for _turn in range(6000):
        if holds():
            return
        await pilot.pause(0.05)
    raise AssertionError("it does not come true")


@pytest.mark.real_model
async def test_a_real_model_summarises_the_open_article_and_the_result_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, real_model: Path
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "en")
    stored_settings.cache_clear()
    source = tmp_path / "早市.txt"
    source.write_text(SIMPLIFIED, encoding="utf-8")
    with Library.open(tmp_path / "library.db") as library:
        article_id = library.add(read_article(source)).id
        settings = settings_with(model=str(real_model), length="short", context=2048)
        app = WorkbenchApp(settings, library)
        async with app.run_test(size=(140, 40)) as pilot:
            await until(pilot, lambda: isinstance(app.screen, MainScreen))
            main = app.screen
            assert isinstance(main, MainScreen)
            app.open_article(article_id)
            await until(pilot, lambda: main.article_id == article_id)
            main.action_summarize()
            await until(pilot, lambda: main.result_view.result is not None)
            result = main.result_view.result
            assert result is not None
            assert result.points
            assert result.coverage.passages_read == result.coverage.passages_total
            assert result.points[0].text[:6] in shown(app).replace("\n", "")
            assert app.desk.engine_state.phase == "ready"
        (stored,) = library.results_of(article_id)
        assert stored.result["model"]["sha256"]
        for point in stored.result["points"]:
            for citation in point["citations"]:
                text = library.get(article_id).text
                assert text[citation["start"] : citation["end"]] == citation["quote"]
    stored_settings.cache_clear()
