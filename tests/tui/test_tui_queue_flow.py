"""The queue in the whole app: forty articles and a template, leaving and coming back."""

from pathlib import Path

import pytest
from tasks.tasks_support import SIMPLIFIED, extract
from textual.widgets import Select
from tui.settling import wait_until
from tui.tui_support import make_library, scripted_app

from workbench.tui.screens.queue import QueueScreen
from workbench.tui.screens.write_again import WriteAgainForm

FORTY = {f"{number:02}.txt": f"第{number}号{SIMPLIFIED}" for number in range(40)}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))


async def test_forty_articles_and_a_template_are_handed_in_left_and_found_done(
    tmp_path: Path,
) -> None:
    with make_library(tmp_path, FORTY) as library:
        app = scripted_app(library)
        app.gate.shut()
        async with app.run_test(size=(120, 36)) as pilot:
            await wait_until(pilot, lambda: app.pane.table.total == 40)
            await pilot.press("asterisk")
            await wait_until(pilot, lambda: len(app.selected) == 40)
            await pilot.press("S")
            await wait_until(pilot, lambda: isinstance(app.screen, WriteAgainForm))
            app.screen.query_one("#again-t", Select).value = "brief"
            await pilot.press("ctrl+s")
            await wait_until(pilot, lambda: len(app.desk.jobs()) == 40)
            await pilot.press("alt+4")
            await wait_until(pilot, lambda: isinstance(app.screen, QueueScreen))
            await wait_until(pilot, lambda: bool(app.engine.requests))
            assert {job.work.template for job in app.desk.jobs()} == {"brief"}
            app.exit()
        left = app.desk.jobs()
        assert len(left) == 40
        assert [job.state for job in left if job.state not in ("waiting", "done")] == []

        again = scripted_app(library, extract)
        async with again.run_test(size=(120, 36)) as pilot:
            await wait_until(
                pilot, lambda: [job.state for job in again.desk.jobs()] == ["done"] * 40
            )
        for job in again.desk.jobs():
            assert len(library.results_of(job.article_ids[0])) == 1
