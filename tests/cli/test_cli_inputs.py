"""What a PATH may be, wherever one is taken: folders, patterns, dumps, standard input."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_support import ARTICLE, COMMAND, Ended, command, environment

Cli = Callable[..., Ended]
SECOND = (
    "河堤换了新灯\n\n河堤上的路灯4月2日换成了新的，一共换了56盏，花费9万元，走夜路的人都说亮。\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with two articles and what is none."""
    path = tmp_path / "work"
    path.mkdir()
    monkeypatch.chdir(path)
    (path / "文").mkdir()
    (path / "文" / "第2篇.txt").write_text(SECOND, encoding="utf-8")
    (path / "文" / "第1篇.txt").write_text(ARTICLE, encoding="utf-8")
    (path / "文" / "图.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(60))
    return path


@pytest.fixture
def dump(folder: Path) -> Path:
    path = folder / "dump.jsonl"
    rows = [{"title": f"第{n}期", "content": f"{ARTICLE}这是第{n}期的报道。"} for n in range(1, 4)]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join([*lines[:2], "{broken", lines[2]]) + "\n", encoding="utf-8")
    return path


def paths_of(ended: Ended) -> list[str]:
    return [item["path"] for item in ended.json()]


@pytest.mark.parametrize("given", [["文"], ["文/*.txt"], ["**/*.txt"], ["文/第1篇.txt", "文"]])
def test_read_takes_folders_and_patterns(cli: Cli, folder: Path, given: list[str]) -> None:
    ended = cli("read", "--json", *given)
    assert ended.status == 0
    assert paths_of(ended) == ["文/第1篇.txt", "文/第2篇.txt"]
    assert not ended.complaints


def test_what_a_folder_holds_besides_is_said_in_one_line(cli: Cli, folder: Path) -> None:
    ended = cli("read", "--json", "文")
    assert ended.err == "文: left out 1 that cannot be articles (1 .png)\n"


def test_summarize_takes_a_folder_and_names_each_result(
    cli: Cli, model: Path, folder: Path
) -> None:
    ended = cli("summarize", "-m", model, "文")
    assert ended.status == 0
    assert [line for line in ended.out.splitlines() if line.startswith("== ")] == [
        "== 文/第1篇.txt ==",
        "== 文/第2篇.txt ==",
    ]
    assert "1/2 第1篇.txt" in ended.err


@pytest.mark.parametrize("name", ["read", "summarize"])
def test_inputs_that_come_to_nothing_fail_before_a_model_is_needed(
    cli: Cli, folder: Path, name: str
) -> None:
    (folder / "空").mkdir()
    ended = cli(name, "空", "没有.txt", "没有*.md")
    assert ended.status == 1
    assert len(ended.complaints) == 3
    assert "models pull" not in ended.err


def test_each_article_of_a_dump_is_read_and_what_is_broken_is_told(cli: Cli, dump: Path) -> None:
    ended = cli("read", "--json", dump)
    assert ended.status == 1
    assert str(dump) in ended.complaint()
    found = ended.json()
    assert [item["title"] for item in found] == ["第1期", "第2期", "第3期"]
    assert len({item["part"] for item in found}) == 3
    for item in found:
        for passage in item["passages"]:
            assert passage["id"]
            assert item["text"][passage["start"] : passage["end"]] == passage["text"]
        assert {finding["field"] for finding in item["findings"]} >= {"title"}


def test_each_article_of_a_dump_gets_a_result_of_its_own(
    cli: Cli, model: Path, dump: Path, tmp_path: Path
) -> None:
    from jsonschema import Draft202012Validator

    import workbench

    schema = Path(workbench.__file__).parent / "tasks" / "result.schema.json"
    validator = Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))
    arguments = ("summarize", "-m", model, "--format", "json", "-o", tmp_path / "out", dump)
    names = []
    for _run in range(2):
        ended = cli(*arguments)
        assert ended.status == 1
        written = sorted((tmp_path / "out").iterdir())
        names.append([path.name for path in written])
        results = [json.loads(path.read_text(encoding="utf-8")) for path in written]
        for result in results:
            validator.validate(result)
        assert len({result["article"]["part"] for result in results}) == 3
    assert names[0] == names[1]


def test_a_column_can_be_chosen(cli: Cli, folder: Path) -> None:
    (folder / "表.csv").write_text(
        f"编号,甲,乙\n1,{SECOND.strip()[-30:]},{ARTICLE.split()[1]}\n", encoding="utf-8"
    )
    found = cli("read", "--json", "--column", "乙", "表.csv").json()
    assert [item["text"].strip() for item in found] == [ARTICLE.split()[1]]
    wrong = cli("read", "--column", "丙", "表.csv")
    assert wrong.status == 1
    assert "乙" in wrong.complaint()


