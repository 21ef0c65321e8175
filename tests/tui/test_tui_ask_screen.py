"""Asking, from the question to the passage, the follow-up, and the conversation found again."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen
from tui.compare_support import TEXTS, written
from tui.screens_support import ScreenHost, choose_first, shown, until

from workbench.desk.events import JobDone, JobFailed
from workbench.engine.protocol import Request
from workbench.errors import EngineError
from workbench.store.library import Library
from workbench.tui.dialogs.confirm import ConfirmDialog
from workbench.tui.dialogs.text import TextDialog
from workbench.tui.screens.ask import AskScreen
from workbench.tui.widgets.conversation_list import ConversationList
from workbench.tui.widgets.scope_bar import ScopeBar
from workbench.tui.widgets.turn_list import TurnList
from workbench.tui.widgets.turn_view import EvidenceItem, TurnView
from workbench.tui.widgets.work_status import WorkStatus

ENDS = (JobDone, JobFailed)
STALLS = "早市的新棚有多少个摊位？"
SAYS = "青石镇的早市3月1日搬进了河边的新棚，128个摊位全部有了顶。"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.db") as opened:
        for article in written(tmp_path, TEXTS):
            opened.add(article)
        yield opened


def knowing(request: Request) -> str:
    asked = request.messages[-1].segments[-1]
    if "改写" in asked:
        return "早市的摊位费是多少？"
    return "每天8元" if "摊位费" in asked else "128个摊位"


def host_of(library: Library, answer: object = knowing) -> ScreenHost:
    return ScreenHost(library, AskScreen, answer)  # type: ignore[arg-type]


def screen_of(host: ScreenHost) -> AskScreen:
    assert isinstance(host.screen, AskScreen)
    return host.screen


def quotes(host: ScreenHost) -> list[str]:
    return [item.quote for item in host.screen.query(EvidenceItem)]


async def ask(host: ScreenHost, pilot: object, question: str) -> None:
    screen_of(host).field.text = question
    await pilot.press("enter")  # type: ignore[attr-defined]


async def test_a_question_its_answer_its_passage_and_a_follow_up(library: Library) -> None:
    host = host_of(library)
    async with host.run_test(size=(80, 24)) as pilot:
        await ask(host, pilot, STALLS)
        await until(pilot, lambda: quotes(host) == [SAYS])
        screen = screen_of(host)
        assert screen.field.text == ""
        assert "128个摊位" in shown(host)

        await pilot.press("up", "enter")
        await until(pilot, lambda: host.opened)
        article_id, ((start, end),) = host.opened[0]
        assert library.get(article_id).text[start:end] == SAYS

        await pilot.press("down")
        assert screen.focused is screen.field
        await ask(host, pilot, "那摊位费呢？")
        await until(pilot, lambda: len(quotes(host)) == 2)
        assert "understood as" in shown(host)
        assert "每天8元" in shown(host)
        assert len(screen.conversations.listed()) == 1


async def test_the_conversation_is_found_again_after_the_program_was_ended(
    library: Library,
) -> None:
    first = host_of(library)
    async with first.run_test(size=(80, 24)) as pilot:
        await ask(first, pilot, STALLS)
        await until(pilot, lambda: quotes(first))

    later = host_of(library)
    later.article_id = 2
    async with later.run_test(size=(80, 24)) as pilot:
        assert not later.screen.query(TurnView)
        await choose_first(later, pilot)
        await until(pilot, lambda: quotes(later) == [SAYS])
        # It goes on about the article it was about.
        await until(pilot, lambda: "搬进了新棚" in later.screen.query_one(ScopeBar).said)
        await ask(later, pilot, "那摊位费呢？")
        await until(pilot, lambda: len(quotes(later)) == 2)
        assert screen_of(later).conversations.listed()[0].turns == 2


async def test_an_answer_that_was_under_way_at_the_end_is_given_at_the_next_start(
    library: Library,
) -> None:
    first = host_of(library)
    async with first.run_test(size=(80, 24)) as pilot:
        first.desk.pause(keep=False)
        await ask(first, pilot, STALLS)
        await until(pilot, lambda: first.screen.query(TurnView))

    later = host_of(library)
    async with later.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: later.desk.jobs()[0].state == "done")
        await choose_first(later, pilot)
        await until(pilot, lambda: quotes(later) == [SAYS])


async def test_escape_puts_the_question_back(library: Library) -> None:
    host = host_of(library)
    async with host.run_test(size=(80, 24)) as pilot:
        host.gate.shut()
        await ask(host, pilot, STALLS)
        await until(pilot, lambda: "reading" in host.screen.query_one(WorkStatus).line)
        await pilot.press("escape")
        host.gate.open()
        await until(pilot, lambda: screen_of(host).field.text == STALLS)
        await until(pilot, lambda: not host.screen.query(TurnView))
        assert screen_of(host).conversations.listed() == []
        await pilot.press("enter")
        await until(pilot, lambda: quotes(host) == [SAYS])


async def test_a_question_that_waits_is_taken_out_of_the_queue(library: Library) -> None:
    host = host_of(library)
    async with host.run_test(size=(80, 24)) as pilot:
        host.desk.pause()
        await ask(host, pilot, STALLS)
        await until(pilot, lambda: "paused" in host.screen.query_one(WorkStatus).line)
        await ask(host, pilot, "另一个问题？")
        await pilot.pause()
        assert len(host.desk.jobs()) == 1
        screen_of(host).field.text = ""
        await pilot.press("escape")
        await until(pilot, lambda: screen_of(host).field.text == STALLS)
        assert host.desk.jobs()[0].state == "cancelled"


async def test_a_failure_stands_where_the_answer_would(library: Library) -> None:
    gone = [True]

    def failing(request: Request) -> str:
        if gone.pop() if gone else False:
            raise EngineError("the model is gone")
        return knowing(request)

    host = host_of(library, failing)
    async with host.run_test(size=(80, 24)) as pilot:
        await ask(host, pilot, STALLS)
        await until(pilot, lambda: "! the model is gone" in shown(host))
        # It is asked once more as it stands, and takes the place of itself.
        await until(pilot, lambda: screen_of(host).field.text == STALLS)
        await pilot.press("enter")
        await until(pilot, lambda: quotes(host) == [SAYS])
        assert len(host.screen.query(TurnView)) == 1


@pytest.mark.parametrize("fails", [False, True])
async def test_a_question_that_is_over_before_its_number_is_known_is_over(
    library: Library, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    gone = [fails]

    def answer(request: Request) -> str:
        if gone.pop() if gone else False:
            raise EngineError("the model is gone")
        return knowing(request)

    host = host_of(library, answer)
    over = threading.Event()
    async with host.run_test(size=(80, 24)) as pilot:
        host.desk.subscribe(lambda event: over.set() if isinstance(event, ENDS) else None)
        kept = screen_of(host).conversations
        put = kept.put

        def slow(*given: Any) -> Any:
            entered = put(*given)
            assert over.wait(90)
            return entered

        monkeypatch.setattr(kept, "put", slow)
        await ask(host, pilot, STALLS)
        if fails:
            await until(pilot, lambda: "! the model is gone" in shown(host))
            await until(pilot, lambda: screen_of(host).field.text == STALLS)
            await pilot.press("enter")
        await until(pilot, lambda: quotes(host) == [SAYS])
        await ask(host, pilot, "那摊位费呢？")
        await until(pilot, lambda: len(quotes(host)) == 2)


async def test_while_another_process_holds_the_library_it_says_so_and_keeps_the_question(
    library: Library, tmp_path: Path
) -> None:
    with (
        Library.open(library.path, busy_seconds=0.1) as impatient,
        Library.open(library.path) as other,
    ):
        host = host_of(impatient)
        async with host.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: host.desk.engine_state)
            with other.writing():
                await ask(host, pilot, STALLS)
                status = host.screen.query_one(WorkStatus)
                await until(pilot, lambda: status.has_class("-failed"))
                assert screen_of(host).field.text == STALLS
            await pilot.press("enter")
            await until(pilot, lambda: quotes(host) == [SAYS])


async def test_a_refusal_says_what_was_searched(library: Library) -> None:
    host = host_of(library)
    async with host.run_test(size=(80, 24)) as pilot:
        await ask(host, pilot, "万有引力定律由哪位物理学家提出？")
        await until(pilot, lambda: "文中未提及" in shown(host))
        assert "passages searched" in shown(host)


async def test_the_selection_and_the_library_are_asked_too(library: Library) -> None:
    host = host_of(library)
    host.selected = [1, 3]
    async with host.run_test(size=(80, 24)) as pilot:
        bar = host.screen.query_one(ScopeBar)
        await until(pilot, lambda: bar.said.startswith("2: "))
        await ask(host, pilot, STALLS)
        await until(pilot, lambda: quotes(host))
        assert set(host.desk.jobs()[0].article_ids) == {1, 3}
        await pilot.press("ctrl+t")
        await until(pilot, lambda: "all 3 articles" in bar.said)
        await ask(host, pilot, STALLS)
        await until(pilot, lambda: len(quotes(host)) == 2)
        assert host.desk.jobs()[0].work.library_articles == 3
        # An answer is kept for the article it cites, not for all that were looked at.
        kept = {number: len(library.results_of(number)) for number in (1, 2, 3)}
        assert kept == {1: 2, 2: 0, 3: 0}


async def test_opening_another_article_begins_another_conversation(library: Library) -> None:
    host = host_of(library)
    async with host.run_test(size=(80, 24)) as pilot:
        await ask(host, pilot, STALLS)
        await until(pilot, lambda: quotes(host))
        await host.push_screen(Screen())
        host.article_id, host.selected = 2, [2]
        host.pop_screen()
        await until(pilot, lambda: not host.screen.query(TurnView))
        await until(pilot, lambda: "遷入新棚" in host.screen.query_one(ScopeBar).said)
        await choose_first(host, pilot)
        await until(pilot, lambda: quotes(host) == [SAYS])


async def test_what_was_answered_while_another_screen_was_shown_is_there_on_return(
    library: Library,
) -> None:
    host = host_of(library)
    async with host.run_test(size=(80, 24)) as pilot:
        host.gate.shut()
        await ask(host, pilot, STALLS)
        await until(pilot, lambda: host.screen.query(TurnView))
        await host.push_screen(Screen())
        host.gate.open()
        await until(pilot, lambda: host.desk.jobs()[0].state == "done")
        host.pop_screen()
        await until(pilot, lambda: quotes(host) == [SAYS])
        assert screen_of(host)._job_id is None
        assert host.screen.query_one(WorkStatus).line == ""


async def test_conversations_are_renamed_exported_and_deleted(
    library: Library, tmp_path: Path
) -> None:
    host = host_of(library)
    async with host.run_test(size=(120, 30)) as pilot:
        await ask(host, pilot, STALLS)
        await until(pilot, lambda: quotes(host))
        listed = host.screen.query_one(ConversationList)
        assert listed.display
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(host.screen, TextDialog) and host.screen.focused)
        await pilot.press("a", "b", "enter")
        await until(pilot, lambda: "ab" in str(listed.get_option_at_index(0).prompt))

        screen_of(host)._export((tmp_path / "out.md", "markdown"))
        text = (tmp_path / "out.md").read_text(encoding="utf-8")
        assert text.startswith("# ab\n")
        assert SAYS in text.replace("**", "")

        await pilot.press("f4")
        await until(pilot, lambda: isinstance(host.screen, ConfirmDialog) and host.screen.focused)
        assert "cannot be undone" in shown(host)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: not host.screen.query(TurnView))
        assert screen_of(host).conversations.listed() == []


async def test_with_nothing_to_ask_it_says_what_to_do(tmp_path: Path) -> None:
    with Library.open(tmp_path / "empty.db") as empty:
        host = host_of(empty)
        host.article_id, host.selected = None, []
        async with host.run_test(size=(80, 24)) as pilot:
            assert "Ask what the articles say." in shown(host)
            await ask(host, pilot, STALLS)
            status = host.screen.query_one(WorkStatus)
            await until(pilot, lambda: "no article to ask" in status.line)
            assert screen_of(host).field.text == STALLS


async def test_a_tiny_terminal_and_back_loses_nothing(library: Library) -> None:
    host = host_of(library)
    async with host.run_test(size=(120, 30)) as pilot:
        await ask(host, pilot, STALLS)
        await until(pilot, lambda: quotes(host))
        screen_of(host).field.text = "半句"
        await pilot.resize_terminal(20, 5)
        await pilot.pause()
        await pilot.resize_terminal(120, 30)
        await until(pilot, lambda: "128个摊位" in shown(host))
        assert screen_of(host).field.text == "半句"
        assert host.screen.query_one(TurnList).display
