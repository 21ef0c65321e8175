"""An answer as text and Markdown, and conversations in files."""

import json
from pathlib import Path

import pytest
from ask_support import asked, books, market, saying
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.tasks.ask import conversation
from workbench.tasks.ask.answer import Turn
from workbench.tasks.ask.transcript import Transcript, load, save
from workbench.tasks.ask.views import rendered

QUESTION = "早市的新棚有多少个摊位？"


def test_text_is_short_first_then_evidence_then_what_was_searched(tmp_path: Path) -> None:
    article = market(tmp_path)
    shown = rendered(asked(QUESTION, article, saying("128个摊位")), "text").splitlines()
    assert shown[0] == "128个摊位"
    assert shown[2].startswith("  [")
    assert "128个摊位全部有了顶" in shown[2]
    assert f"{len(article.passages)} passages searched" in shown[-1]
    assert "scripted / answer" in shown[-1]


def test_a_refusal_says_why_and_what_was_searched(tmp_path: Path) -> None:
    answer = asked("Kimi在2024年有多少日活用户？", market(tmp_path), saying("800万"))
    for format in ("text", "markdown"):
        shown = rendered(answer, format)
        assert "文中未提及" in shown
        assert "not in the articles: Kimi" in shown
        assert "passages searched, 0 read" in shown


def test_markdown_has_the_words_of_the_answer_in_bold(tmp_path: Path) -> None:
    shown = rendered(asked(QUESTION, market(tmp_path), saying("128个摊位")), "markdown")
    assert "**128个摊位**" in shown


def test_of_several_articles_each_quote_names_its_own(tmp_path: Path) -> None:
    answer = asked("圖書車裡放了幾本書？", [market(tmp_path), books(tmp_path)], saying("2400本书"))
    assert "[海邊小學的圖書車 · 2026-03-05 · 2]" in rendered(answer, "text")


def test_json_is_one_line(tmp_path: Path) -> None:
    shown = rendered(asked(QUESTION, market(tmp_path), saying("128个摊位")), "json")
    assert shown.count("\n") == 1
    assert json.loads(shown)["text"] == "128个摊位"


def test_what_a_question_was_understood_as_is_shown(tmp_path: Path) -> None:
    answer = asked("那它呢？", market(tmp_path), saying("文中未提及"), [Turn(QUESTION, "128个")])
    assert "understood as:" in rendered(answer, "text")


# --- Conversations ---------------------------------------------------------------------------


def test_a_conversation_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "talk.json"
    kept = Transcript(("a.txt", "\udce4.txt"), (Turn("早市？", "新棚"), Turn("谁？", "文中未提及")))
    save(path, kept)
    assert load(path) == kept
    assert load(tmp_path / "none.json") == Transcript()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"schema_version": 2, "inputs": [], "turns": []}',
        '{"turns": 1}',
        '{"schema_version": 1, "inputs": [3], "turns": []}',
    ],
)
def test_a_file_that_is_no_conversation_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "talk.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WorkbenchError) as error:
        load(path)
    assert str(path) in str(error.value)


def test_a_conversation_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(WorkbenchError):
        save(tmp_path / "file" / "talk.json", Transcript())


def test_the_oldest_turns_of_a_very_long_conversation_go() -> None:
    transcript = Transcript()
    for number in range(70):
        transcript = transcript.with_turn(Turn(f"第{number}问", "答"), ("a.txt",))
    assert len(transcript.turns) == 50
    assert transcript.turns[-1].question == "第69问"


SAID = [Turn("青石镇的早市有多少个摊位？", "128个")]


@pytest.mark.parametrize("question", ["那新棚呢？", "它花了多少钱？", "谁出的？", "這個棚多大？"])
def test_a_question_that_names_little_or_points_back_leans(question: str) -> None:
    assert conversation.leans(question, SAID)
    assert not conversation.leans(question, [])
    assert "早市" in conversation.in_full(question, SAID)


def test_a_question_that_stands_alone_does_not_lean() -> None:
    alone = "海边小学的图书车里放了几本书？"
    assert not conversation.leans(alone, SAID)
    assert conversation.in_full(alone, SAID) == alone


def test_a_rewritten_question_keeps_what_was_asked_and_adds_only_what_was_said() -> None:
    assert conversation.is_sound("青石镇的早市花了多少钱？", "它花了多少钱？", SAID)
    assert not conversation.is_sound("法国首都的人口有多少？", "它花了多少钱？", SAID)
    assert not conversation.is_sound("", "它花了多少钱？", SAID)


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_question_may_follow_any_other(question: str, before: str) -> None:
    found = conversation.in_full(question, [Turn(before, "答")])
    assert question in found
