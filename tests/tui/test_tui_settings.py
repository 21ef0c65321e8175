"""The settings screen: every setting explained, checked, kept, and what it changes at once."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from tasks.tasks_support import SIMPLIFIED
from textual.widgets import Input, Select, Static
from tui.settling import wait_until
from tui.tui_support import make_library, scripted_app, shown

from workbench.desk.settings_help import GROUPS
from workbench.i18n import language, use_language
from workbench.settings import Settings, config_file, stored_settings
from workbench.store.library import Library
from workbench.tui.screens.settings import SettingRow, SettingsScreen


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("WORKBENCH_LANGUAGE", raising=False)
    stored_settings.cache_clear()
    yield
    stored_settings.cache_clear()
    use_language("")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with make_library(tmp_path, {"早市.txt": SIMPLIFIED}) as found:
        yield found


def row(app, name: str) -> SettingRow:
    return next(one for one in app.screen.query(SettingRow) if one.setting.name == name)


def written() -> str:
    return config_file().read_text(encoding="utf-8") if config_file().exists() else ""


async def opened(pilot, app) -> None:
    app.show("settings")
    await wait_until(pilot, lambda: isinstance(app.screen, SettingsScreen))
    await wait_until(pilot, lambda: app.screen.query("#setting-context"))


def test_every_setting_is_explained() -> None:
    explained = [one.name for members in GROUPS.values() for one in members]
    assert sorted(explained) == sorted(field.name for field in fields(Settings))


async def test_a_setting_is_checked_as_it_is_typed_and_kept_once_it_is_right(library):
    config_file().parent.mkdir(parents=True)
    config_file().write_text("# 我的\nseed = 7  # 幸运\n", encoding="utf-8")
    stored_settings.cache_clear()
    app = scripted_app(library)
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(pilot, app)
        field = row(app, "context").query_one(Input)
        field.focus()
        field.value = "viel"
        wrong = row(app, "context").query_one(".setting-wrong", Static)
        await wait_until(pilot, lambda: wrong.display)
        await pilot.press("enter")
        assert "context" not in written()
        field.value = "4096"
        await wait_until(pilot, lambda: not wrong.display)
        await pilot.press("enter")
        await wait_until(pilot, lambda: "context = 4096" in written())
        assert "# 我的" in written()
        assert "seed = 7  # 幸运" in written()
        assert app.desk.settings.context == 4096


async def test_a_theme_is_used_and_kept_at_once(library):
    app = scripted_app(library)
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(pilot, app)
        row(app, "theme").query_one(Select).value = "workbench-light"
        await wait_until(pilot, lambda: app.theme == "workbench-light")
        assert 'theme = "workbench-light"' in written()
    again = scripted_app(library, settings=stored_settings())
    assert again.theme == "workbench-light"


async def test_a_language_is_spoken_from_then_on(library):
    app = scripted_app(library)
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(pilot, app)
        row(app, "language").query_one(Select).value = "zh_TW"
        await wait_until(pilot, lambda: language() == "zh_TW")
        assert stored_settings().language == "zh_TW"


async def test_what_the_environment_sets_is_shown_and_cannot_be_changed_here(library, monkeypatch):
    monkeypatch.setenv("WORKBENCH_SEED", "9")
    stored_settings.cache_clear()
    app = scripted_app(library)
    async with app.run_test(size=(100, 60)) as pilot:
        await opened(pilot, app)
        assert row(app, "seed").query_one(Input).disabled
        row(app, "seed").scroll_visible(animate=False)
        await wait_until(pilot, lambda: "WORKBENCH_SEED" in shown(app))


async def test_a_file_that_cannot_be_written_is_told(library, monkeypatch):
    def refused(*_given: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("workbench.settings_file.write_atomically", refused)
    app = scripted_app(library)
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(pilot, app)
        field = row(app, "context").query_one(Input)
        field.focus()
        field.value = "2048"
        await pilot.press("enter")
        wrong = row(app, "context").query_one(".setting-wrong", Static)
        await wait_until(pilot, lambda: "Permission denied" in str(wrong.render()))


async def test_settings_of_results_hold_from_the_next_job_on(library):
    app = scripted_app(library)
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(pilot, app)
        row(app, "length").query_one(Select).value = "short"
        await wait_until(pilot, lambda: app.desk.settings.length == "short")
        await pilot.press("escape")
        app.summarize([1])
        await wait_until(pilot, lambda: library.results_of(1))
        assert app.desk.jobs()[0].work.length == "short"
