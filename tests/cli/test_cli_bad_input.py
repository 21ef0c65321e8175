import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_support import ARTICLE, RECITED, Ended
from tiny_gguf import Tiny, write

Cli = Callable[..., Ended]

BAD_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "no such file"),
    "folder": (lambda path: path.mkdir(), "is a folder"),
    "empty": (lambda path: path.write_bytes(b""), "is empty"),
    "blank": (lambda path: path.write_text(" \n\t\n　"), ""),
    "binary": (lambda path: path.write_bytes(bytes(range(256)) * 20), "not text"),
    "picture": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200)), "PNG"),
    "undecodable": (lambda path: path.write_bytes(b"\xff\x81\xfe\x80" * 60), "encoding"),
    "huge": (lambda path: _sparse(path, 50 << 20), "50 MB"),
    "pipe": (lambda path: os.mkfifo(path), "pipe"),
    "page": (
        lambda path: path.write_text(
            "<html><head><script>go()</script></head><body></body></html>"
        ),
        "",
    ),
}


def _sparse(path: Path, size: int) -> None:
    with path.open("wb") as stream:
        stream.write(ARTICLE.encode())
        stream.truncate(size)


@pytest.fixture(params=sorted(BAD_FILES))
def bad(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str]:
    make, said = BAD_FILES[request.param]
    path = tmp_path / f"{request.param}.txt"
    make(path)
    return path, said


def test_a_bad_file_is_one_clear_line_and_the_others_are_read(
    cli: Cli, article: Path, bad: tuple[Path, str]
) -> None:
    path, said = bad
    ended = cli("read", "--json", path, article)
    assert ended.status == 1
    assert str(path) in ended.complaint()
    assert said in ended.complaint()
    assert [item["path"] for item in ended.json()] == [str(article)]


def test_bad_files_do_not_keep_the_others_from_being_summarised(
    cli: Cli, model: Path, article: Path, tmp_path: Path
) -> None:
    paths = []
    for name, (make, _said) in BAD_FILES.items():
        path = tmp_path / f"{name}.txt"
        make(path)
        paths.append(path)
    second = tmp_path / "second.txt"
    second.write_text(ARTICLE, encoding="utf-8")
    ended = cli("summarize", "-m", model, "--format", "json", article, *paths, second)
    assert ended.status == 1
    assert "Traceback" not in ended.err
    assert [result["article"]["path"] for result in ended.json_lines()] == [
        str(article),
        str(second),
    ]
    for path, complaint in zip(paths, ended.complaints, strict=True):
        assert str(path) in complaint


