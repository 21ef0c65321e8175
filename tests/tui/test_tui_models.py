"""The models screen: what there is, changing it while work waits, getting, checking, removing."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tasks.tasks_support import SIMPLIFIED, extract
from textual.app import App
from textual.widgets import Button, Input, Static
from tiny_gguf import write
from tui.screens_support import ScreenHost, shown, until
from tui.settling import settled, wait_until
from tui.tui_support import listed as rows_listed
from tui.tui_support import make_library, scripted_app

from workbench.articles.reader import read_article
from workbench.catalog import pull as pulling
from workbench.catalog.progress import Progress
from workbench.catalog.registry import add, installed
from workbench.desk import machines
from workbench.desk.models import about
from workbench.engine.about import NativeReport
from workbench.errors import ModelError
from workbench.settings import stored_settings
from workbench.store.library import Library
from workbench.tasks.work import Work
from workbench.tui.dialogs.confirm import ConfirmDialog
from workbench.tui.dialogs.model_file import ModelFileDialog
from workbench.tui.screens.model_setup import ModelSetup
from workbench.tui.screens.models import ModelsScreen
from workbench.tui.themes import DARK, LIGHT
from workbench.tui.widgets.model_table import ModelTable

SIZES = [(80, 24), (100, 30), (140, 40)]


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(machines, "report", NativeReport)
    monkeypatch.setattr("workbench.catalog.fit.available_memory", lambda: 3_000_000_000)
    stored_settings.cache_clear()
    add(write(tmp_path / "甲.gguf"), name="first")
    second = tmp_path / "乙.gguf"
    second.write_bytes((tmp_path / "甲.gguf").read_bytes())
    add(second, name="second")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.db") as found:
        for number in range(2):
            path = tmp_path / f"{number}.txt"
            path.write_text(SIMPLIFIED + "终" * number, encoding="utf-8")
            found.add(read_article(path))
        yield found
    stored_settings.cache_clear()


def host_of(library: Library, theme: str = DARK) -> ScreenHost:
    return ScreenHost(library, ModelsScreen, extract, theme)


def table(host: App[None]) -> ModelTable:
    return host.screen.query_one(ModelTable)


def line(host: App[None], name: str) -> str:
    return str(host.screen.query_one(name, Static).content)


def listed(host: App[None]) -> Callable[[], object]:
    return lambda: isinstance(host.screen, ModelsScreen) and table(host).models


async def at(host: App[None], pilot: Any, name: str) -> None:
    await until(pilot, listed(host))
    names = [one.name for one in table(host).models]
    table(host).move_cursor(row=names.index(name))

    def told() -> bool:
        chosen = table(host).chosen
        said = line(host, "#models-about")
        return chosen is not None and chosen.name == name and said == "\n".join(about(chosen))

    await until(pilot, told)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_the_models_are_drawn(
    library: Library, snap_compare: Any, size: tuple[int, int], theme: str
) -> None:
    async def ready(pilot: Any) -> None:
        await at(pilot.app, pilot, "qwen2.5-1.5b")
        await settled(pilot.app)
        await pilot.pause()

    assert snap_compare(host_of(library, theme), terminal_size=size, run_before=ready)


async def test_a_model_says_where_it_is_what_it_takes_and_its_licence(library: Library) -> None:
    host = host_of(library)
    async with host.run_test(size=(140, 40)) as pilot:
        await at(host, pilot, "qwen2.5-1.5b")
        assert "Apache-2.0" in line(host, "#models-about")
        rows = [text for text in shown(host).splitlines() if text.strip().startswith("first")]
        assert "own" in rows[0]
        assert "fits" in rows[0]


async def test_the_model_is_changed_while_work_waits(library: Library, tmp_path: Path) -> None:
    host = host_of(library)
    host.gate.shut()
    async with host.run_test(size=(100, 30)) as pilot:
        jobs = host.desk.submit_each(Work("summarize", "news", length="short"), [1, 2])
        await until(pilot, lambda: host.desk.job(jobs[0].id).state == "running")
        await at(host, pilot, "second")
        await pilot.press("u")
        await until(pilot, lambda: host.desk.settings.model == "second")
        assert host.desk.job(jobs[0].id).state == "running"
        host.gate.open()
        await until(pilot, lambda: [job.state for job in host.desk.jobs()] == ["done", "done"])
        stored_settings.cache_clear()
        assert stored_settings().model == "second"


async def test_the_form_says_what_settings_cost_and_what_is_wrong(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.catalog.fit.available_memory", lambda: 1_000_000_000)
    host = host_of(library)
    async with host.run_test(size=(100, 40)) as pilot:
        await at(host, pilot, "first")
        await pilot.press("e")
        await until(pilot, lambda: isinstance(host.screen, ModelSetup))
        form = host.screen
        assert isinstance(form, ModelSetup)
        await until(pilot, lambda: form.reckoning and form.reckoning.fits)
        before = line(host, "#setup-total")
        field = form.query_one("#setup-context", Input)
        field.value = "-3"
        await until(pilot, lambda: form.reckoning and "context" in form.reckoning.wrong)
        assert form.query_one("#setup-use", Button).disabled
        field.value = "4000000"
        await until(pilot, lambda: form.reckoning and form.reckoning.fits is False)
        assert line(host, "#setup-total").startswith("too large")
        field.value = "2048"
        await until(pilot, lambda: form.reckoning and form.reckoning.fits)
        assert line(host, "#setup-total") != before
        form.query_one("#setup-lora", Input).value = "/nowhere/adapter.gguf=0.5"
        await until(pilot, lambda: form.reckoning and "lora" in form.reckoning.wrong)
        form.query_one("#setup-lora", Input).value = ""
        await until(pilot, lambda: form.reckoning and not form.reckoning.wrong)
        field.focus()
        await pilot.press("enter")
        await until(pilot, lambda: host.desk.settings.context == 2048)
        stored_settings.cache_clear()
        assert stored_settings().context == 2048


async def test_a_pull_shows_how_far_it_is_and_is_stopped(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    began: list[str] = []
    told = threading.Event()

    def slow(entry: Any, *, progress: Any, **_given: Any) -> None:
        began.append(entry.id)
        for done in range(10_000):
            progress(Progress(done * 1_000_000, entry.bytes, "hub", "downloading"))
            told.set()
            threading.Event().wait(0.01)

    monkeypatch.setattr(pulling, "pull", slow)
    host = host_of(library)
    async with host.run_test(size=(120, 30)) as pilot:
        await at(host, pilot, "qwen2.5-0.5b")
        await pilot.press("p", "p")
        await until(pilot, lambda: told.is_set() and "getting" in line(host, "#models-deed"))
        await at(host, pilot, "qwen2.5-1.5b")
        await pilot.press("p")
        screen = host.screen
        assert isinstance(screen, ModelsScreen)
        assert began == ["qwen2.5-0.5b"]
        assert [deed.name for deed in screen.deeds.waiting] == ["qwen2.5-1.5b"]
        await pilot.press("x")
        await until(pilot, lambda: began == ["qwen2.5-0.5b", "qwen2.5-1.5b"])
        await pilot.press("x")
        await until(pilot, lambda: "stopped: qwen2.5-1.5b" in line(host, "#models-deed"))


async def test_a_full_disk_is_told_and_the_app_goes_on(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_entry: Any, **_given: Any) -> None:
        raise ModelError("there is no room", fix="Free 400 MB.")

    monkeypatch.setattr(pulling, "pull", full)
    host = host_of(library)
    async with host.run_test(size=(100, 30)) as pilot:
        await at(host, pilot, "qwen2.5-0.5b")
        await pilot.press("p")
        await until(pilot, lambda: "there is no room" in line(host, "#models-deed"))
        assert host.screen.query_one("#models-deed").has_class("-failed")


async def test_a_model_is_checked_and_one_that_changed_is_told(
    library: Library, tmp_path: Path
) -> None:
    host = host_of(library)
    async with host.run_test(size=(100, 30)) as pilot:
        await at(host, pilot, "first")
        await pilot.press("v")
        await until(pilot, lambda: "the SHA-256 is right" in line(host, "#models-deed"))
        path = tmp_path / "乙.gguf"
        data = bytearray(path.read_bytes())
        data[-1] ^= 1
        path.write_bytes(data)
        await at(host, pilot, "second")
        await pilot.press("v")
        await until(pilot, lambda: "it should be" in line(host, "#models-deed"))


async def test_a_file_is_added_and_removed_again_after_asking(
    library: Library, tmp_path: Path
) -> None:
    path = tmp_path / "third.gguf"
    path.write_bytes((tmp_path / "甲.gguf").read_bytes())
    host = host_of(library)
    async with host.run_test(size=(100, 30)) as pilot:
        await until(pilot, listed(host))
        await pilot.press("a")
        await until(pilot, lambda: isinstance(host.screen, ModelFileDialog))
        host.screen.query_one(Input).value = str(tmp_path / "thi")
        await pilot.press("tab")
        assert host.screen.query_one(Input).value == str(path)
        await pilot.press("enter")
        await until(pilot, lambda: any(one.name == "third" for one in installed()))
        await until(
            pilot, lambda: listed(host)() and "third" in [one.name for one in table(host).models]
        )
        await at(host, pilot, "third")
        await pilot.press("delete")
        await until(pilot, lambda: isinstance(host.screen, ConfirmDialog))
        await pilot.press("escape")
        assert any(one.name == "third" for one in installed())
        await until(pilot, listed(host))
        await pilot.press("delete")
        await until(pilot, lambda: isinstance(host.screen, ConfirmDialog))
        host.screen.query_one("#confirm-yes", Button).press()
        await until(pilot, lambda: not any(one.name == "third" for one in installed()))
        assert path.exists()


async def test_a_file_deleted_under_way_is_no_longer_listed(
    library: Library, tmp_path: Path
) -> None:
    host = host_of(library)
    async with host.run_test(size=(100, 30)) as pilot:
        await at(host, pilot, "second")
        (tmp_path / "乙.gguf").unlink()
        await pilot.press("v")
        await until(pilot, lambda: host.screen.query_one("#models-deed").has_class("-failed"))
        await until(pilot, lambda: "second" not in [one.name for one in table(host).models])


async def test_in_the_whole_app_the_model_is_changed_between_two_jobs(tmp_path: Path) -> None:
    texts = {"甲.txt": SIMPLIFIED, "乙.txt": SIMPLIFIED + "终。"}
    with make_library(tmp_path, texts) as library:
        app = scripted_app(library)
        app.gate.shut()
        async with app.run_test(size=(100, 30)) as pilot:
            await rows_listed(pilot, app, 2)
            app.summarize([1, 2])
            await wait_until(
                pilot, lambda: [job.state for job in app.desk.jobs()] == ["running", "waiting"]
            )
            await pilot.press("f9")
            await wait_until(pilot, lambda: isinstance(app.screen, ModelsScreen))
            await at(app, pilot, "second")
            await pilot.press("u")
            await wait_until(pilot, lambda: app.desk.settings.model == "second")
            await pilot.press("f8")
            app.gate.open()
            await wait_until(
                pilot, lambda: [job.state for job in app.desk.jobs()] == ["done", "done"]
            )
            await pilot.press("f9")
            await at(app, pilot, "second")
