"""Comparing, from picking articles to the passage behind a cell."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tasks.tasks_support import extract
from textual.screen import Screen
from textual.widgets import Button, Input, OptionList
from tui.compare_support import TEXTS, compared, written
from tui.screens_support import ScreenHost, choose_first, shown, until

from workbench.desk.comparing import work_of
from workbench.engine.protocol import Request
from workbench.errors import EngineError
from workbench.settings import Settings
from workbench.store.library import Library
from workbench.tui.screens.compare import PICK, RUN, TABLE, CompareScreen
from workbench.tui.widgets.claim_table import ClaimTable
from workbench.tui.widgets.compare_picker import ComparePicker
from workbench.tui.widgets.passage_preview import PassagePreview
from workbench.tui.widgets.work_status import WorkStatus


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.db") as opened:
        for article in written(tmp_path, TEXTS):
            opened.add(article)
        yield opened


def host_of(library: Library, answer: object = extract) -> ScreenHost:
    return ScreenHost(library, CompareScreen, answer)  # type: ignore[arg-type]


def part(host: ScreenHost) -> str:
    return host.screen._shown if isinstance(host.screen, CompareScreen) else ""


async def test_pick_run_open_a_cell(library: Library, tmp_path: Path) -> None:
    host = host_of(library)
    async with host.run_test(size=(100, 30)) as pilot:
        listed = host.screen.query_one(OptionList)
        await until(pilot, lambda: listed.option_count == 3)
        assert host.screen.query_one(Button).disabled
        host.screen.query_one(Input).value = "攤位費"
        await until(pilot, lambda: listed.option_count == 3)
        await pilot.press("enter", "enter", "down", "enter", "down", "enter")
        await until(pilot, lambda: len(host.screen.query_one(ComparePicker).picked) == 3)

        host.gate.shut()
        await pilot.press("ctrl+r")
        await until(pilot, lambda: part(host) == RUN)
        await until(pilot, lambda: "[>] 1." in shown(host))
        assert "Esc stops" in host.screen.query_one(WorkStatus).line

        host.gate.open()
        await until(pilot, lambda: part(host) == TABLE)
        preview = host.screen.query_one(PassagePreview)
        await until(pilot, lambda: preview.plain.count("\n"))
        await pilot.press("enter")
        await until(pilot, lambda: host.opened)
        article_id, spans = host.opened[0]
        assert [library.get(article_id).text[start:end] for start, end in spans][0] in "".join(
            preview.plain.split("\n")
        )
        assert host.screen.query_one(WorkStatus).line == ""


async def test_what_is_marked_is_picked(library: Library) -> None:
    host = host_of(library)
    host.selected = [3, 1]
    async with host.run_test(size=(80, 24)) as pilot:
        picker = host.screen.query_one(ComparePicker)
        await until(pilot, lambda: picker.picked == (3, 1))
        assert not host.screen.query_one(Button).disabled
        await pilot.press("f4")
        assert picker.picked == ()
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert part(host) == PICK


async def test_escape_stops_and_the_articles_stay_picked(library: Library) -> None:
    host = host_of(library)
    host.selected = [1, 2]
    async with host.run_test(size=(80, 24)) as pilot:
        host.gate.shut()
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "[>] 1." in shown(host))
        await pilot.press("escape")
        host.gate.open()
        await until(pilot, lambda: part(host) == PICK)
        assert "stopped" in host.screen.query_one(WorkStatus).line
        assert host.screen.query_one(ComparePicker).picked == (1, 2)


async def test_a_job_that_waits_leaves_the_queue_when_it_is_stopped(library: Library) -> None:
    host = host_of(library)
    host.selected = [1, 2]
    async with host.run_test(size=(80, 24)) as pilot:
        host.desk.pause()
        await pilot.press("ctrl+r")
        await until(pilot, lambda: part(host) == RUN)
        assert "paused" in host.screen.query_one(WorkStatus).line
        await pilot.press("escape")
        await until(pilot, lambda: part(host) == PICK)
        assert host.desk.jobs()[0].state == "cancelled"


async def test_a_failure_says_why_and_leaves_the_choice(library: Library) -> None:
    def failing(_request: Request) -> str:
        raise EngineError("the model is gone")

    host = host_of(library, failing)
    host.selected = [1, 2]
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "the model is gone" in host.screen.query_one(WorkStatus).line)
        assert part(host) == PICK


async def test_a_comparison_that_is_on_its_way_is_followed_from_the_start(
    library: Library,
) -> None:
    host = host_of(library)
    host.gate.shut()
    host.desk.submit(work_of(Settings()), [1, 2])
    async with host.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: part(host) == RUN)
        host.gate.open()
        await until(pilot, lambda: part(host) == TABLE)


async def test_what_ended_while_another_screen_was_shown_is_there_on_return(
    library: Library,
) -> None:
    host = host_of(library)
    host.selected = [1, 2]
    async with host.run_test(size=(80, 24)) as pilot:
        host.gate.shut()
        await pilot.press("ctrl+r")
        await until(pilot, lambda: part(host) == RUN)
        screen = host.screen
        await host.push_screen(Screen())
        host.gate.open()
        await until(pilot, lambda: host.desk.jobs()[0].state == "done")
        host.pop_screen()
        await until(pilot, lambda: host.screen is screen and part(host) == TABLE)


async def test_earlier_comparisons_are_a_key_away(library: Library, tmp_path: Path) -> None:
    articles = [library.get(one) for one in (1, 2)]
    compared(library, articles, folder=tmp_path / "digests")
    host = host_of(library)
    async with host.run_test(size=(80, 24)) as pilot:
        await choose_first(host, pilot)
        await until(pilot, lambda: part(host) == TABLE)
        await until(pilot, lambda: host.screen.query_one(ClaimTable).row_count)
        await pilot.press("h")
        await until(pilot, lambda: "Earlier comparisons" in shown(host))
        await pilot.press("escape", "n")
        assert part(host) == PICK


@pytest.mark.parametrize(("format", "begins"), [("json", "{"), ("text", ""), ("markdown", "# ")])
async def test_it_is_exported_and_copied(
    library: Library, tmp_path: Path, format: str, begins: str
) -> None:
    articles = [library.get(one) for one in (1, 2)]
    compared(library, articles, folder=tmp_path / "digests")
    host = host_of(library)
    async with host.run_test(size=(80, 24)) as pilot:
        await choose_first(host, pilot)
        await until(pilot, lambda: part(host) == TABLE)
        await pilot.press("Y")
        assert host.copied.startswith("# ")
        await pilot.press("w")
        await until(pilot, lambda: "Export" in shown(host))
        await pilot.press("escape")
        host.screen._export((tmp_path / "out", format))  # type: ignore[attr-defined]
        text = (tmp_path / "out").read_text(encoding="utf-8")
        assert text.startswith(begins)
        assert "460万元" in text


async def test_without_articles_it_says_so(tmp_path: Path) -> None:
    with Library.open(tmp_path / "empty.db") as empty:
        host = host_of(empty)
        host.article_id, host.selected = None, []
        async with host.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "The library is empty." in shown(host))
            await pilot.press("ctrl+o")
            await until(pilot, lambda: "Nothing was compared yet" in shown(host))