def test_a_file_that_disappears_during_the_work_is_one_clear_line(
    cli: Cli, model: Path, article: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.tasks import summarize as task

    fleeting = tmp_path / "fleeting.txt"
    fleeting.write_text(ARTICLE, encoding="utf-8")

    def and_delete(*arguments: object, **more: object) -> object:
        result = task.summarize(*arguments, **more)  # type: ignore[arg-type]
        fleeting.unlink(missing_ok=True)
        return result

    monkeypatch.setattr("workbench.cli.summarize.summarize", and_delete)
    ended = cli("summarize", "-m", model, article, fleeting)
    assert ended.status == 1
    assert str(fleeting) in ended.complaint()
    assert RECITED in ended.out


BARE = Tiny(template=None, special=("<|endoftext|>",), end="<|endoftext|>")
BAD_MODELS: dict[str, tuple[Callable[[Path, bytes], object], str]] = {
    "missing": (lambda path, good: None, "No such file"),
    "folder": (lambda path, good: path.mkdir(), "directory"),
    "empty": (lambda path, good: path.write_bytes(b""), "is empty"),
    "text": (lambda path, good: path.write_text(ARTICLE), "text file"),
    "random": (lambda path, good: path.write_bytes(b"\x9c\x01" * 3000), "not a GGUF"),
    "cut-off": (lambda path, good: path.write_bytes(good[: len(good) // 2]), "cut off"),
    "cut-header": (lambda path, good: path.write_bytes(good[:200]), "damaged"),
    "unheard-of": (lambda path, good: write(path, Tiny(architecture="xyz")), "'xyz'"),
    "no-template": (lambda path, good: write(path, BARE), "no chat template"),
    "encoder": (lambda path, good: write(path, Tiny(architecture="bert")), "does not write"),
}


@pytest.mark.parametrize("name", sorted(BAD_MODELS))
def test_a_bad_model_is_one_clear_line(
    cli: Cli, model: Path, article: Path, tmp_path: Path, name: str
) -> None:
    make, said = BAD_MODELS[name]
    path = tmp_path / f"{name}.gguf"
    make(path, model.read_bytes())
    ended = cli("summarize", "-m", path, article)
    assert ended.status == 1
    assert str(path) in ended.complaint()
    assert said in ended.complaint()
    assert ended.out == ""


@pytest.mark.parametrize("order", [("-m", "{model}"), ()])
def test_a_model_larger_than_memory_is_refused_before_it_is_loaded(
    cli: Cli,
    model: Path,
    article: Path,
    monkeypatch: pytest.MonkeyPatch,
    order: tuple[str, ...],
) -> None:
    assert cli("models", "add", model).status == 0
    monkeypatch.setattr("workbench.tasks.session.available_memory", lambda: 1_000_000)
    monkeypatch.setattr("workbench.catalog.fit.available_memory", lambda: 1_000_000)
    ended = cli("summarize", *[part.format(model=model) for part in order], article)
    assert ended.status == 1
    assert "memory" in ended.complaint() or "no model" in ended.complaint()
    assert "loading" not in ended.err


def test_without_a_model_the_way_to_one_is_named(cli: Cli, article: Path) -> None:
    ended = cli("summarize", article)
    assert ended.status == 1
    assert "workbench models pull" in ended.complaint()


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("-m", "qwen2.5-0.5bb"), 1, "qwen2.5-0.5b"),
        (("-m", "qwen2.5-0.5b"), 1, "workbench models pull qwen2.5-0.5b"),
        (("-p", "newz"), 2, "'news'"),
        (("-p", "./nothing.md"), 2, "nothing.md"),
        (("--var", "x=1"), 2, "no variable 'x'"),
        (("-p", "brief", "--var", "writer=1"), 2, "reader"),
        (("--var", "x"), 2, "NAME=VALUE"),
        (("--length", "endless"), 2, "short"),
        (("--script", "klingon"), 2, "simplified"),
        (("--context", "-1"), 2, "between"),
        (("--context", "many"), 2, "integer"),
        (("--threads", "100000"), 2, "between"),
        (("--temperature", "nan"), 2, "between"),
        (("--no-such-option",), 2, "--no-such-option"),
        (("--format", "docx"), 2, "markdown"),
        (("--format", "json", "--format", "text"), 2, "-o FOLDER"),
        (("--encoding", "klingon"), 1, "'klingon'"),
        (("--context", "60"), 1, "--context"),
    ],
)
def test_wrong_use_of_summarize_is_one_clear_line(
    cli: Cli, model: Path, article: Path, arguments: tuple[str, ...], status: int, said: str
) -> None:
    named = () if "-m" in arguments else ("-m", model)
    ended = cli("summarize", *named, *arguments, article)
    assert ended.status == status
    assert said in ended.complaint()
    assert ended.out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sumarize", "x.txt"), "summarize"),
        (("--no-such-option",), "--no-such-option"),
        (("models", "get"), "workbench models --help"),
        (("prompts", "show"), "NAME"),
        (("read",), "PATH"),
        (("summarize",), "PATH"),
        (("models", "add", "a.gguf", "--copy", "--link"), "not both"),
    ],
)
def test_an_unknown_command_or_option_is_one_clear_line(
    cli: Cli, arguments: tuple[str, ...], said: str
) -> None:
    ended = cli(*arguments)
    assert ended.status == 2
    assert said in ended.complaint()


@pytest.mark.parametrize("below", ["", "sub"])
def test_output_into_a_regular_file_is_refused_before_the_work(
    cli: Cli, model: Path, article: Path, below: str
) -> None:
    before = article.read_bytes()
    ended = cli("summarize", "-m", model, article, "-o", article / below)
    assert ended.status == 2
    assert "is not a folder" in ended.complaint()
    assert "loading" not in ended.err
    assert article.read_bytes() == before


