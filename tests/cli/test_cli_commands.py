"""What each command prints, and that --json is JSON and nothing else."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_support import ARTICLE, SAMPLES, Ended

from workbench.paths import models_folder

Cli = Callable[..., Ended]


def own_template(home: Path, name: str, body: str) -> Path:
    path = home / "config" / "prompts" / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"---\nname: {name}\ntitle: Mine\ndescription: My own.\n---\n{body}\n", encoding="utf-8"
    )
    return path


def test_help_names_every_command(cli: Cli) -> None:
    ended = cli("--help")
    assert ended.status == 0
    for name in ("read", "summarize", "models", "prompts", "cache", "bench", "doctor"):
        assert name in ended.out
        assert cli(name, "--help").status == 0


def test_without_a_command_help_is_shown_as_wrong_use(cli: Cli) -> None:
    for arguments in (("models",), ("prompts",), ("cache",)):
        ended = cli(*arguments)
        assert ended.status == 2
        assert "Usage: workbench" in ended.err
        assert ended.out == ""


def test_read_shows_what_is_understood(cli: Cli) -> None:
    path = SAMPLES / "city-library-nights.txt"
    ended = cli("read", path)
    assert ended.status == 0
    assert ended.err == ""
    for said in (str(path), "utf-8", "simplified", "2024-09-03", "[1] 0-204", "6 passages"):
        assert said in ended.out


def test_read_json_gives_passages_and_removals_by_offset(cli: Cli) -> None:
    paths = sorted(SAMPLES.glob("*.txt"))
    found = cli("read", "--json", *paths).json()
    assert [item["path"] for item in found] == [str(path) for path in paths]
    for item, path in zip(found, paths, strict=True):
        assert item["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert item["passages"]
        for part in (*item["passages"], *item["removals"]):
            assert item["text"][part["start"] : part["end"]] == part["text"]


def test_read_json_is_json_also_when_every_file_failed(cli: Cli, tmp_path: Path) -> None:
    ended = cli("read", "--json", tmp_path / "a.txt", tmp_path / "b.txt")
    assert (ended.status, ended.json(), len(ended.complaints)) == (1, [], 2)


def test_raw_keeps_what_cleaning_removes(cli: Cli) -> None:
    path = SAMPLES / "county-meals-for-the-old.txt"
    assert cli("read", "--json", path).json()[0]["removals"]
    assert cli("read", "--json", "--raw", path).json()[0]["removals"] == []


def test_the_encoding_can_be_given(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes(ARTICLE.encode("gb18030"))
    found = cli("read", "--json", "--encoding", "gb18030", path).json()[0]
    assert found["encoding"]["name"].lower().replace("-", "") == "gb18030"
    assert found["text"] == ARTICLE


def test_models_list_shows_the_catalogue_and_what_is_here(cli: Cli, model: Path) -> None:
    before = cli("models", "list", "--json").json()
    assert {"qwen2.5-coder-0.5b", "qwen3-4b-2507"} <= {item["id"] for item in before}
    assert not [item for item in before if item["here"]]
    cli("models", "add", model, "--name", "mine")
    here = cli("models", "list", "--here", "--json").json()
    assert [(item["id"], item["origin"], item["fits"]) for item in here] == [
        ("mine", "linked", True)
    ]
    table = cli("models", "list").out.splitlines()
    assert table[0].split()[0] == "name"
    assert len(table) == 1 + len(before) + 1
    assert table[-1].split()[:2] == ["mine", "here"]


def test_models_add_verify_show_and_remove_tell_the_same_in_json(cli: Cli, model: Path) -> None:
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    added = cli("models", "add", model, "--name", "mine", "--copy", "--json").json()
    copy = Path(added["path"])
    assert copy.parent == models_folder()
    assert copy.read_bytes() == model.read_bytes()
    verified = cli("models", "verify", "--json").json()
    assert verified == [
        {"name": "mine", "path": str(copy), "sha256": digest, "expected": digest, "ok": True}
    ]
    shown = cli("models", "show", "mine", "--json").json()
    assert (shown["architecture"], shown["context_length"]) == ("qwen2", 4096)
    assert shown["chat_template"] is True
    assert shown["memory_needed"] > shown["file_size"]
    refused = cli("models", "remove", "mine", "--json")
    assert refused.status == 2
    assert "--yes" in refused.complaint()
    assert copy.exists()
    removed = cli("models", "remove", "mine", "--yes", "--json")
    assert removed.json() == {"name": "mine", "path": str(copy), "deleted": True}
    assert not copy.exists()
    assert model.exists()


def test_a_linked_file_is_never_deleted(cli: Cli, model: Path) -> None:
    cli("models", "add", model, "--name", "mine")
    ended = cli("models", "remove", "mine", "--json")
    assert ended.json() == {"name": "mine", "path": str(model), "deleted": False}
    assert model.exists()
    assert cli("models", "list", "--here", "--json").json() == []


def test_a_model_changed_since_it_was_added_fails_its_verification(
    cli: Cli, model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(model.read_bytes())
    cli("models", "add", path)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    ended = cli("models", "verify", "mine", "--json")
    assert ended.status == 1
    assert ended.json()[0]["ok"] is False
    assert str(path) in ended.complaint()


def test_a_model_damaged_since_it_was_added_is_listed_as_such(
    cli: Cli, model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(model.read_bytes())
    cli("models", "add", path)
    path.write_bytes(model.read_bytes()[:1000])
    ended = cli("models", "list", "--here")
    assert ended.status == 0
    assert "damaged" in ended.out
    assert str(path) in cli("models", "list", "--here", "--json").json()[0]["error"]
    report = cli("doctor", "--json")
    assert report.status == 1
    assert any("mine" in problem for problem in report.json()["problems"])


def test_models_show_tells_of_an_entry_that_is_not_here(cli: Cli) -> None:
    found = cli("models", "show", "qwen2.5-coder-0.5b", "--json").json()
    assert found["quantization"] == "Q4_K_M"
    assert len(found["sha256"]) == 64
    text = cli("models", "show", "qwen2.5-coder-0.5b").out
    assert "commercial: yes" in text
    assert "sources: hub, index" in text


def test_prompts_list_names_the_shipped_and_the_own(cli: Cli, home: Path) -> None:
    own_template(home, "diary", "写一句话。")
    (home / "config" / "prompts" / "torn.md").write_text("no front matter")
    found = {item["name"]: item for item in cli("prompts", "list", "--json").json()}
    assert {"news", "brief", "timeline", "one-sentence"} <= set(found)
    assert found["diary"]["own"] is True
    assert found["news"]["own"] is False
    assert found["brief"]["variables"] == {"reader": "公司管理者"}
    assert "front matter" in found["torn"]["error"]
    text = cli("prompts", "list")
    assert text.status == 0
    assert "broken" in text.out


def test_a_template_of_the_same_name_takes_the_place_of_the_shipped_one(
    cli: Cli, home: Path
) -> None:
    path = own_template(home, "news", "只写一句话。")
    shown = cli("prompts", "show", "news", "--json").json()
    assert (shown["path"], shown["own"], shown["body"]) == (str(path), True, "只写一句话。")
    assert cli("prompts", "show", "news", "--path").out == f"{path}\n"


def test_prompts_show_prints_the_file_as_it_is(cli: Cli) -> None:
    path = Path(cli("prompts", "show", "brief", "--path").out.rstrip("\n"))
    assert cli("prompts", "show", "brief").out == path.read_text(encoding="utf-8")


def test_prompts_new_makes_a_template_that_is_fine(cli: Cli, home: Path) -> None:
    ended = cli("prompts", "new", "mine", "--from", "timeline", "--json")
    path = home / "config" / "prompts" / "mine.md"
    assert ended.json() == {"name": "mine", "path": str(path)}
    assert cli("prompts", "check", "mine").out == "mine: fine\n"
    path.write_text(path.read_text(encoding="utf-8") + "\n改过。\n", encoding="utf-8")
    again = cli("prompts", "new", "mine")
    assert again.status == 1
    assert "exists already" in again.complaint()
    assert "改过" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["Mine", "../mine", "", "a b", "甲"])
def test_prompts_new_refuses_a_name_that_cannot_be_one(cli: Cli, home: Path, name: str) -> None:
    ended = cli("prompts", "new", name)
    assert ended.status == 1
    ended.complaint()
    assert not list(home.rglob("*.md"))


def test_prompts_check_tells_the_sound_from_the_broken(cli: Cli, home: Path) -> None:
    path = own_template(home, "torn", "{{ oops }}")
    ended = cli("prompts", "check", "--json")
    assert ended.status == 1
    wrong = [item for item in ended.json() if item["error"]]
    assert [item["path"] for item in wrong] == [str(path)]
    assert f"{path}: line 6: " in ended.complaint()
    path.unlink()
    assert cli("prompts", "check").status == 0


def test_doctor_reports_what_is_here(cli: Cli, home: Path, model: Path) -> None:
    cli("models", "add", model, "--name", "mine")
    ended = cli("doctor", "--json")
    found = ended.json()
    assert ended.status == 0
    assert found["problems"] == []
    assert found["offline_guard"] is True
    assert found["llama"]["version"]
    assert found["llama"]["error"] == ""
    assert found["default"] == "mine"
    assert found["models"][0]["fits"] is True
    assert found["folders"]["config"] == str(home / "config" / "config.toml")
    assert 0 < found["memory_available"] <= found["memory_total"]
    text = cli("doctor")
    assert text.status == 0
    assert text.err == ""
    for said in ("llama.cpp", "mine", "offline guard: holds", str(home), found["version"]):
        assert said in text.out


def test_doctor_names_every_problem_at_once(
    cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_template(home, "torn", "{{ oops }}")
    monkeypatch.setenv("WORKBENCH_MODEL", "no-such-model")
    ended = cli("doctor", "--json")
    assert ended.status == 1
    problems = "\n".join(ended.json()["problems"])
    assert "torn.md" in problems
    assert "no-such-model" in problems
    monkeypatch.setenv("WORKBENCH_CONTEXT", "many")
    text = cli("doctor")
    assert text.status == 1
    assert "WORKBENCH_CONTEXT" in text.err
    assert "torn.md" in text.err
    assert "Traceback" not in text.err


def test_json_of_every_command_is_one_value_on_standard_output(
    cli: Cli, model: Path, article: Path
) -> None:
    cli("models", "add", model, "--name", "mine")
    for arguments in (
        ("read", "--json", article),
        ("models", "list", "--json"),
        ("models", "show", "mine", "--json"),
        ("models", "verify", "--json"),
        ("prompts", "list", "--json"),
        ("prompts", "show", "news", "--json"),
        ("prompts", "check", "--json"),
        ("cache", "show", "--json"),
        ("cache", "clear", "--json"),
        ("bench", "-m", "mine", "--context", "1024", "--json"),
        ("doctor", "--json"),
        ("summarize", "-m", "mine", "--format", "json", article),
    ):
        ended = cli(*arguments)
        assert ended.status == 0, (arguments, ended.err)
        json.loads(ended.out)


def test_a_summary_is_as_the_schema_says(cli: Cli, model: Path, article: Path) -> None:
    from jsonschema import Draft202012Validator

    import workbench

    schema = Path(workbench.__file__).parent / "tasks" / "result.schema.json"
    ended = cli("summarize", "-m", model, "--format", "json", article)
    found = ended.json()
    Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(found)
    assert found["model"]["sha256"] == hashlib.sha256(model.read_bytes()).hexdigest()
    assert found["article"]["sha256"] == hashlib.sha256(article.read_bytes()).hexdigest()
    text = cli("read", "--json", article).json()[0]["text"]
    for point in found["points"]:
        for citation in point["citations"]:
            assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_the_same_command_gives_the_same_summary(cli: Cli, model: Path, article: Path) -> None:
    one, two = (
        cli("summarize", "-m", model, "--format", "json", article).json() for _run in range(2)
    )
    for found in (one, two):
        del found["seconds"], found["usage"]["read_seconds"], found["usage"]["write_seconds"]
    # The second run need not read the article: its KV state is on disk.
    assert one["usage"].pop("reused_tokens") < two["usage"].pop("reused_tokens")
    assert one == two


@pytest.mark.parametrize(
    ("language", "said"), [("zh_CN", None), ("zh_TW", None), ("xx", "no such file")]
)
def test_errors_are_told_in_any_language(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, said: str | None
) -> None:
    monkeypatch.setenv("WORKBENCH_LANGUAGE", language)
    ended = cli("read", tmp_path / "missing.txt")
    assert ended.status == 1
    assert str(tmp_path / "missing.txt") in ended.complaint()
    if said:
        assert said in ended.err
