"""``workbench ask``: what it prints, refuses and keeps."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_support import ARTICLE, RECITED, Ended
from jsonschema import Draft202012Validator

import workbench
from workbench.tasks.ask.transcript import load

Cli = Callable[..., Ended]
QUESTION = "青石镇的早市怎么样了？"


def test_an_answer_is_printed_with_its_evidence(cli: Cli, model: Path, article: Path) -> None:
    ended = cli("ask", QUESTION, article, "-m", model)
    assert ended.status == 0, ended.err
    assert ended.out.splitlines()[0]
    assert "passages searched" in ended.out
    assert "template: answer" in ended.err


def test_json_is_as_the_schema_says(cli: Cli, model: Path, article: Path) -> None:
    ended = cli("ask", QUESTION, article, "-m", model, "--json")
    assert ended.status == 0, ended.err
    schema = Path(workbench.__file__).parent / "tasks" / "ask" / "answer.schema.json"
    found = ended.json()
    Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(found)
    assert found["task"] == "ask"
    assert found["written"] == RECITED
    for one in found["evidence"]:
        assert ARTICLE[one["start"] : one["end"]] == one["quote"]
    assert cli("ask", QUESTION, article, "-m", model, "--format", "json").json().keys() == (
        found.keys()
    )


def test_what_the_articles_do_not_say_is_done_not_failed(
    cli: Cli, model: Path, article: Path
) -> None:
    ended = cli("ask", "万有引力定律由哪位物理学家提出？", article, "-m", model)
    assert ended.status == 0
    assert ended.out.startswith("文中未提及")


def test_a_conversation_is_gone_on_with(cli: Cli, model: Path, article: Path, home: Path) -> None:
    assert cli("ask", QUESTION, article, "-m", model).status == 0
    kept = load(home / "data" / "conversation.json")
    assert [turn.question for turn in kept.turns] == [QUESTION]
    again = cli("ask", "那它搬到哪里？", "--continue", "-m", model, "--json")
    assert again.status == 0, again.err
    assert "早市" in again.json()["asked"]
    assert len(load(home / "data" / "conversation.json").turns) == 2


def test_a_conversation_in_a_file_of_ones_own(
    cli: Cli, model: Path, article: Path, tmp_path: Path, home: Path
) -> None:
    talk = tmp_path / "talk.json"
    for number in (1, 2):
        ended = cli("ask", QUESTION, article, "-m", model, "--conversation", talk)
        assert ended.status == 0, ended.err
        assert len(load(talk).turns) == number
    assert not (home / "data" / "conversation.json").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((QUESTION,), "say what to ask"),
        ((QUESTION, "--continue"), "say what to ask"),
        (("  ", "x.txt"), "the question is empty"),
        ((QUESTION, "x.txt", "-p", "news"), "is for summarize, not for ask"),
        ((QUESTION, "x.txt", "-p", "nothing"), "nothing"),
        ((QUESTION, "x.txt", "--var", "x=1"), "x"),
        ((QUESTION, "x.txt", "--continue", "--conversation", "y"), "not both"),
        ((QUESTION, "x.txt", "--read", "half"), "half"),
    ],
)
def test_wrong_use_is_told_in_one_line(cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    ended = cli("ask", *arguments)
    assert ended.status == 2
    assert said in ended.complaint()
    assert ended.out == ""


def test_an_input_that_fails_fails_the_command_though_others_answer(
    cli: Cli, model: Path, article: Path, tmp_path: Path
) -> None:
    ended = cli("ask", QUESTION, article, tmp_path / "none.txt", "-m", model)
    assert ended.status == 1
    assert "none.txt" in ended.complaint()
    assert ended.out


def test_nothing_readable_ends_before_a_model_is_loaded(cli: Cli, tmp_path: Path) -> None:
    ended = cli("ask", QUESTION, tmp_path / "none.txt", "-m", "no-such-model")
    assert ended.status == 1
    assert "none.txt" in ended.complaint()


def test_a_broken_conversation_is_wrong_use(
    cli: Cli, model: Path, article: Path, tmp_path: Path
) -> None:
    talk = tmp_path / "talk.json"
    talk.write_text("no conversation", encoding="utf-8")
    ended = cli("ask", QUESTION, article, "--conversation", talk)
    assert ended.status == 2
    assert "talk.json" in ended.complaint()
    assert talk.read_text(encoding="utf-8") == "no conversation"


def test_the_library_is_asked_and_keeps_the_answer(cli: Cli, model: Path, article: Path) -> None:
    assert cli("library", "add", article).status == 0
    ended = cli("ask", QUESTION, "library:", "-m", model, "--json")
    assert ended.status == 0, ended.err
    assert ended.json()["searched"]["library_articles"] == 1
    shown = cli("library", "show", "1")
    assert shown.status == 0
