"""The parts of the ask screen by themselves: the field of questions, and one turn."""

from pathlib import Path

import pytest
from tasks.tasks_support import MODEL, SIMPLIFIED, TRADITIONAL, ScriptedEngine, article_of
from textual import events
from textual.app import App, ComposeResult
from tui.screens_support import shown, until
from tui.settling import settled

from workbench.prompting.library import find_template
from workbench.store.conversations import KeptTurn
from workbench.tasks.ask.task import Answer, AskOptions, ask
from workbench.tui.themes import marks_of
from workbench.tui.widgets.question_input import QuestionInput
from workbench.tui.widgets.turn_list import TurnList
from workbench.tui.widgets.turn_view import EvidenceItem, TurnView

LONG = "请问青石镇的早市搬进新棚以后，一共有多少个摊位，摊位费涨了没有，老街的老人怎么去？"


class Host(App[None]):
    def __init__(self, *turns: KeptTurn) -> None:
        super().__init__()
        self.turns = turns
        self.sent: list[str] = []
        self.opened: list[tuple[int, tuple[tuple[int, int], ...]]] = []
        self.copied = ""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return marks_of(self.current_theme.dark)

    def compose(self) -> ComposeResult:
        yield TurnList()
        yield QuestionInput()

    async def on_mount(self) -> None:
        await self.query_one(TurnList).show(self.turns)
        self.field.focus()

    @property
    def field(self) -> QuestionInput:
        return self.query_one(QuestionInput)

    def on_question_input_sent(self, message: QuestionInput.Sent) -> None:
        self.sent.append(message.text)

    def on_evidence_item_opened(self, message: EvidenceItem.Opened) -> None:
        self.opened.append((message.article_id, message.spans))

    def copy_to_clipboard(self, text: str) -> None:
        self.copied = text


def answered(
    folder: Path, question: str, said: str, *, texts: tuple[str, ...] = (SIMPLIFIED,)
) -> Answer:
    articles = [article_of(folder, text, f"{at}.txt") for at, text in enumerate(texts)]
    engine = ScriptedEngine(lambda _request: said)
    return ask(question, articles, find_template("answer"), engine, MODEL, AskOptions())


def turn(answer: Answer | None, error: str = "", ids: tuple[int, ...] = (7,)) -> KeptTurn:
    found = answer.to_json() if answer else None
    question = answer.question if answer else "早市几点开？"
    return KeptTurn(1, question, "2026-03-02T08:00:00+00:00", 3, found, ids, error)


async def test_a_long_commit_of_an_input_method_arrives_whole_and_enter_sends_it() -> None:
    host = Host()
    async with host.run_test(size=(80, 24)) as pilot:
        for char in LONG:
            host.field.post_message(events.Key(char, char))
        await until(pilot, lambda: host.field.text == LONG)
        await pilot.press("enter")
        await until(pilot, lambda: host.sent == [LONG])


async def test_what_is_pasted_keeps_its_lines_and_lines_can_be_begun() -> None:
    host = Host()
    async with host.run_test(size=(80, 24)) as pilot:
        host.post_message(events.Paste(f"{LONG}\n第二行"))
        await until(pilot, lambda: host.field.text == f"{LONG}\n第二行")
        assert host.sent == []
        await pilot.press("ctrl+j", "a")
        assert host.field.text == f"{LONG}\n第二行\na"
        assert host.field.size.height >= 4


async def test_a_question_is_put_back_only_into_an_empty_field() -> None:
    host = Host()
    async with host.run_test(size=(80, 24)):
        host.field.put_back("早市几点开？")
        assert host.field.text == "早市几点开？"
        host.field.put_back("另一个问题")
        assert host.field.text == "早市几点开？"


async def test_the_answer_comes_first_and_each_quote_opens_its_passage(tmp_path: Path) -> None:
    answer = answered(tmp_path, "早市的新棚有多少个摊位？", "128个摊位")
    host = Host(turn(answer))
    async with host.run_test(size=(80, 24)) as pilot:
        lines = shown(host)
        assert lines.index("早市的新棚有多少个摊位？") < lines.index("128个摊位")
        assert lines.index("  128个摊位") < lines.index("[2]") < lines.index("passages searched")
        host.query_one(EvidenceItem).focus()
        await pilot.press("enter")
        evidence = answer.evidence[0]
        await until(pilot, lambda: host.opened == [(7, ((evidence.start, evidence.end),))])
        await pilot.press("y")
        assert "128个摊位全部有了顶" in host.copied
        await pilot.click(EvidenceItem)
        await until(pilot, lambda: len(host.opened) == 2)


async def test_quotes_of_several_articles_name_theirs(tmp_path: Path) -> None:
    answer = answered(
        tmp_path, "圖書車每週到哪裡？", "海边的五所小学", texts=(SIMPLIFIED, TRADITIONAL)
    )
    host = Host(turn(answer, ids=(7, 8)))
    async with host.run_test(size=(100, 30)) as pilot:
        assert "海邊小學的圖書車" in host.query_one(EvidenceItem).plain
        host.query_one(EvidenceItem).action_open()
        await until(pilot, lambda: host.opened and host.opened[0][0] == 8)


async def test_a_refusal_says_why_and_what_was_searched(tmp_path: Path) -> None:
    answer = answered(tmp_path, "万有引力定律由哪位物理学家提出？", "牛顿")
    host = Host(turn(answer))
    async with host.run_test(size=(80, 24)):
        lines = shown(host)
        assert "文中未提及" in lines
        assert "hardly a word of the question is in the articles" in lines.replace("\n    ", " ")
        assert "passages searched" in lines
        assert not host.query(EvidenceItem)


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (turn(None), "waiting for the model"),
        (turn(None, "the engine died"), "! the engine died"),
        (KeptTurn(1, "问", "", 3, {"text": 5}, (7,), ""), "means nothing"),
    ],
)
async def test_what_is_no_answer_says_so(kept: KeptTurn, said: str) -> None:
    host = Host(kept)
    async with host.run_test(size=(100, 30)):
        assert said in shown(host)


async def test_a_draft_is_shown_until_the_answer_is_there(tmp_path: Path) -> None:
    host = Host(turn(None))
    async with host.run_test(size=(80, 24)) as pilot:
        listed = host.query_one(TurnList)
        listed.draft(1, "128个")
        await until(pilot, lambda: "128个" in shown(host))
        await listed.show([turn(answered(tmp_path, "早市的新棚有多少个摊位？", "128个摊位"))])
        await until(pilot, lambda: "passages searched" in shown(host))
        assert len(host.query(TurnView)) == 1


async def test_showing_the_same_twice_at_once_shows_it_once() -> None:
    host = Host()
    async with host.run_test(size=(80, 24)) as pilot:
        listed = host.query_one(TurnList)
        for _time in range(2):
            host.run_worker(listed.show([turn(None)]))
        await until(pilot, lambda: host.query(TurnView))
        await settled(host)
        assert len(host.query(TurnView)) == 1
