"""The command line as a process: signals, pipes, terminals, file names."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from cli_support import ARTICLE, COMMAND, RECITED, command, descendants, environment
from tiny_gguf import Tiny, write

LONG = "水务局的人沿着河堤走了一天，把每一处渗漏都记在本子上。" * 120
STOPS_WITHIN = 20.0  # seconds; far less than what is stopped would take


@pytest.fixture(scope="module")
def slow_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of random weights that reads and writes long enough to be met at it."""
    tiny = Tiny(context=16384, embedding=256, feed_forward=1024, layers=4)
    return write(tmp_path_factory.mktemp("models") / "slow.gguf", tiny)


@pytest.mark.parametrize(("stage", "text"), [("] reading ", LONG), ("] writing ", ARTICLE)])
def test_ctrl_c_ends_the_command_and_its_engine(
    home: Path, tmp_path: Path, slow_model: Path, stage: str, text: str
) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    for number in range(20):
        (articles / f"{number}.txt").write_text(text, encoding="utf-8")
    arguments = ["summarize", "-m", str(slow_model), "--context", "0", str(articles)]
    with subprocess.Popen(
        [*COMMAND, *arguments],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        seen = b""
        for line in process.stderr:
            seen += line
            if stage.encode() in line:
                break
        engines = descendants(process.pid)
        assert engines, seen
        process.send_signal(signal.SIGINT)
        _out, rest = process.communicate(timeout=STOPS_WITHIN)
    assert process.returncode == 130
    assert rest.decode("utf-8", "replace").rstrip().endswith("workbench: stopped")
    assert b"Traceback" not in seen + rest
    _gone, alive = psutil.wait_procs(engines, timeout=STOPS_WITHIN)
    assert alive == []


@pytest.mark.parametrize("arguments", [("read",), ("read", "--json"), ("summarize", "-m")])
def test_a_reader_that_closes_the_pipe_is_no_error(
    home: Path, model: Path, article: Path, arguments: tuple[str, ...]
) -> None:
    named = [str(model)] if "-m" in arguments else []
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [*COMMAND, *arguments, *named, str(article)],
            env=environment(home),
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=120,
            check=False,
        )
    finally:
        os.close(writing)
    assert ended.returncode == 128 + signal.SIGPIPE
    assert b"Traceback" not in ended.stderr
    assert b"BrokenPipe" not in ended.stderr
    assert b"workbench: " not in ended.stderr


ASCII = [
    {"PYTHONIOENCODING": "ascii"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""},
    {"PYTHONIOENCODING": "gb2312"},
]


@pytest.mark.parametrize("terminal", ASCII, ids=["ascii", "C", "gb2312"])
def test_a_terminal_without_utf8_gets_results_and_json_that_is_json(
    home: Path, model: Path, tmp_path: Path, terminal: dict[str, str]
) -> None:
    article = tmp_path / "article.txt"
    article.write_text(ARTICLE + "\n价目·é😀，摊主说新棚亮堂多了。\n", encoding="utf-8")
    encoding = "gb2312" if "gb2312" in terminal.values() else "ascii"
    commands = [
        ["summarize", "-m", str(model), "--format", "json", str(article)],
        ["read", "--json", str(article)],
        ["read", str(article)],
    ]
    if encoding == "gb2312":
        commands += [["summarize", "-m", str(model), str(article)]]
    for arguments in commands:
        ended = subprocess.run(
            [*COMMAND, *arguments],
            env=environment(home, **terminal),
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        assert b"Traceback" not in ended.stderr
        shown = ended.stdout.decode(encoding)
        if "json" in arguments or "--json" in arguments:
            found = json.loads(shown)
            if arguments[0] == "read":
                assert "·é😀" in found[0]["text"]


NAMES = [
    b"\xff\xfe\xb0\xa1.txt",
    "两\n行.txt".encode(),
    b"red\x1b[31m.txt",
    "长".encode() * 83 + b".txt",
    b"-m.txt",
    b" .txt",
]


@pytest.mark.skipif(sys.platform == "darwin", reason="such names cannot exist there")
def test_files_of_any_name_are_summarised(home: Path, model: Path, tmp_path: Path) -> None:
    paths = [tmp_path / os.fsdecode(name) for name in NAMES]
    for path in paths:
        path.write_text(ARTICLE, encoding="utf-8")
    out = tmp_path / "out"
    for arguments in (("--format", "json"), ("-o", str(out), "--format", "markdown")):
        ended = command(home, "summarize", "-m", model, *arguments, "--", *paths)
        assert ended.status == 0, ended.err
        assert "\x1b" not in ended.out + ended.err
        if "json" in arguments:
            texts = [result["points"][0]["text"] for result in ended.json_lines()]
            assert texts == [f"{RECITED}。"] * len(NAMES)
    assert len(list(out.iterdir())) == len(NAMES)


@pytest.mark.skipif(sys.platform == "darwin", reason="such names cannot exist there")
def test_files_of_any_name_that_are_missing_are_told_in_one_line_each(
    home: Path, article: Path
) -> None:
    missing = [article.parent / os.fsdecode(name) for name in NAMES]
    ended = command(home, "read", "--json", "--", article, *missing)
    assert ended.status == 1
    assert [item["path"] for item in ended.json()] == [str(article)]
    assert len(ended.complaints) == len(ended.err.splitlines()) == len(NAMES)


def test_two_articles_of_one_name_get_results_of_their_own(
    home: Path, model: Path, tmp_path: Path
) -> None:
    paths = [tmp_path / folder / "早市.txt" for folder in ("one", "two", "three")]
    for path, text in zip(paths, (ARTICLE, ARTICLE, ARTICLE + "又及。"), strict=True):
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    out = tmp_path / "new" / "out"
    ended = command(
        home, "summarize", "-m", model, *paths, "-o", out, "--format", "json", "--format", "text"
    )
    assert ended.status == 0
    assert ended.out == ""
    assert ended.err.count("wrote ") == 6
    written = [json.loads(path.read_text(encoding="utf-8")) for path in out.glob("*.json")]
    assert {result["article"]["path"] for result in written} == {str(path) for path in paths}
    assert len(list(out.glob("*.txt"))) == 3


def test_results_of_several_articles_say_whose_they_are(
    home: Path, model: Path, article: Path, tmp_path: Path
) -> None:
    second = tmp_path / "second.txt"
    second.write_text(ARTICLE, encoding="utf-8")
    ended = command(home, "summarize", "-m", model, article, second)
    assert [line for line in ended.out.splitlines() if line.startswith("== ")] == [
        f"== {article} ==",
        f"== {second} ==",
    ]
    alone = command(home, "summarize", "-m", model, article)
    assert "==" not in alone.out


def test_nothing_but_results_is_on_standard_output(
    home: Path, model: Path, article: Path, tmp_path: Path
) -> None:
    missing, second = tmp_path / "missing.txt", tmp_path / "second.txt"
    second.write_text(ARTICLE, encoding="utf-8")
    ended = command(home, "summarize", "-m", model, "--format", "json", missing, article, second)
    assert ended.status == 1
    assert [result["coverage"]["passages_read"] for result in ended.json_lines()] == [1, 1]
    assert "reading" in ended.err
    assert ended.complaint()


def test_the_module_and_the_command_are_one(home: Path) -> None:
    ended = command(home, "--version")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("workbench ")
