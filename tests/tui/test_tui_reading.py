"""The reading pane on its own."""

from pathlib import Path

import pytest
from rich.cells import cell_len
from tasks.tasks_support import SIMPLIFIED, TRADITIONAL, article_of, long_text
from textual.geometry import Offset
from textual.selection import Selection
from textual.widgets import Input, Static
from tui.reading_support import PanesApp, shown_lines
from tui.settling import settled, wait_until

PAGE = "分享到：微信 新浪微博 QQ空间\n"


def said(app: PanesApp, where: str) -> str:
    return str(app.query_one(where, Static).render())


async def test_an_article_is_shown_with_its_head_set_for_chinese(tmp_path):
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.article.show(article_of(tmp_path, SIMPLIFIED))
        await pilot.pause()
        lines = shown_lines(app.article)
        assert lines[0].strip() == "青石镇的早市搬进了新棚"
        assert "2026-03-02" in lines[1]
        assert "Simplified" in lines[2]
        assert not any(
            line.strip()[:1] in "，。、；：！？）」』”" for line in lines if line.strip()
        )
        width = app.article.text.size.width
        assert all(cell_len(line) <= width for line in lines)


async def test_the_other_script_is_one_key_away(tmp_path):
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.article.show(article_of(tmp_path, TRADITIONAL))
        app.article.text.focus()
        await pilot.press("t")
        assert any("图书车" in line for line in shown_lines(app.article))
        assert any("shown in Simplified" in line for line in shown_lines(app.article))
        await pilot.press("t")
        assert any("圖書車" in line for line in shown_lines(app.article))


async def test_what_was_cleaned_out_is_shown_on_demand_with_its_reason(tmp_path):
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.article.show(article_of(tmp_path, SIMPLIFIED + "\n" + PAGE))
        app.article.text.focus()
        await pilot.pause()
        assert not any("微博" in line for line in shown_lines(app.article))
        await pilot.press("x")
        lines = shown_lines(app.article)
        assert any("微博" in line for line in lines)
        assert any("buttons to share the page" in line for line in lines)


@pytest.mark.parametrize("words", ["圖書車", "图书车"])
async def test_words_are_found_in_either_script(tmp_path, words):
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.article.show(article_of(tmp_path, TRADITIONAL))
        app.article.text.focus()
        await pilot.press("slash")
        app.query_one("#find-input", Input).value = words
        await pilot.pause()
        text = app.article.text
        assert [text.view.article.text[one.start : one.end] for one in text.hits] == ["圖書車"] * 2
        assert said(app, "#find-count") == "1 of 2"
        await pilot.press("enter", "n")
        assert said(app, "#find-count") == "2 of 2"
        await pilot.press("n")
        assert said(app, "#find-count") == "1 of 2"
        assert any(line.startswith("*") for line in shown_lines(app.article))
        await pilot.press("escape")
        assert not any(line.startswith("*") for line in shown_lines(app.article))


async def test_words_are_sought_from_where_looking_began_while_they_are_typed(tmp_path):
    article = article_of(tmp_path, long_text(30))
    app = PanesApp()
    async with app.run_test(size=(100, 24)) as pilot:
        app.article.show(article)
        await pilot.pause()
        app.article.text.scroll_to(y=30, animate=False)
        await pilot.pause()
        top = app.article.text.top
        app.article.text.focus()
        await pilot.press("slash")
        for words in ("施", "施工", "施工队"):
            app.query_one("#find-input", Input).value = words
            await pilot.pause()
        text = app.article.text
        assert text.hits[text.hit].start == article.text.index("施工队", top)


async def test_words_that_are_not_there_are_said_to_be_so(tmp_path):
    app = PanesApp()
    async with app.run_test(size=(100, 30)) as pilot:
        app.article.show(article_of(tmp_path, SIMPLIFIED))
        app.article.action_find()
        app.query_one("#find-input", Input).value = "不在其中"
        await pilot.pause()
        assert said(app, "#find-count") == "not found"


async def test_a_passage_is_scrolled_to_and_marked_without_colours(tmp_path):
    article = article_of(tmp_path, long_text(30))
    app = PanesApp()
    async with app.run_test(size=(100, 24)) as pilot:
        app.article.show(article)
        await pilot.pause()
        start = article.text.index("桥头第")
        start = article.text.index("桥头第", start + 200)
        app.article.highlight([(start, start + 12)])
        app.article.reveal(start)
        await pilot.pause()
        marked = [line for line in shown_lines(app.article) if line.startswith(">")]
        assert any("桥头第" in line for line in marked)


async def test_text_selected_by_keyboard_is_copied_without_the_breaks_of_lines(tmp_path):
    article = article_of(tmp_path, SIMPLIFIED)
    app = PanesApp()
    async with app.run_test(size=(80, 30)) as pilot:
        app.article.show(article)
        app.article.text.focus()
        start = article.text.index("过去下雨天")
        app.article.highlight([(start, start + 5)])
        await pilot.pause()
        await pilot.press("v", "down", "down", "end", "y")
        copied = app.clipboard
        assert "\n" not in copied
        assert copied in article.text
        assert len(copied) > 40