def test_lines_can_be_articles(cli: Cli, folder: Path) -> None:
    (folder / "行.txt").write_text(f"{ARTICLE.split()[1]}\n{SECOND.split()[1]}\n", encoding="utf-8")
    assert len(cli("read", "--json", "--lines", "行.txt").json()) == 2
    assert len(cli("read", "--json", "--no-lines", "行.txt").json()) == 1


@pytest.mark.parametrize(
    ("data", "format"),
    [
        (ARTICLE.encode("gb18030"), "text"),
        (f"<html><body><p>{ARTICLE * 3}</p></body></html>".encode(), "html"),
    ],
)
def test_standard_input_is_read_and_its_format_recognised(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, data: bytes, format: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    (found,) = cli("read", "--json", "-").json()
    assert found["format"] == format
    assert "青石镇的早市" in found["text"]
    assert found["path"] == "stdin"


def test_standard_input_can_be_summarised(home: Path, model: Path, article: Path) -> None:
    with article.open("rb") as stream:
        ended = subprocess.run(
            [*COMMAND, "summarize", "-m", str(model), "--format", "json", "-"],
            env=environment(home),
            stdin=stream,
            capture_output=True,
            timeout=120,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["article"]["path"] == "stdin"


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n" + bytes(100)])
def test_standard_input_that_is_no_article_is_one_clear_line(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    ended = cli("read", "-")
    assert ended.status == 1
    assert "stdin" in ended.complaint()


def test_too_much_on_standard_input_is_refused(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, article: Path
) -> None:
    monkeypatch.setattr("workbench.articles.inputs.standard_input.LARGEST", 100)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(ARTICLE.encode())))
    ended = cli("read", "--json", "-", article)
    assert ended.status == 1
    assert "too large" in ended.complaint()
    assert paths_of(ended) == [str(article)]


@pytest.mark.parametrize("absent", [None, io.StringIO("x")])
def test_no_standard_input_is_one_clear_line(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, absent: object
) -> None:
    monkeypatch.setattr("sys.stdin", absent)
    ended = cli("read", "-")
    assert ended.status == 1
    assert "standard input" in ended.complaint()


NOISY = f"{ARTICLE}\n分享到微信\n责任编辑：丁禾\n"


def test_only_the_cleaned_text_or_only_what_was_removed_is_printed(cli: Cli, folder: Path) -> None:
    (folder / "乱.txt").write_text(NOISY, encoding="utf-8")
    kept = cli("read", "--text", "乱.txt")
    removed = cli("read", "--removed", "乱.txt")
    assert "460万元" in kept.out
    assert "责任编辑" not in kept.out
    assert "责任编辑：丁禾" in removed.out
    assert "460万元" not in removed.out
    for line in removed.out.splitlines():
        start, end = (int(number) for number in line.split(" ")[0].split("-"))
        assert line.endswith(NOISY[start:end].strip())
    assert "责任编辑" in cli("read", "--raw", "--text", "乱.txt").out
    assert cli("read", "--raw", "--removed", "乱.txt").out == ""
    assert "none, as asked" in cli("read", "--raw", "乱.txt").out


@pytest.mark.parametrize("option", ["--text", "--removed"])
def test_texts_of_several_articles_stand_under_their_names(
    cli: Cli, folder: Path, option: str
) -> None:
    ended = cli("read", option, "文")
    assert [line for line in ended.out.splitlines() if line.startswith("== ")] == [
        "== 文/第1篇.txt ==",
        "== 文/第2篇.txt ==",
    ]
    assert "==" not in cli("read", option, "文/第1篇.txt").out


@pytest.mark.parametrize("options", [("--json", "--text"), ("--text", "--removed")])
def test_only_one_way_of_printing_can_be_asked_for(
    cli: Cli, folder: Path, options: tuple[str, ...]
) -> None:
    ended = cli("read", *options, "文")
    assert ended.status == 2
    assert "only one" in ended.complaint()


def test_the_view_says_where_metadata_was_found_and_how_sure_the_encoding_is(
    cli: Cli, folder: Path
) -> None:
    (folder / "旧.txt").write_bytes((ARTICLE * 3).encode("big5", "ignore"))
    out = cli("read", "旧.txt").out
    assert "big5" in out
    assert "% sure); next " in out
    page = f"<html><head><title>早市</title></head><body><p>{ARTICLE * 3}</p></body></html>"
    (folder / "新.html").write_text(page, encoding="utf-8")
    assert "in the head of the page" in cli("read", "新.html").out


def test_names_come_from_the_settings_or_the_option(
    cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_NAMES", "于丰\n范后里\n")
    assert cli("read", "--json", "文/第1篇.txt").json()[0]["names"] == ["于丰", "范后里"]
    given = cli("read", "--json", "--name", "张发", "--name", "里仁", "文/第1篇.txt").json()
    assert given[0]["names"] == ["张发", "里仁"]


@pytest.mark.skipif(sys.platform == "darwin", reason="such names cannot exist there")
def test_a_name_in_another_encoding_is_shown_as_it_reads(home: Path, folder: Path) -> None:
    path = Path(os.fsdecode("旧闻.txt".encode("gbk")))
    path.write_text(ARTICLE, encoding="utf-8")
    (folder / os.fsdecode("空闻.txt".encode("gbk"))).touch()
    ended = command(home, "read", ".")
    assert ended.status == 1
    assert "旧闻.txt" in ended.out.splitlines()
    assert "空闻.txt: is empty" in ended.complaint()
    assert len(command(home, "read", "--json", path).json()) == 1


def test_an_array_that_was_cut_short_does_not_parse(
    cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[object] = []

    def once(article: object) -> object:
        if shown:
            raise RuntimeError("out of order")
        shown.append(article)
        return {}

    monkeypatch.setattr("workbench.cli.read.as_json", once)
    monkeypatch.delenv("WORKBENCH_DEBUG", raising=False)
    ended = cli("read", "--json", "文")
    assert ended.status == 1
    with pytest.raises(json.JSONDecodeError):
        ended.json()


def test_the_array_is_written_as_it_grows(home: Path, folder: Path) -> None:
    """The first article can be read while the second is still waited for."""
    reading, writing = os.pipe()
    with subprocess.Popen(
        [*COMMAND, "read", "--json", "文/第1篇.txt", "-"],
        env=environment(home),
        stdin=reading,
        stdout=subprocess.PIPE,
    ) as process:
        os.close(reading)
        assert process.stdout is not None
        seen = b""
        while not seen.endswith(b"\n  }"):
            read = process.stdout.read(1)
            assert read, seen
            seen += read
        os.write(writing, SECOND.encode())
        os.close(writing)
        rest, _none = process.communicate(timeout=60)
    assert [item["title"] for item in json.loads(seen + rest)] == [
        "青石镇的早市搬进了新棚",
        "河堤换了新灯",
    ]


def test_articles_of_the_library_are_inputs_too(cli: Cli, model: Path, folder: Path) -> None:
    added = cli("library", "add", "文", "--collection", "镇上", "--tag", "早市")
    assert added.status == 0
    for name in ("library:镇上", "library:", "library:tag=早市"):
        found = cli("read", "--json", name, "文/第1篇.txt").json()
        assert [item["title"] for item in found] == [
            "青石镇的早市搬进了新棚",
            "河堤换了新灯",
            "青石镇的早市搬进了新棚",
        ]
    one = cli("read", "--json", "library:#2", "library:#2", "library:镇上").json()
    assert [item["title"] for item in one] == ["河堤换了新灯", "青石镇的早市搬进了新棚"]
    ended = cli("summarize", "-m", model, "--format", "json", "library:#1")
    assert ended.status == 0
    assert ended.json()["article"]["title"] == "青石镇的早市搬进了新棚"


@pytest.mark.parametrize("name", ["library:没有", "library:#9", "library:tag=无", "library:date=x"])
def test_what_the_library_does_not_hold_is_one_clear_line(
    cli: Cli, folder: Path, name: str
) -> None:
    cli("library", "add", "文/第2篇.txt")
    ended = cli("read", "--json", name, "文/第1篇.txt")
    assert ended.status == 1
    assert name in ended.complaint()
    assert paths_of(ended) == ["文/第1篇.txt"]


def test_a_file_goes_before_what_it_would_mean_in_the_library(cli: Cli, folder: Path) -> None:
    (folder / "library:x").write_text(ARTICLE, encoding="utf-8")
    assert paths_of(cli("read", "--json", "library:x")) == ["library:x"]


def test_options_of_reading_do_not_apply_to_the_library_and_that_is_said(
    cli: Cli, folder: Path
) -> None:
    cli("library", "add", "文/第2篇.txt")
    ended = cli("read", "--raw", "library:")
    assert ended.status == 0
    assert "options of reading do not apply" in ended.err
