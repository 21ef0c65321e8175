"""Reading, summarising, checking, editing, exporting: the panes, a desk, a scripted engine."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tasks.tasks_support import SIMPLIFIED, TRADITIONAL, extract
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.pilot import Pilot
from textual.widgets import Input, RadioButton, Select, TextArea
from tui.reading_support import shown_lines
from tui.screens_support import ScreenHost, shown, until

from workbench.articles.reader import read_article
from workbench.engine.protocol import Event, Request, Restarted, Text
from workbench.store.library import Library
from workbench.tasks.work import Work
from workbench.tui.controllers.reading import ReadingScreen
from workbench.tui.screens.beside import BesideScreen
from workbench.tui.screens.earlier_results import EarlierForm
from workbench.tui.widgets.article_view import ArticleView
from workbench.tui.widgets.result_view import ResultView


class PanesScreen(ReadingScreen):
    """The two panes side by side."""

    CSS = "Horizontal > * { width: 1fr; }"

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield ArticleView()
            yield ResultView()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    found = Library.open(tmp_path / "library.db")
    for name, text in (("早市.txt", SIMPLIFIED), ("圖書車.txt", TRADITIONAL)):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        found.add(read_article(path))
    yield found
    found.close()


@pytest.fixture
def app(library: Library) -> ScreenHost:
    return ScreenHost(library, PanesScreen, extract)


def panes(app: ScreenHost) -> PanesScreen:
    return next(one for one in app.screen_stack if isinstance(one, PanesScreen))


async def opened(pilot: Pilot[None], app: ScreenHost, article_id: int = 1) -> PanesScreen:
    screen = panes(app)
    screen.open_article(article_id)
    await until(pilot, lambda: screen.article_id == article_id)
    return screen


async def summarised(pilot: Pilot[None], app: ScreenHost, article_id: int = 1) -> PanesScreen:
    screen = await opened(pilot, app, article_id)
    screen.action_summarize()
    await until(pilot, lambda: screen.result_view.result is not None)
    screen.result_view.text_view.focus()
    await pilot.pause()
    return screen


async def test_an_article_is_opened_summarised_and_a_citation_checked(app, library):
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await summarised(pilot, app)
        assert any(line.startswith("✓ 1. ") for line in shown_lines(screen.result_view))
        await pilot.press("down", "down")
        await pilot.pause()
        assert any(line.startswith(">") for line in shown_lines(screen.article_view))
        await pilot.press("enter")
        assert screen.article_view.text.has_focus
    assert len(library.results_of(1)) == 1


async def test_a_missing_article_is_a_state(app):
    async with app.run_test(size=(120, 40)) as pilot:
        panes(app).open_article(99)
        await until(pilot, lambda: "there is no article" in shown(app))


async def test_spans_that_are_asked_for_stand_out(app):
    async with app.run_test(size=(120, 40)) as pilot:
        screen = panes(app)
        start = SIMPLIFIED.index("不方便")
        screen.open_article(1, ((start, start + 3),))
        await until(pilot, lambda: screen.article_id == 1)
        await pilot.pause()
        assert any(
            line.startswith(">") and "不方便" in line for line in shown_lines(screen.article_view)
        )


async def test_escape_stops_a_job_and_keeps_what_there_is(app, library):
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, app)
        app.gate.shut()
        screen.action_summarize()
        await until(pilot, lambda: screen.result_view.busy)
        await until(pilot, lambda: app.desk.jobs()[0].state == "running")
        screen.result_view.text_view.focus()
        await pilot.press("escape")
        app.gate.open()
        await until(pilot, lambda: not screen.result_view.busy)
        assert app.desk.jobs()[0].state == "cancelled"


async def test_a_job_that_waits_may_leave_the_queue_before_its_turn(app):
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, app)
        app.desk.pause()
        screen.action_summarize()
        await until(pilot, lambda: screen.result_view.busy)
        assert "waits for its turn" in shown(app)
        screen.result_view.text_view.focus()
        await pilot.press("escape")
        await until(pilot, lambda: not screen.result_view.busy)


async def test_one_may_look_at_another_article_while_it_is_written_and_back(app):
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, app)
        app.gate.shut()
        screen.action_summarize()
        await until(pilot, lambda: app.desk.jobs()[0].state == "running")
        await opened(pilot, app, 2)
        assert not screen.result_view.busy
        await opened(pilot, app, 1)
        assert screen.result_view.busy
        app.gate.open()
        await until(pilot, lambda: screen.result_view.result is not None)


async def test_a_point_is_edited_in_place_checked_again_and_the_old_one_kept(app, library):
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await summarised(pilot, app)
        first = screen.result_view.result_id
        await pilot.press("down", "down", "e")
        await until(pilot, lambda: app.screen.query(TextArea))
        area = app.screen.query_one(TextArea)
        area.text = area.text.replace("128", "218")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: screen.result_view.result_id not in (first, None))
        lines = "\n".join(shown_lines(screen.result_view))
        assert "! 1. " in lines.replace("!>", "! ")
        assert "there: 128" in " ".join(lines.split())
        assert f"edited by hand, from #{first}" in lines
    assert len(library.results_of(1)) == 2


async def test_a_point_is_left_out_and_the_old_result_stays(app, library):
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await summarised(pilot, app)
        first = screen.result_view.result_id
        points = len(screen.result_view.result.points)
        await pilot.press("down", "down", "delete")
        await until(pilot, lambda: screen.result_view.result_id not in (first, None))
        assert len(screen.result_view.result.points) == points - 1


def editor_in(folder: Path, old: str, new: str, status: int = 0) -> str:
    """Write an editor that exchanges a text for another, and return its command."""
    path = folder / "editor.py"
    path.write_text(
        "import pathlib, sys\n"
        "path = pathlib.Path(sys.argv[-1])\n"
        f"text = path.read_text('utf-8').replace({old!r}, {new!r})\n"
        "path.write_text(text, 'utf-8')\n"
        f"sys.exit({status})\n",
        encoding="utf-8",
    )
    import sys

    return f"{sys.executable} {path}"


async def test_a_result_is_changed_in_the_users_own_editor(app, library, tmp_path, monkeypatch):
    monkeypatch.setenv("VISUAL", editor_in(tmp_path, "128", "129"))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await summarised(pilot, app)
        first = screen.result_view.result_id
        with no_terminal(app):
            await pilot.press("E")
            await until(pilot, lambda: screen.result_view.result_id not in (first, None))
        assert "129" in screen.result_view.result.points[0].text


async def test_an_editor_that_fails_or_is_missing_changes_nothing(app, tmp_path, monkeypatch):
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await summarised(pilot, app)
        first = screen.result_view.result_id
        with no_terminal(app):
            monkeypatch.setenv("VISUAL", editor_in(tmp_path, "128", "129", status=3))
            await pilot.press("E")
            await until(pilot, lambda: "ended with status 3" in told(app))
            monkeypatch.setenv("VISUAL", "no-such-editor")
            await pilot.press("E")
            await until(pilot, lambda: "cannot be started" in told(app))
        assert screen.result_view.result_id == first


def no_terminal(app: ScreenHost):
    """Let the app step aside though a test has no terminal."""
    from contextlib import nullcontext
    from unittest.mock import patch

    return patch.object(app, "suspend", nullcontext)


def told(app: ScreenHost) -> str:
    return "\n".join(one.message for one in app._notifications)


async def test_a_result_is_rated_with_a_note(app, library):
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await summarised(pilot, app)
        await pilot.press("asterisk")
        await until(pilot, lambda: app.screen is not screen)
        await pilot.press("4", "tab", *"ok", "enter")
        await until(pilot, lambda: "rated 4 of 5" in shown(app))
    (feedback,) = library.results_of(1)[0].feedback
    assert (feedback.rating, feedback.note) == (4, "ok")


@pytest.mark.parametrize(("format", "end"), [("markdown", "md"), ("text", "txt"), ("json", "json")])
async def test_a_result_is_exported(app, tmp_path, format, end):
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await summarised(pilot, app)
        await pilot.press("w")
        await until(pilot, lambda: app.screen.query(RadioButton))
        button = next(one for one in app.screen.query(RadioButton) if one.name == format)
        button.value = True
        await pilot.pause()
        path = tmp_path / "out" / f"早市.{end}"
        path.parent.mkdir()
        app.screen.query_one(Input).value = str(path)
        app.screen.query_one(Input).focus()
        await pilot.press("enter")
        await until(pilot, path.exists)
        written = path.read_text(encoding="utf-8")
        point = screen.result_view.result.points[0].text
    assert point in (json.loads(written)["points"][0]["text"] if end == "json" else written)


async def test_a_place_that_cannot_be_written_is_told(app, tmp_path, monkeypatch):
    def refuse(path: Path, data: str) -> None:
        raise OSError(28, "No space left on device [/b]")

    monkeypatch.setattr("workbench.tui.controllers.result_deeds.write_atomically", refuse)
    async with app.run_test(size=(120, 40)) as pilot:
        await summarised(pilot, app)
        await pilot.press("w")
        await until(pilot, lambda: app.screen.query(Input))
        app.screen.query_one(Input).value = str(tmp_path / "a.md")
        app.screen.query_one(Input).focus()
        await pilot.press("enter")
        await until(pilot, lambda: "No space left" in told(app))


async def test_a_result_is_written_again_otherwise_and_both_shown_side_by_side(app, library):
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await summarised(pilot, app)
        first = screen.result_view.result_id
        await pilot.press("r")
        await until(pilot, lambda: app.screen.query("#again-l"))
        app.screen.query_one("#again-l", Select).value = "short"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: screen.result_view.result_id not in (first, None))
        assert screen.result_view.result.settings["length"] == "short"
        screen.result_view.text_view.focus()
        await pilot.press("h")
        await until(pilot, lambda: isinstance(app.screen, EarlierForm))
        await pilot.press("down", "enter")
        await until(pilot, lambda: screen.result_view.result_id == first)
        await pilot.press("equals_sign")
        await until(pilot, lambda: isinstance(app.screen, BesideScreen))
        await until(pilot, lambda: len(app.screen.query(ResultView)) == 2)
        await pilot.press("escape")
    assert len(library.results_of(1)) == 2


async def test_points_and_results_are_copied(app):
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await summarised(pilot, app)
        point = screen.result_view.result.points[0].text
        await pilot.press("down", "down", "y")
        await until(pilot, lambda: app.copied == f"{point} [2]")
        await pilot.press("Y")
        await until(pilot, lambda: "passages" in app.copied)
        assert point in app.copied


async def test_a_file_that_changed_is_read_again_as_it_is_now(app, library, tmp_path):
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, app)
        changed = SIMPLIFIED.replace("128", "129")
        (tmp_path / "早市.txt").write_text(changed, encoding="utf-8")
        screen.article_view.check_disk()
        await until(pilot, lambda: "was changed since it was read" in shown(app))
        screen.article_view.text.focus()
        await pilot.press("R")
        await until(pilot, lambda: screen.article_id == 3)
        assert any("129" in line for line in shown_lines(screen.article_view))
        (tmp_path / "圖書車.txt").unlink()
        await opened(pilot, app, 2)
        screen.action_read_again()
        await until(pilot, lambda: "圖書車.txt" in told(app))


async def test_an_engine_killed_while_it_writes_begins_anew_and_says_so(app, monkeypatch):
    """What was shown of the call that died is void; the summary comes all the same."""
    submit = app.engine.submit
    died: list[bool] = []
    seen: list[str] = []

    def dying(request: Request) -> Iterator[Event]:
        for event in submit(request):
            yield event
            if isinstance(event, Text) and not died:
                died.append(True)
                yield Restarted("the engine's process ended")

    monkeypatch.setattr(app.engine, "submit", dying)
    monkeypatch.setattr(ResultView, "again", lambda self, reason: seen.append(reason), raising=True)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await summarised(pilot, app)
        assert screen.result_view.result.points
    assert died
    assert seen == ["the engine's process ended"]


async def test_the_terminal_may_shrink_while_a_summary_is_written(app):
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, app)
        app.gate.shut()
        screen.action_summarize()
        await until(pilot, lambda: app.desk.jobs()[0].state == "running")
        await pilot.resize_terminal(20, 5)
        app.gate.open()
        await until(pilot, lambda: screen.result_view.result is not None)
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: screen.result_view.text_view.page.width > 40)
        await pilot.pause()
        assert any("✓ 1. " in line for line in shown_lines(screen.result_view))


async def test_a_summary_of_the_open_article_asked_for_elsewhere_is_followed(app):
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, app)
        app.gate.shut()
        app.desk.submit(Work("summarize", "news"), [1])
        await until(pilot, lambda: screen.result_view.busy)
        app.gate.open()
        await until(pilot, lambda: screen.result_view.result is not None)


async def test_a_template_that_is_wrong_is_told_not_raised(app):
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, app)
        from dataclasses import replace

        app.desk._host.settings = replace(app.desk.settings, template="no-such")
        screen.action_summarize()
        await until(pilot, lambda: "no-such" in told(app))