BROKEN = {
    "syntax": ("{{ first }}\n{% if %}\n", 7),
    "variable": ("第一行\n{{ oops }}\n", 7),
    "branch": ("第一行\n第二行{% if title == 'x' %}{{ oops }}{% endif %}\n", 7),
    "arithmetic": ("{{ 1 // 0 }}\n", 6),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_template_is_told_with_file_and_line(
    cli: Cli, model: Path, article: Path, tmp_path: Path, name: str
) -> None:
    body, line = BROKEN[name]
    path = tmp_path / "own.md"
    path.write_text(
        f"---\nname: own\ntitle: Own\ndescription: Mine.\n---\n{body}", encoding="utf-8"
    )
    for arguments in (("summarize", "-m", model, "-p", path, article), ("prompts", "check", path)):
        ended = cli(*arguments)
        assert ended.status in (1, 2)
        assert f"{path}: line {line}: " in ended.complaint()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 3\n", "'colour'"),
        ("length = 'endless'\n", "short, medium, long"),
        ("context = 'many'\n", "context"),
        ("context = true\n", "context"),
        ("temperature = 9.5\n", "between"),
        ("length = \n", "TOML"),
        ("[model]\nname = 1\n", "model"),
    ],
)
def test_a_wrong_config_file_is_named_in_one_line(
    cli: Cli, home: Path, article: Path, text: str, said: str
) -> None:
    config = home / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(text)
    ended = cli("summarize", article)
    assert ended.status == 2
    assert str(config) in ended.complaint()
    assert said in ended.complaint()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKBENCH_CONTEXT", "many"),
        ("WORKBENCH_CONTEXT", "-5"),
        ("WORKBENCH_TEMPERATURE", "warm"),
        ("WORKBENCH_LENGTH", "endless"),
    ],
)
def test_a_wrong_environment_variable_is_named_in_one_line(
    cli: Cli, article: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    ended = cli("summarize", article)
    assert ended.status == 2
    assert name in ended.complaint()
    assert value in ended.complaint()


def test_a_fault_of_the_program_itself_is_one_line_and_a_traceback_with_debug(
    cli: Cli, article: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_more: object) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr("workbench.cli.read.Intake", fail)
    monkeypatch.delenv("WORKBENCH_DEBUG", raising=False)
    ended = cli("read", article)
    assert ended.status == 1
    assert "Traceback" not in ended.err
    assert ended.err.count("\n") == 1
    assert "out of order" in ended.err
    monkeypatch.setenv("WORKBENCH_DEBUG", "1")
    assert "Traceback" in cli("--debug", "read", article).err


def test_a_home_that_is_a_file_is_told_as_it_is(
    cli: Cli, article: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "file"
    place.write_text("x")
    monkeypatch.setenv("WORKBENCH_HOME", str(place))
    ended = cli("read", article)
    assert ended.status == 2
    assert "Not a directory" in ended.complaint()
    assert "WORKBENCH_HOME" in ended.complaint()
    assert "TOML" not in ended.complaint()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_results_that_find_no_room_are_one_clear_line(article: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ended = _read_by_shell(article, stdout=full, stderr=subprocess.PIPE)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "standard output: the results cannot be written: No space left" in ended.stderr


@pytest.mark.skipif(os.name == "nt", reason="needs a shell that closes streams")
def test_closed_streams_are_told_and_messages_never_stand_among_results(article: Path) -> None:
    ended = _read_by_shell(article, ">&-", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert ended.returncode == 1
    assert "there is no standard output" in ended.stderr
    ended = _read_by_shell(article, "nowhere 2>&-", stdout=subprocess.PIPE)
    assert ended.returncode == 1
    assert "no such file" not in ended.stdout


def _read_by_shell(
    article: Path, rest: str = "", **streams: Any
) -> "subprocess.CompletedProcess[str]":
    command = f'exec "$0" -m workbench read "$1" {rest}'
    return subprocess.run(
        ["/bin/sh", "-c", command, sys.executable, str(article)], text=True, check=False, **streams
    )
