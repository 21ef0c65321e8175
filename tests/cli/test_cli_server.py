"""``-m openai:…``: a model that a server runs, in place of a file."""

import json
import socket
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from cli_support import ARTICLE, RECITED, Ended
from openai_support import FakeServer, llama_routes, saying, serving, usage

from workbench.settings import config_file, stored_settings

SCHEMA = Path(__file__).parents[2] / "workbench" / "tasks" / "result.schema.json"
Cli = Callable[..., Ended]


def summarised(cli: Cli, server: FakeServer, article: Path, *more: str) -> Ended:
    model = f"openai:{server.url}"
    return cli("summarize", "-m", model, "--length", "short", *more, article)


def test_a_summary_is_written_by_a_server(cli: Cli, article: Path) -> None:
    reply = saying(RECITED, counts=usage(prompt=400))
    with serving(reply, routes=llama_routes()) as server:
        ended = summarised(cli, server, article, "--format", "json")
    assert ended.status == 0
    assert "model: qwen (as asked)" in ended.err
    result = ended.json()
    assert result["model"] == {"name": "qwen", "sha256": None, "quantization": "", "adapters": []}
    assert result["settings"]["context"] == 4096
    assert result["coverage"]["passages_read"] == result["coverage"]["passages_total"]
    assert result["usage"]["prompt_tokens"] == 400 * len(server.chats)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    model = {**schema["properties"]["model"], "$defs": schema["$defs"]}
    jsonschema.validate(result["model"], model)


def test_what_is_sent_is_the_article_and_the_instruction_alone(cli: Cli, article: Path) -> None:
    reply = saying(RECITED, counts=usage(prompt=400))
    with serving(reply, routes=llama_routes()) as server:
        assert summarised(cli, server, article).status == 0
    sent = json.dumps([asked.body for asked in server.asked], ensure_ascii=False)
    assert ARTICLE.splitlines()[0] in sent
    assert article.name not in sent
    assert {name for asked in server.asked for name in asked.headers} == {
        *("host", "user-agent", "accept-encoding", "content-type", "content-length"),
    }


def test_a_server_that_is_not_there_is_one_clear_line(cli: Cli, article: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        ended = cli("summarize", "-m", f"openai:http://127.0.0.1:{port}/v1", article)
    assert ended.status == 1
    assert f"no server answers at http://127.0.0.1:{port}/v1" in ended.complaint()


def test_a_wrong_path_is_one_clear_line(cli: Cli, article: Path) -> None:
    with serving(routes=llama_routes()) as server:
        ended = cli("summarize", "-m", f"openai:http://127.0.0.1:{server.port}/api", article)
    assert ended.status == 1
    assert "ends in /v1" in ended.complaint()


def test_an_unknown_model_is_one_clear_line_with_those_there_are(cli: Cli, article: Path) -> None:
    with serving(routes=llama_routes()) as server:
        ended = cli("summarize", "-m", f"openai:{server.url}#llama", article)
    assert ended.status == 1
    assert "no model 'llama'. Name one of these after #: qwen." in ended.complaint()


def test_an_address_outside_is_one_clear_line(cli: Cli, article: Path) -> None:
    ended = cli("summarize", "-m", "openai:http://192.0.2.1:8080/v1", article)
    assert ended.status == 1
    assert "allow_remote_server" in ended.complaint()


def test_an_address_that_is_none_is_wrong_use(cli: Cli, article: Path) -> None:
    ended = cli("summarize", "-m", "openai:127.0.0.1:8080", article)
    assert ended.status == 2
    assert "openai:http://" in ended.complaint()


def test_articles_after_one_that_fails_are_still_done(
    cli: Cli, article: Path, tmp_path: Path
) -> None:
    reply = saying(RECITED, counts=usage(prompt=400))
    with serving(reply, routes=llama_routes()) as server:
        ended = summarised(cli, server, article, str(tmp_path / "none.txt"))
    assert ended.status == 1
    assert "none.txt" in ended.complaint()
    assert RECITED in ended.out


def test_the_server_can_be_a_setting_and_doctor_finds_nothing_wrong_with_it(
    cli: Cli, article: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(saying(RECITED, counts=usage(prompt=400)), routes=llama_routes()) as server:
        config_file().parent.mkdir(parents=True)
        config_file().write_text(f'model = "openai:{server.url}#qwen"\n', encoding="utf-8")
        stored_settings.cache_clear()
        assert RECITED in cli("summarize", article).out
        ended = cli("doctor")
        assert f"default model: openai:{server.url}#qwen" in ended.out
        assert "problem" not in ended.out + ended.err
        monkeypatch.setenv("WORKBENCH_MODEL", "openai:nowhere")
        ended = cli("doctor")
        assert "is not the address of a server" in ended.out + ended.err


def test_a_summary_of_an_article_in_the_library_is_kept_there(cli: Cli, article: Path) -> None:
    other = article.with_name("另一篇.txt")
    other.write_text(article.read_text(encoding="utf-8")[::-1], encoding="utf-8")
    assert cli("library", "add", article).status == 0
    reply = saying(RECITED, counts=usage(prompt=400))
    with serving(reply, routes=llama_routes()) as server:
        written = summarised(cli, server, article, "--format", "json").json()
        summarised(cli, server, other)
    kept = cli("library", "results", "1", "--json").json()
    assert [one["result"] for one in kept] == [written]
    assert len(cli("library", "list", "--json").json()) == 1
