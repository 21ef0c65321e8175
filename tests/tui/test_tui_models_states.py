"""The models screen where something is missing, and the form of how models are run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tasks.tasks_support import SIMPLIFIED, extract
from textual.widgets import Input, Static
from tiny_gguf import write
from tui.screens_support import ScreenHost, shown, until
from tui.settling import settled

from workbench.articles.reader import read_article
from workbench.catalog.registry import add, installed
from workbench.desk import machines
from workbench.engine.about import NativeReport
from workbench.settings import stored_settings
from workbench.store.library import Library
from workbench.tui.dialogs.model_file import ModelFileDialog
from workbench.tui.screens.model_setup import ModelSetup
from workbench.tui.screens.models import ModelsScreen
from workbench.tui.themes import DARK, LIGHT
from workbench.tui.widgets.model_table import ModelTable


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("WORKBENCH_MODELS", raising=False)
    monkeypatch.setattr(machines, "report", NativeReport)
    monkeypatch.setattr("psutil.cpu_count", lambda **_given: 4)
    monkeypatch.setattr("workbench.catalog.fit.available_memory", lambda: 3_000_000_000)
    stored_settings.cache_clear()
    yield
    stored_settings.cache_clear()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.db") as found:
        path = tmp_path / "0.txt"
        path.write_text(SIMPLIFIED, encoding="utf-8")
        found.add(read_article(path))
        yield found


def line(host: ScreenHost, name: str) -> str:
    return str(host.screen.query_one(name, Static).content)


async def listed(host: ScreenHost, pilot: Any) -> ModelTable:
    await until(
        pilot,
        lambda: isinstance(host.screen, ModelsScreen) and host.screen.query_one(ModelTable).models,
    )
    return host.screen.query_one(ModelTable)


async def opened(host: ScreenHost, pilot: Any) -> ModelSetup:
    table = await listed(host, pilot)
    table.move_cursor(row=[one.name for one in table.models].index("mine"))
    await pilot.press("e")
    await until(pilot, lambda: isinstance(host.screen, ModelSetup) and line(host, "#setup-total"))
    assert isinstance(host.screen, ModelSetup)
    return host.screen


async def test_without_a_model_the_screen_says_which_to_get_and_stands_on_it(
    library: Library,
) -> None:
    host = ScreenHost(library, ModelsScreen, extract)
    async with host.run_test(size=(100, 30)) as pilot:
        table = await listed(host, pilot)
        await until(pilot, lambda: "can be got with the key p" in line(host, "#models-trouble"))
        await until(pilot, lambda: table.chosen and table.chosen.name == "qwen2.5-0.5b")
        assert "no model is loaded" in line(host, "#models-engine")


async def test_a_file_deleted_while_its_model_is_in_use_is_told(
    library: Library, tmp_path: Path
) -> None:
    path = write(tmp_path / "mine.gguf")
    add(path, name="mine")
    host = ScreenHost(library, ModelsScreen, extract)
    host.desk.use_model("mine")
    async with host.run_test(size=(100, 30)) as pilot:
        await listed(host, pilot)
        await until(pilot, lambda: host.desk.engine_state.phase == "ready")
        assert not host.screen.query_one("#models-trouble").display
        path.unlink()
        await pilot.press("r")
        await until(pilot, lambda: "the file of mine is gone" in line(host, "#models-trouble"))
        add(write(tmp_path / "other.gguf"), name="other")
        await pilot.press("r")
        table = host.screen.query_one(ModelTable)
        await until(pilot, lambda: "other" in [one.name for one in table.models])
        table.move_cursor(row=[one.name for one in table.models].index("other"))
        await until(pilot, lambda: table.chosen and table.chosen.name == "other")
        await pilot.press("u")
        await until(pilot, lambda: not host.screen.query_one("#models-trouble").display)


async def test_a_file_is_added_under_a_name(library: Library, tmp_path: Path) -> None:
    path = write(tmp_path / "model.gguf")
    host = ScreenHost(library, ModelsScreen, extract)
    async with host.run_test(size=(100, 30)) as pilot:
        await listed(host, pilot)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(host.screen, ModelFileDialog))
        host.screen.query_one(Input).value = str(path)
        host.screen.query_one("#model-name", Input).value = "早报用"
        host.screen.query_one("#model-name", Input).focus()
        await pilot.press("enter")
        await until(pilot, lambda: [one.name for one in installed()] == ["早报用"])
        await until(
            pilot, lambda: isinstance(host.screen, ModelsScreen) and "早报用" in shown(host)
        )


async def test_the_form_begins_with_its_first_field_and_what_it_means(
    library: Library, tmp_path: Path
) -> None:
    add(write(tmp_path / "mine.gguf"), name="mine")
    host = ScreenHost(library, ModelsScreen, extract)
    async with host.run_test(size=(80, 24)) as pilot:
        await opened(host, pilot)
        await until(pilot, lambda: "context: Tokens the model sees at once" in shown(host))


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (140, 40)])
@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_the_form_is_drawn(
    library: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    snap_compare: Any,
    size: tuple[int, int],
    theme: str,
) -> None:
    # Behind the form stands the folder of the test, another each time.
    monkeypatch.setattr("workbench.tui.screens.models.about", lambda one: [one.name])
    add(write(tmp_path / "mine.gguf"), name="mine")

    async def ready(pilot: Any) -> None:
        await opened(pilot.app, pilot)
        await until(pilot, lambda: "context: Tokens" in shown(pilot.app))
        await settled(pilot.app)
        await until(pilot, lambda: isinstance(pilot.app.screen.focused, Input))
        pilot.app.screen.set_focus(None)  # a cursor that blinks is drawn or not
        await pilot.pause()

    host = ScreenHost(library, ModelsScreen, extract, theme)
    assert snap_compare(host, terminal_size=size, run_before=ready)
