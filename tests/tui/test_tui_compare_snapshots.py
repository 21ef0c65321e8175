"""The compare and the ask screen drawn: three sizes, both themes, both scripts."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tasks.tasks_support import MODEL, ScriptedEngine, extract
from textual.pilot import Pilot
from textual.widgets import Input, OptionList
from tui.compare_support import TEXTS, compared, written
from tui.screens_support import ScreenHost, until
from tui.settling import settled

from workbench.articles.script import convert
from workbench.desk.comparing import kept
from workbench.prompting.library import find_template
from workbench.store import conversations as store
from workbench.store.library import Library
from workbench.tasks.ask.task import ask
from workbench.tui.screens.ask import AskScreen
from workbench.tui.screens.compare import CompareScreen
from workbench.tui.themes import DARK, LIGHT
from workbench.tui.widgets.claim_table import ClaimTable
from workbench.tui.widgets.passage_preview import PassagePreview
from workbench.tui.widgets.scope_bar import ScopeBar
from workbench.tui.widgets.turn_view import EvidenceItem

SIZES = [(80, 24), (100, 30), (140, 40)]
WHEN = "2026-03-02T08:00:00+00:00"

at_sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
in_themes = pytest.mark.parametrize("theme", [DARK, LIGHT])
in_scripts = pytest.mark.parametrize("script", ["simplified", "traditional"])


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(store, "now", lambda: WHEN)


@pytest.fixture
def library(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Library]:
    given = getattr(request.node, "callspec", None)
    script = given.params["script"] if given else "simplified"
    with Library.open(tmp_path / "library.db") as opened:
        for article in written(tmp_path, {n: convert(t, script) for n, t in TEXTS.items()}):
            opened.add(article)
        yield opened


@at_sizes
@in_themes
@in_scripts
def test_a_comparison(
    snap_compare: Any, library: Library, tmp_path: Path, size: Any, theme: str, script: str
) -> None:
    articles = [library.get(number) for number in (1, 2, 3)]
    result_id = compared(library, articles, folder=tmp_path / "digests")
    host = ScreenHost(library, CompareScreen, extract, theme)

    async def look(pilot: Pilot[None]) -> None:
        assert isinstance(host.screen, CompareScreen)
        host.screen._open(kept(library, result_id))
        table = host.screen.query_one(ClaimTable)
        await until(pilot, lambda: table.row_count)
        await pilot.press("a", "down", "right")
        preview = host.screen.query_one(PassagePreview)
        await until(pilot, lambda: "[2] !=" in preview.plain and preview.plain.count("\n"))
        await pilot.pause()

    assert snap_compare(host, terminal_size=size, run_before=look)


@at_sizes
@in_themes
@in_scripts
def test_a_conversation(
    snap_compare: Any, library: Library, size: Any, theme: str, script: str
) -> None:
    asked = {"早市的新棚有多少个摊位？": "128个摊位", "万有引力定律由谁提出？": "牛顿"}
    article = library.get(1)
    with library.writing() as connection:
        number = store.create(connection, "article", (1,))
        for question, said in asked.items():
            found = ask(
                convert(question, script),
                [article],
                find_template("answer"),
                ScriptedEngine(lambda _request, said=said: said),
                MODEL,
            )
            turn = store.add_turn(connection, number, found.question, (1,))
            # Whatever the wording of a question counts, the picture stays.
            usage = replace(found.usage, prompt_tokens=300)
            told = replace(found, seconds=12.0, usage=usage)
            store.answer_turn(connection, turn, told.to_json())
    host = ScreenHost(library, AskScreen, extract, theme)

    async def look(pilot: Pilot[None]) -> None:
        assert isinstance(host.screen, AskScreen)
        host.screen.field.cursor_blink = False
        host.screen.open_conversation(number)
        await until(pilot, lambda: host.screen.query(EvidenceItem))
        await until(pilot, lambda: host.screen.query_one(ScopeBar).said)
        await settled(host)
        await pilot.press("up")
        await pilot.pause()

    assert snap_compare(host, terminal_size=size, run_before=look)


def test_articles_are_picked(snap_compare: Any, library: Library) -> None:
    host = ScreenHost(library, CompareScreen, extract)
    host.selected = [1, 2]

    async def look(pilot: Pilot[None]) -> None:
        host.screen.query_one(Input).cursor_blink = False
        listed = host.screen.query_one(OptionList)
        await until(pilot, lambda: listed.option_count == 3)
        await settled(host)
        await pilot.pause()
        listed.focus()
        listed.highlighted = 0
        await until(pilot, lambda: listed.has_focus)
        await pilot.pause()

    assert snap_compare(host, terminal_size=(80, 24), run_before=look)


def test_nothing_was_asked_yet(snap_compare: Any, library: Library) -> None:
    host = ScreenHost(library, AskScreen, extract)

    async def look(pilot: Pilot[None]) -> None:
        assert isinstance(host.screen, AskScreen)
        host.screen.field.cursor_blink = False
        await until(pilot, lambda: host.screen.query_one(ScopeBar).said)
        await settled(host)
        await pilot.pause()

    assert snap_compare(host, terminal_size=(80, 24), run_before=look)
