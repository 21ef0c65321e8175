"""What works everywhere: help, commands, keys, log, first steps, sizes, bad days, quitting."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from tasks.tasks_support import SIMPLIFIED, TRADITIONAL
from textual.command import CommandPalette
from textual.widgets import Input, Static
from tui.settling import wait_until
from tui.tui_support import listed, make_library, scripted_app, shown

from workbench.desk.desk import Desk
from workbench.i18n import N_
from workbench.settings import stored_settings
from workbench.store.library import Library
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens import registry
from workbench.tui.screens.first_start import FirstStartScreen
from workbench.tui.screens.help import HelpScreen
from workbench.tui.screens.log import LogScreen
from workbench.tui.screens.missing import MissingScreen

TEXTS = {"早市.txt": SIMPLIFIED, "圖書車.txt": TRADITIONAL}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WORKBENCH_LANGUAGE", "en")
    stored_settings.cache_clear()
    yield tmp_path / "home"
    stored_settings.cache_clear()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with make_library(tmp_path, TEXTS) as found:
        yield found


def configured(home: Path, text: str) -> None:
    (home / "config").mkdir(parents=True, exist_ok=True)
    (home / "config" / "config.toml").write_text(text, encoding="utf-8")


def has_id(app: WorkbenchApp, name: str) -> bool:
    return any(active.binding.id == name for active in app.screen.active_bindings.values())


async def test_help_shows_the_keys_of_what_has_the_focus(library):
    app = scripted_app(library)
    async with app.run_test(size=(100, 50)) as pilot:
        await listed(pilot, app, 2)
        await pilot.press("f1")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await wait_until(pilot, lambda: "articles.mark_all" in shown(app))
        await pilot.press("escape", "slash", "f1")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await wait_until(pilot, lambda: "library.clear" in shown(app))
        assert "articles.mark_all" not in shown(app)


async def test_every_key_of_our_own_has_an_id(library):
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 2)
        for name in ("library", "compare", "ask", "queue"):
            app.show(name)
            await pilot.pause()
            own = [
                binding
                for node, bindings in app.screen._modal_binding_chain
                if type(node).__module__.startswith("workbench.")
                for binding in vars(type(node)).get("BINDINGS", ())
                if bindings
            ]
            assert [one for one in own if not one.id] == []


async def test_keys_can_be_changed_in_the_settings(library, home):
    configured(home, '[keys]\n"app.help" = "f12"\n"library.search" = "ctrl+y"\n')
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 2)
        await pilot.press("f12")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("escape", "ctrl+y")
        await wait_until(pilot, lambda: isinstance(app.screen.focused, Input))


async def test_wrong_keys_in_the_settings_are_told_and_the_others_work(library, home):
    configured(home, '[keys]\n"app.help" = 7\n')
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 2)
        assert any("[keys]" in one.text for one in app.told)


async def test_commands_are_found_by_what_they_do(library):
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 2)
        await pilot.press("ctrl+p")
        await wait_until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"queue: show")
        await wait_until(pilot, lambda: "What runs, waits" in shown(app))
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: type(app.screen).__name__ == "QueueScreen")


async def test_toasts_can_be_read_again_and_copied(library):
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 2)
        app.notify("早市.txt: [bold]不是标记[/bold]", severity="error")
        app.show("log")
        await wait_until(pilot, lambda: isinstance(app.screen, LogScreen))
        await wait_until(pilot, lambda: "x 早市.txt: [bold]不是标记[/bold]" in shown(app))
        await pilot.press("y")
        assert "不是标记" in app.copied


async def test_without_a_model_and_articles_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_MODELS", str(tmp_path / "none"))
    with Library.open(tmp_path / "library.db") as library:
        app = scripted_app(library)
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_until(pilot, lambda: "There is no article yet" in shown(app))
            app.action_first_steps(again=False)
            await wait_until(pilot, lambda: isinstance(app.screen, FirstStartScreen))
            await wait_until(pilot, lambda: "there is no model on this machine yet" in shown(app))
            await pilot.click("#first-add")
            await wait_until(pilot, lambda: type(app.screen).__name__ == "AddScreen")


async def test_a_screen_that_is_not_installed_says_so(library, monkeypatch):
    monkeypatch.setitem(registry._PLACES, "models", ("workbench.tui.screens.none", "None"))
    app = scripted_app(library)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(pilot, app, 2)
        app.show("models")
        await wait_until(pilot, lambda: isinstance(app.screen, MissingScreen))
        await wait_until(pilot, lambda: "cannot be opened" in shown(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is app.main)


async def test_a_terminal_made_tiny_and_large_again_loses_nothing(library):
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 2)
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.article_id == 2)
        await pilot.resize_terminal(20, 5)
        for key in ("f2", "down", "f3", "pagedown", "f4", "f1", "escape"):
            await pilot.press(key)
        await pilot.resize_terminal(140, 40)
        await wait_until(pilot, lambda: "圖書車" in shown(app) and "早市" in shown(app))
        assert app.main.article_view.article is not None


@pytest.mark.parametrize(("width", "panes"), [(80, 1), (100, 2), (130, 3), (200, 3)])
async def test_as_many_panes_are_shown_as_there_is_room_for(library, width, panes):
    app = scripted_app(library)
    async with app.run_test(size=(width, 24)) as pilot:
        await listed(pilot, app, 2)
        for key, name in (("f2", "library"), ("f3", "article"), ("f4", "result")):
            await pilot.press(key)
            shown_now = [one.id for one in app.main.query("#panes > *") if one.display]
            assert len(shown_now) == panes
            assert name in shown_now


async def test_a_locked_library_is_told_in_a_line_and_goes_on_when_it_is_free(library, monkeypatch):
    monkeypatch.setattr("workbench.tui.widgets.library_pane._AGAIN_SECONDS", 0.05)
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 2)

        def locked(*_given: object) -> int:
            from workbench.errors import LibraryError

            raise LibraryError("is in use by another program", path=library.path)

        with monkeypatch.context() as patched:
            patched.setattr("workbench.tui.widgets.library_pane.count", locked)
            app.pane.look_again()
            await wait_until(pilot, lambda: app.pane.has_class("-failed"))
            await wait_until(pilot, lambda: "another" in shown(app))
        await wait_until(pilot, lambda: not app.pane.has_class("-failed"))
        assert "2 articles" in str(app.pane.query_one("#library-line", Static).render())


async def test_reading_goes_on_while_another_program_writes(library):
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 2)
        other = sqlite3.connect(library.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            await pilot.press("enter")
            await wait_until(pilot, lambda: app.article_id == 2)
            app.pane.query_one("#library-words", Input).value = "早市"
            await listed(pilot, app, 1)
        finally:
            other.execute("ROLLBACK")
            other.close()


async def test_quitting_while_work_runs_leaves_it_for_the_next_start(library):
    app = scripted_app(library)
    app.gate.shut()
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 2)
        await pilot.press("asterisk", "s")
        await wait_until(pilot, lambda: app.engine.requests)
        app.gate.open()
        await pilot.press("ctrl+q")
    states = {job.state for job in Desk(stored_settings(), library).jobs()}
    assert states <= {"waiting", "done"}
    again = scripted_app(library)
    async with again.run_test(size=(140, 40)) as pilot:
        await wait_until(pilot, lambda: {job.state for job in again.desk.jobs()} == {"done"})
        assert len(library.results_of(1)) == len(library.results_of(2)) == 1


async def test_the_app_speaks_the_language_of_the_settings(library, monkeypatch):
    monkeypatch.setattr("workbench.tui.widgets.keys_footer._", lambda text: f"<{text}>")
    app = scripted_app(library)
    async with app.run_test(size=(140, 40)) as pilot:
        await listed(pilot, app, 2)
        await wait_until(pilot, lambda: f"<{N_('Summarise')}>" in shown(app))
