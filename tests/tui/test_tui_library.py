"""The library: searching, filtering, marking, tags, collections, removal, adding."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tasks.tasks_support import SIMPLIFIED, TRADITIONAL
from textual.events import Paste
from textual.widgets import Input, OptionList, Select, Static
from tui.settling import wait_until
from tui.tui_support import listed, make_library, scripted_app, shown, titles

from workbench.desk import adding
from workbench.desk.first_steps import FirstSteps
from workbench.desk.shelves import Shelf, looked_up
from workbench.store.library import Library
from workbench.store.standing import NEW, SUMMARISED
from workbench.tui.dialogs.confirm import ConfirmDialog
from workbench.tui.dialogs.text import TextDialog
from workbench.tui.screens.add import AddScreen
from workbench.tui.screens.filters import FiltersForm
from workbench.tui.screens.first_start import FirstStartScreen
from workbench.tui.widgets.folders import Branch, FolderTree
from workbench.tui.widgets.library_pane import LibraryPane

TEXTS = {
    "早市.txt": SIMPLIFIED,
    "圖書車.txt": TRADITIONAL,
    "水库.txt": "白沙水库开始蓄水\n\n2025年11月20日\n\n白沙水库20日开始蓄水，库容为3.2亿立方米。\n",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "en")
    return tmp_path


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with make_library(tmp_path, TEXTS) as found:
        yield found


def line(app) -> str:
    return str(app.pane.query_one("#library-line", Static).render())


@pytest.mark.parametrize("words", ["圖書車", "图书车"])
async def test_words_find_articles_in_either_script_as_they_are_typed(library, words):
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 3)
        await pilot.press("slash")
        app.screen.focused.insert_text_at_cursor(words)
        await listed(pilot, app, 1)
        assert "圖書車" in titles(app)[0]
        await pilot.press("enter")
        assert app.screen.focused is app.pane.table
        await pilot.press("escape")
        await listed(pilot, app, 3)


async def test_words_that_are_nowhere_say_so(library):
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 3)
        app.pane.query_one("#library-words", Input).value = "飞碟"
        await listed(pilot, app, 0)
        await wait_until(pilot, lambda: "No article holds these words." in shown(app))


async def test_what_was_looked_up_for_earlier_words_does_not_replace_later_ones(
    library, monkeypatch
):
    held, free = threading.Event(), threading.Event()

    def slow(given: Library, shelf: Shelf, words: str) -> Shelf:
        if words == "早市":
            held.set()
            free.wait(90)
        return looked_up(given, shelf, words)

    told: list[int] = []
    hear = LibraryPane.on_library_pane_looked_up

    def heard(pane: LibraryPane, message: LibraryPane.LookedUp) -> None:
        told.append(message.wish)
        hear(pane, message)

    monkeypatch.setattr("workbench.tui.widgets.library_pane.looked_up", slow)
    monkeypatch.setattr(LibraryPane, "on_library_pane_looked_up", heard)
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 3)
        words = app.pane.query_one("#library-words", Input)
        try:
            words.value = "早市"
            await wait_until(pilot, held.is_set)
            words.value = "水库"
            await wait_until(pilot, lambda: titles(app) == ["白沙水库开始蓄水"])
        finally:
            free.set()
        await wait_until(pilot, lambda: told[-2:] == [3, 2])
        assert titles(app) == ["白沙水库开始蓄水"]


async def test_the_tree_shows_a_status_a_collection_and_a_source(library):
    library.collect("水利", [3])
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 3)
        await pilot.press("d")
        tree = app.pane.query_one(FolderTree)
        assert app.screen.focused is tree
        await wait_until(pilot, lambda: "Collections" in shown(app))
        tree.post_message(FolderTree.Picked(Branch("collection", "水利")))
        await listed(pilot, app, 1)
        assert "水利" in line(app)
        tree.post_message(FolderTree.Picked(Branch("status", SUMMARISED)))
        await listed(pilot, app, 0)
        await wait_until(pilot, lambda: "No article is so." in shown(app))
        tree.post_message(FolderTree.Picked(Branch("status", NEW)))
        await listed(pilot, app, 3)


async def test_headings_of_the_tree_open_and_lines_of_it_are_shown(library, tmp_path):
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 3)
        await pilot.press("d", "down", "enter")
        await wait_until(pilot, lambda: "summarised  0" in shown(app))
        await pilot.press("down", "down", "down", "enter")
        await listed(pilot, app, 0)
        await pilot.press("home", "enter")
        await listed(pilot, app, 3)
        await pilot.press("down", "left")
        await wait_until(pilot, lambda: "summarised  0" not in shown(app))


async def test_filters_are_checked_while_they_are_typed(library):
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 3)
        await pilot.press("f")
        await wait_until(pilot, lambda: isinstance(app.screen, FiltersForm))
        begins = app.screen.query_one("#filter-from", Input)
        begins.value = "gestern"
        await wait_until(pilot, lambda: "is not a date" in shown(app))
        await pilot.press("ctrl+s")
        assert isinstance(app.screen, FiltersForm)
        begins.value = "2026"
        app.screen.query_one("#filter-script", Select).value = "simplified"
        await pilot.press("ctrl+s")
        await listed(pilot, app, 1)
        assert titles(app) == ["青石镇的早市搬进了新棚"]
        assert "simplified" in line(app)
        await pilot.press("f")
        await wait_until(pilot, lambda: isinstance(app.screen, FiltersForm))
        await pilot.press("ctrl+r")
        await listed(pilot, app, 3)


async def test_orders_go_round(library):
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 3)
        assert titles(app)[0] == "白沙水库开始蓄水"
        await pilot.press("o")
        await wait_until(pilot, lambda: "by date" in line(app))
        assert titles(app)[-1] == "白沙水库开始蓄水"


async def test_many_are_marked_and_given_tags_and_a_collection(library):
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 3)
        await pilot.press("asterisk")
        await wait_until(pilot, lambda: len(app.selected) == 3)
        assert "3 marked" in line(app)
        await pilot.press("t")
        await wait_until(pilot, lambda: isinstance(app.screen, TextDialog))
        await wait_until(pilot, lambda: isinstance(app.screen.focused, Input))
        app.screen.query_one(Input).value = "民生 水"
        await pilot.press("enter")
        await wait_until(pilot, lambda: library.tags() == {"民生": 3, "水": 3})
        await pilot.press("minus", "home", "space")
        await wait_until(pilot, lambda: app.marked == [3])
        await pilot.press("c")
        await wait_until(pilot, lambda: isinstance(app.screen, TextDialog))
        await wait_until(pilot, lambda: isinstance(app.screen.focused, Input))
        app.screen.query_one(Input).value = "水利"
        await pilot.press("enter")
        await wait_until(pilot, lambda: library.collections() == {"水利": 1})


async def test_articles_that_were_removed_are_marked_no_longer(library):
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 3)
        await pilot.press("space", "space", "delete")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.click("#confirm-yes")
        await listed(pilot, app, 1)
        await wait_until(pilot, lambda: app.marked == [])
        assert "marked" not in line(app)


async def test_removing_asks_first(library):
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 3)
        await pilot.press("delete")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        assert "白沙水库开始蓄水" in shown(app)
        await pilot.press("enter")
        await pilot.pause()
        assert library.count() == 3
        await pilot.press("delete")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.click("#confirm-yes")
        await listed(pilot, app, 2)
        assert library.count() == 2


async def test_the_preview_shows_how_an_article_begins(library):
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 3)
        await pilot.press("p")
        await wait_until(pilot, lambda: "库容为3.2亿" in shown(app))
        await pilot.press("down")
        await wait_until(pilot, lambda: "圖書車" in shown(app).split("立方米")[-1])


async def test_files_and_folders_are_added_and_what_fails_is_told(library, tmp_path):
    folder = tmp_path / "新的"
    folder.mkdir()
    (folder / "一.txt").write_text("河口大桥合龙\n\n河口大桥5月1日合龙，全长880米。\n", "utf-8")
    (folder / "坏.docx").write_bytes(b"PK\x03\x04 no archive")
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 3)
        await pilot.press("a")
        await wait_until(pilot, lambda: isinstance(app.screen, AddScreen))
        await wait_until(pilot, lambda: isinstance(app.screen.focused, Input))
        field = app.screen.query_one(Input)
        field.value = str(tmp_path / "新")
        await wait_until(pilot, lambda: app.screen.query_one("#add-offers").display)
        await pilot.press("tab")
        assert field.value == f"{folder}/"
        await pilot.press("enter")
        await listed(pilot, app, 4)
        await wait_until(pilot, lambda: "1 failed" in shown(app))
        failed = app.screen.query_one("#add-failed", OptionList)
        assert "坏.docx" in str(failed.get_option_at_index(0).prompt)


async def test_keys_work_in_an_empty_library_from_the_first(tmp_path):
    with Library.open(tmp_path / "library.db") as empty:
        app = scripted_app(empty)
        async with app.run_test(size=(140, 40)) as pilot:
            assert app.focused is app.pane.table
            await wait_until(pilot, lambda: "Press a to add" in shown(app))
            assert app.focused is app.pane.table
            await pilot.press("a")
            await wait_until(pilot, lambda: isinstance(app.screen, AddScreen))
            assert app.pane.query_one("#library-words", Input).value == ""


async def test_files_dropped_on_the_terminal_are_taken_as_paths(library, tmp_path):
    for name in ("甲 一.txt", "乙.txt"):
        (tmp_path / name).write_text(f"{name}的标题\n\n正文写在{name}这里。\n", "utf-8")
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 3)
        await pilot.press("a")
        await wait_until(pilot, lambda: isinstance(app.screen, AddScreen))
        await wait_until(pilot, lambda: isinstance(app.screen.focused, Input))
        field = app.screen.query_one(Input)
        field.post_message(Paste(f"'{tmp_path / '甲 一.txt'}' {tmp_path / '乙.txt'}"))
        await wait_until(pilot, lambda: " ; " in field.value)
        await pilot.press("enter")
        await listed(pilot, app, 5)


@pytest.mark.parametrize("first_steps", [False, True])
async def test_files_dropped_on_the_main_screen_are_offered_to_be_added(
    library, tmp_path, first_steps
):
    (tmp_path / "丙.txt").write_text("丙的标题\n\n正文写在这里。\n", "utf-8")
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 3)
        if first_steps:
            app.push_screen(FirstStartScreen(FirstSteps("", "no model", 0)))
            await wait_until(pilot, lambda: isinstance(app.screen, FirstStartScreen))
        app.post_message(Paste("丙的标题"))
        app.post_message(Paste(f"{tmp_path / '丙.txt'}"))
        await wait_until(pilot, lambda: isinstance(app.screen, AddScreen))
        await wait_until(pilot, lambda: isinstance(app.screen.focused, Input))
        await wait_until(pilot, lambda: str(tmp_path) in app.screen.query_one(Input).value)
        await pilot.press("enter")
        await listed(pilot, app, 4)


async def test_adding_ends_after_a_file_when_the_app_is_closed(library, monkeypatch):
    asked, over = threading.Event(), threading.Event()

    def endless(_library: Library, _inputs: object, _observer: object, stopped) -> adding.Added:
        deadline = time.monotonic() + 90
        while not stopped() and time.monotonic() < deadline:
            asked.set()
            over.wait(0.01)
        if stopped():
            over.set()
        return adding.Added(stopped=True)

    monkeypatch.setattr(adding, "add", endless)
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 3)
        await pilot.press("a")
        await wait_until(pilot, lambda: isinstance(app.screen, AddScreen))
        await wait_until(pilot, lambda: isinstance(app.screen.focused, Input))
        app.screen.query_one(Input).value = "somewhere"
        await pilot.press("enter")
        await wait_until(pilot, asked.is_set)
        await pilot.press("ctrl+q")
    assert over.wait(90)


async def test_many_marked_articles_wait_to_be_summarised_and_their_status_changes(library):
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 3)
        await pilot.press("asterisk", "s")
        await wait_until(pilot, lambda: len(library.results_of(1)) == 1)
        await wait_until(pilot, lambda: app.pane.table.row_at(0).status != NEW)


async def test_a_watched_folder_brings_articles(library, tmp_path):
    folder = tmp_path / "watched"
    folder.mkdir()
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 3)
        app.show("watched")
        await wait_until(pilot, lambda: app.screen.query("PathInput"))
        field = app.screen.query_one(Input)
        field.value = str(folder / "nowhere")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "is no folder" in shown(app))
        field.value = str(folder)
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.watcher.folders() == [folder])
        await pilot.press("escape")
        (folder / "新来.txt").write_text("新来的文章\n\n它写于3月5日，共三句。\n", "utf-8")
        await listed(pilot, app, 4)