async def test_text_is_selected_with_the_mouse_by_its_characters(tmp_path):
    article = article_of(tmp_path, SIMPLIFIED)
    app = PanesApp()
    async with app.run_test(size=(80, 30)) as pilot:
        app.article.show(article)
        await pilot.pause()
        lines = shown_lines(app.article)
        row = next(number for number, line in enumerate(lines) if "128" in line)
        text = app.article.text
        column = cell_len(lines[row][: lines[row].index("128")])
        await pilot.mouse_down(text, offset=(column, row))
        await pilot.hover(text, offset=(column + 2, row))
        await pilot.mouse_up(text, offset=(column + 2, row))
        await pilot.pause()
        assert app.screen.get_selected_text() == "128"
        await pilot.click(text, offset=(column, row), times=2)
        await pilot.pause()
        assert app.screen.get_selected_text().strip() == article.text.split("\n\n")[2]


async def test_a_selection_may_run_over_the_edge_of_paragraphs(tmp_path):
    article = article_of(tmp_path, SIMPLIFIED)
    app = PanesApp()
    async with app.run_test(size=(80, 40)) as pilot:
        app.article.show(article)
        await pilot.pause()
        text = app.article.text
        found = text.get_selection(Selection(Offset(0, 0), Offset(500, len(text.page.lines))))
        paragraphs = [one.strip() for one in article.text.split("\n\n") if "2026" not in one]
        assert [one for one in found[0].split("\n") if one in paragraphs] == paragraphs


async def test_an_article_is_left_and_found_again_at_the_same_place(tmp_path):
    first = article_of(tmp_path, long_text(30), "一.txt")
    second = article_of(tmp_path, SIMPLIFIED, "二.txt")
    app = PanesApp()
    async with app.run_test(size=(100, 24)) as pilot:
        app.article.show(first)
        await pilot.pause()
        app.article.text.scroll_to(y=40, animate=False)
        await pilot.pause()
        top = app.article.text.top
        app.article.show(second)
        await pilot.pause()
        assert app.article.text.scroll_offset.y == 0
        app.article.show(first)
        await pilot.pause()
        assert app.article.text.top == top


async def test_the_place_stays_when_the_terminal_shrinks_to_almost_nothing_and_grows(tmp_path):
    article = article_of(tmp_path, long_text(30))
    app = PanesApp()
    async with app.run_test(size=(100, 24)) as pilot:
        app.article.show(article)
        await pilot.pause()
        app.article.text.scroll_to(y=40, animate=False)
        await pilot.pause()
        paragraph = app.article.text.page.lines[40].paragraph
        await pilot.resize_terminal(20, 5)
        await wait_until(pilot, lambda: app.article.text.page.width < 20)
        await pilot.resize_terminal(100, 24)
        await wait_until(pilot, lambda: app.article.text.page.width > 20)
        await pilot.pause()
        text = app.article.text
        assert abs(text.page.lines[text.scroll_offset.y].paragraph - paragraph) <= 1


async def test_a_very_long_article_shows_its_beginning_at_once_and_the_rest_when_it_is_set(
    tmp_path,
):
    article = article_of(tmp_path, long_text(3000))
    assert len(article.text) > 300_000
    app = PanesApp()
    async with app.run_test(size=(100, 24)) as pilot:
        app.article.show(article_of(tmp_path, SIMPLIFIED, "二.txt"))
        await pilot.pause()
        app.article.show(article)
        assert 0 < len(app.article.text.page.lines) < 2000
        await wait_until(pilot, lambda: len(app.article.text.page.lines) > 10_000)
        last = article.passages[-1].start
        app.article.reveal(last)
        await pilot.pause()
        assert any("施工队" in line for line in shown_lines(app.article))
        await pilot.press("t")
        assert app.article.text.page.lines


async def test_a_file_that_changed_or_went_since_it_was_read_is_told_of(tmp_path):
    article = article_of(tmp_path, SIMPLIFIED)
    other = article_of(tmp_path, TRADITIONAL, "二.txt")
    app = PanesApp()
    async with app.run_test(size=(100, 24)) as pilot:
        app.article.show(article)
        await settled(app)
        await pilot.pause()
        assert not app.query_one("#article-disk").display
        Path(article.path).write_text(SIMPLIFIED.replace("128", "129"), encoding="utf-8")
        app.article.check_disk()
        await wait_until(pilot, lambda: "was changed" in said(app, "#article-disk"))
        Path(other.path).unlink()
        app.article.show(other)
        await wait_until(pilot, lambda: "no longer there" in said(app, "#article-disk"))


async def test_an_empty_pane_says_what_to_do():
    app = PanesApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "Choose one" in said(app, "#article-empty")
        assert "no result yet" in said(app, "#result-empty")
