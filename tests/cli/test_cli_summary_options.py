"""Lengths in characters, unsupported points, the second look and fields, on the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_support import Ended
from jsonschema import Draft202012Validator

import workbench
from workbench.prompting.library import find_template

Cli = Callable[..., Ended]
SCHEMA = json.loads(
    (Path(workbench.__file__).parent / "tasks" / "result.schema.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--characters", "3"), "--characters"),
        (("--characters", "many"), "--characters"),
        (("--unsupported", "hide"), "mark"),
        (("-p", "answer"), "for ask, not for summarize"),
    ],
)
def test_what_cannot_be_asked_for_is_one_clear_line(
    cli: Cli, model: Path, article: Path, arguments: tuple[str, ...], said: str
) -> None:
    ended = cli("summarize", "-m", model, article, *arguments)
    assert ended.status == 2
    assert said in ended.complaint()
    assert ended.out == ""


def test_a_schema_the_engine_cannot_hold_to_is_told_with_its_line(
    cli: Cli, model: Path, article: Path, tmp_path: Path
) -> None:
    path = tmp_path / "own.md"
    path.write_text(
        "---\nname: own\ntitle: Own\ndescription: Mine.\nschema:\n  type: object\n  properties:\n"
        "    place:\n      type: string\n      pattern: '[a-z]'\n---\n在哪里？\n",
        encoding="utf-8",
    )
    for arguments in (("summarize", "-m", model, "-p", path, article), ("prompts", "check", path)):
        ended = cli(*arguments)
        assert ended.status in (1, 2)
        assert f"{path}: line 10: " in ended.complaint()
        assert "pattern" in ended.complaint()


def test_options_reach_the_result(cli: Cli, model: Path, article: Path) -> None:
    ended = cli(
        *("summarize", "-m", model, article, "--format", "json"),
        *("--characters", "120", "--unsupported", "drop", "--verify"),
    )
    assert ended.status == 0, ended.err
    result = json.loads(ended.out)
    Draft202012Validator(SCHEMA).validate(result)
    assert result["settings"]["characters"] == 120
    assert result["settings"]["unsupported"] == "drop"
    assert result["extent"]["characters"] == sum(len(one["text"]) for one in result["points"])
    assert all(one["verified"] in (True, False, None) for one in result["points"])
    assert not [
        check
        for one in result["points"]
        for check in one["checks"]
        if check["status"] in ("unsupported", "differs")
    ]


@pytest.mark.parametrize("name", ["people", "data", "positions"])
def test_whatever_a_model_writes_the_fields_are_valid(
    cli: Cli, model: Path, article: Path, name: str
) -> None:
    ended = cli(
        "summarize", "-m", model, "-p", name, article, "--format", "json", "--length", "short"
    )
    assert ended.status == 0, ended.err
    result = json.loads(ended.out)
    Draft202012Validator(SCHEMA).validate(result)
    schema = find_template(name).schema
    assert schema is not None
    if result["fields"]:
        Draft202012Validator(dict(schema)).validate(result["fields"])
