"""The queue screen: what runs, waits and has ended, and what a person does with it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tasks.tasks_support import SIMPLIFIED, TRADITIONAL, extract
from textual.app import App
from textual.widgets import Static
from tui.screens_support import ScreenHost, shown, until

from workbench.articles.reader import read_article
from workbench.articles.script import convert
from workbench.desk.desk import Desk
from workbench.desk.events import EngineChanged, EngineState, JobProgress
from workbench.desk.queue_rows import ago
from workbench.settings import Settings
from workbench.store import jobs as store
from workbench.store.library import Library
from workbench.tasks.work import Work
from workbench.tui.screens.queue import QueueScreen
from workbench.tui.themes import DARK, LIGHT, THEMES, marks_of
from workbench.tui.widgets.job_table import JobTable, fitted

SUMMARY = Work("summarize", "news", length="short")
SIZES = [(80, 24), (100, 30), (140, 40)]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.db") as found:
        for number, text in enumerate((SIMPLIFIED, TRADITIONAL, SIMPLIFIED + "终。")):
            path = tmp_path / f"{number}.txt"
            path.write_text(text, encoding="utf-8")
            found.add(read_article(path))
        yield found


def states(host: ScreenHost) -> list[str]:
    return [job.state for job in host.desk.jobs()]


def table(host: App[None]) -> JobTable:
    return host.screen.query_one(JobTable)


def line(host: App[None], name: str) -> str:
    return str(host.screen.query_one(name, Static).content)


async def test_work_is_followed_to_its_end(library: Library) -> None:
    host = ScreenHost(library, QueueScreen, extract)
    host.gate.shut()
    async with host.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "Nothing waits" in shown(host))
        jobs = host.desk.submit_each(SUMMARY, [1, 2])
        await until(pilot, lambda: "1 running, 1 waiting" in shown(host))
        assert "青石镇的早市" in shown(host)
        assert "海邊小學的圖書車" in shown(host)
        host.gate.open()
        await until(pilot, lambda: "2 done" in shown(host))
        assert states(host) == ["done", "done"]
        assert "Nothing waits" not in shown(host)
        await pilot.press("home", "enter")
        await until(pilot, lambda: host.opened)
        assert host.opened == [(jobs[1].article_ids[0], ())]
        await pilot.press("c")
        await until(pilot, lambda: "Nothing waits" in shown(host))


async def test_jobs_are_held_moved_stopped_and_tried_again(library: Library) -> None:
    host = ScreenHost(library, QueueScreen, extract)
    async with host.run_test(size=(140, 40)) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: "held back" in shown(host))
        one, two, three = host.desk.submit_each(SUMMARY, [1, 2, 3])
        await until(pilot, lambda: "3 waiting" in shown(host))
        await pilot.press("down", "down", "K")
        await until(
            pilot, lambda: [row.job.id for row in table(host).rows] == [one.id, three.id, two.id]
        )
        assert table(host).chosen == host.desk.job(three.id)  # the cursor went with it
        await pilot.press("x")
        await until(pilot, lambda: host.desk.job(three.id).state == "cancelled")
        await until(pilot, lambda: table(host).chosen == host.desk.job(three.id))
        await pilot.press("r")
        await until(pilot, lambda: host.desk.job(three.id).state == "waiting")
        await pilot.press("space")
        await until(pilot, lambda: states(host) == ["done"] * 3)
        assert [job.id for job in host.desk.jobs()] == [three.id, two.id, one.id]


async def test_what_runs_is_stopped_at_once(library: Library) -> None:
    host = ScreenHost(library, QueueScreen, extract)
    host.gate.shut()
    async with host.run_test(size=(80, 24)) as pilot:
        host.desk.submit_each(SUMMARY, [1, 2])
        await until(pilot, lambda: host.engine.requests and "1 running" in shown(host))
        await pilot.press("home", "x")
        host.gate.open()
        await until(pilot, lambda: sorted(states(host)) == ["cancelled", "done"])


async def test_a_locked_library_is_told_and_the_queue_goes_on(library: Library) -> None:
    host = ScreenHost(library, QueueScreen, extract)
    async with host.run_test(size=(80, 24)) as pilot:
        await pilot.press("space")
        (job,) = host.desk.submit_each(SUMMARY, [1])
        await until(pilot, lambda: table(host).chosen == job)
        library.hurry(0.05)
        assert library.path is not None
        with Library.open(library.path) as other, other.writing():
            await pilot.press("x")
            await until(pilot, lambda: host._notifications)
            (told,) = host._notifications
            assert "in use" in told.message
        assert host.desk.job(job.id).state == "waiting"
        await pilot.press("x")
        await until(pilot, lambda: host.desk.job(job.id).state == "cancelled")


async def test_a_terminal_of_twenty_by_five_and_back(library: Library) -> None:
    host = ScreenHost(library, QueueScreen, extract)
    async with host.run_test(size=(100, 30)) as pilot:
        await pilot.press("space")
        host.desk.submit_each(SUMMARY, [1, 2, 3])
        await until(pilot, lambda: "3 waiting" in shown(host))
        await pilot.resize_terminal(20, 5)
        await pilot.pause()
        await pilot.press("down")
        await pilot.resize_terminal(100, 30)
        await until(pilot, lambda: "圖書車" in shown(host))
        assert table(host).cursor == 1


@pytest.mark.parametrize("text", ["", "青石镇的早市", "a青b石c", "[bold]标题[/bold]"])
@pytest.mark.parametrize("cells", [0, 1, 2, 5, 12, 30])
def test_a_cell_is_exactly_as_wide_as_its_column(text: str, cells: int) -> None:
    from rich.cells import cell_len

    assert cell_len(fitted(text, cells)) == cells


def test_times_are_said_as_people_say_them() -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert ago("2026-03-02T11:59:30+00:00", now) == "just now"
    assert ago("2026-03-02T11:10:00+00:00", now) == "50 min ago"
    assert ago("2026-03-02T02:00:00+00:00", now) == "10 h ago"
    assert ago("2026-02-02T02:00:00+00:00", now) == "2026-02-02"
    assert ago("yesterday", now) == "yesterday"


class Drawn(App[None]):
    """The queue in all its states, over a desk that does not work."""

    def __init__(self, library: Library, theme: str):
        super().__init__()
        self.library = library
        self.desk = Desk(Settings(model="qwen3-4b"), library)
        for one in THEMES:
            self.register_theme(one)
        self.theme = theme

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return marks_of(self.current_theme.dark)

    def on_mount(self) -> None:
        self.push_screen(QueueScreen())


def queue_in(library: Library, script: str) -> int:
    """Enter jobs in every state; return the id of the one that runs."""
    titles = [
        "青石镇的早市搬进了新棚",
        "海边小学的图书车",
        "[快讯]县里的老人食堂添了晚饭",
        "渔港换电船",
    ]
    work = SUMMARY.to_json()
    with library.writing() as connection:
        ids = [
            store.add(connection, work, [1], convert(title, script), model, first=False)
            for number in range(3)
            for title, model in zip(titles, ["", "qwen2.5-1.5b", "", ""], strict=True)
        ]
        for state, error in (
            (store.DONE, ""),
            (store.FAILED, "/稿件/缺.txt: there is no article 7 in the library."),
            (store.CANCELLED, ""),
        ):
            kept = store.claim_next(connection)
            assert kept is not None
            store.end(connection, kept.id, state, error=error)
        kept = store.claim_next(connection)
        assert kept is not None
    assert len(ids) == 12
    return kept.id


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("script", ["simplified", "traditional"])
def test_a_queue_is_drawn(
    snap_compare: Any, library: Library, size: tuple[int, int], theme: str, script: str
) -> None:
    running = queue_in(library, script)
    host = Drawn(library, theme)

    async def arrange(pilot: Any) -> None:
        await until(pilot, lambda: isinstance(host.screen, QueueScreen) and table(host).rows)
        screen = host.screen
        assert isinstance(screen, QueueScreen)
        progress = JobProgress(running, "writing", 84, 0, 11.9, 75.0, 3, 6)
        host.desk._host.state = EngineState("ready", "qwen3-4b-2507")
        screen.take(EngineChanged(host.desk.engine_state))
        screen.take(progress)
        screen.look_again()
        await pilot.press("down")
        await until(pilot, lambda: "11.9/s" in shown(host))

    assert snap_compare(host, terminal_size=size, run_before=arrange)


@pytest.mark.parametrize("size", SIZES[:1], ids=["80x24"])
def test_an_empty_queue_says_how_to_fill_it(
    snap_compare: Any, library: Library, size: tuple[int, int]
) -> None:
    assert snap_compare(Drawn(library, DARK), terminal_size=size)
