"""The panes drawn: three sizes, both kinds of theme, both scripts."""

import pytest
from tasks.tasks_support import SIMPLIFIED, TRADITIONAL, article_of
from tui.reading_support import PanesApp, made_result, with_wrong_facts
from tui.settling import settled

from workbench.tasks.stored import result_from
from workbench.tui.reading.progress_line import progress_line
from workbench.tui.themes import DARK, LIGHT

SIZES = [(80, 24), (100, 30), (140, 40)]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("source", [SIMPLIFIED, TRADITIONAL], ids=["simplified", "traditional"])
def test_the_panes_at_a_size(snap_compare, tmp_path, size, theme, source):
    result = made_result(tmp_path, source)
    if source is SIMPLIFIED:
        result = with_wrong_facts(result)
    article = article_of(tmp_path, source)
    app = PanesApp()
    app.theme = theme

    async def look(pilot):
        app.article.show(article)
        app.result.show_result(result, about="2026-11-28 07:10")
        await pilot.pause()
        app.result.text_view.focus()
        await pilot.press("down", "down")
        await settled(app)
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=look)


def test_what_was_cleaned_out_and_words_found(snap_compare, tmp_path):
    article = article_of(tmp_path, TRADITIONAL + "\n分享到：微信 新浪微博 QQ空间\n")
    app = PanesApp()

    async def look(pilot):
        app.article.show(article, removed=True, script="simplified")
        await pilot.pause()
        app.article.text.focus()
        await pilot.press("slash")
        app.query_one("#find-input").value = "图书"
        await pilot.press("enter")
        await settled(app)
        await pilot.pause()

    assert snap_compare(app, terminal_size=(100, 30), run_before=look)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_a_result_on_its_way_after_the_engine_died(snap_compare, tmp_path, theme):
    result = result_from(made_result(tmp_path, TRADITIONAL))
    app = PanesApp()
    app.theme = theme

    async def look(pilot):
        app.article.show(article_of(tmp_path, TRADITIONAL))
        view = app.result
        view.begin(1, 1)
        view._spinner.stop()
        view.point(result.points[0])
        view.progress(progress_line("reading", 300, 1200, 85.0, 10.6, 2, 3))
        view.text("去年台風過後，海邊兩所學校")
        view.again("the engine's process ended")
        await settled(app)
        await pilot.pause()

    assert snap_compare(app, terminal_size=(80, 24), run_before=look)
