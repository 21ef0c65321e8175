"""The library's commands: what they print, what they leave, how they end."""

import json
import os
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_support import ARTICLE, COMMAND, Ended, command, environment

from workbench.store.library import Library
from workbench.store.results import Run

Cli = Callable[..., Ended]

TEXTS = {
    "早市.txt": ARTICLE,
    "渔港.txt": (
        "漁港的電船出海了\n\n漁港的第一艘電船4月2日出海，船上載了六個人。經濟部門說，這是今年的頭一件大事。\n"
        "老船長說，電船的聲音輕，魚也不怕。來源：港灣日報\n"
    ),
    "图书馆.txt": (
        "城里的图书馆夜里也开门\n2024-05-06 15:00\n"
        "城里的图书馆从5月起夜里也开门，读书的人多了两成。\n"
        "馆长说，灯亮着，人就愿意来。\n暂无评论\n"
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def ids(cli: Cli, folder: Path) -> dict[str, int]:
    """The articles in the library, by name of their files."""
    ended = cli("library", "add", folder, "--json")
    assert ended.status == 0, ended.err
    return {Path(item["name"]).name: item["id"] for item in ended.json()}


def listed(cli: Cli, *arguments: object) -> list[int]:
    ended = cli("library", "list", "--json", *arguments)
    assert ended.status == 0, ended.err
    return [item["id"] for item in ended.json()]


def test_a_folder_is_added_once(cli: Cli, folder: Path, ids: dict[str, int]) -> None:
    assert set(ids) == set(TEXTS)
    ended = cli("library", "add", folder, "--json")
    assert ended.status == 0
    assert {item["status"] for item in ended.json()} == {"known file"}
    assert "0 articles added" in ended.err
    assert "3 files known" in ended.err
    (folder / "抄.txt").write_text(ARTICLE, encoding="utf-8")
    (folder / "又抄.md").write_text(ARTICLE, encoding="gb18030")
    ended = cli("library", "add", folder, "--json")
    again = {Path(item["name"]).name: item for item in ended.json()}
    assert again["抄.txt"]["status"] == "known file"
    assert again["又抄.md"] == {
        "status": "known text",
        "name": str(folder / "又抄.md"),
        "id": ids["早市.txt"],
    }
    assert len(listed(cli)) == 3


def test_what_cannot_be_read_is_told_and_the_rest_is_added(cli: Cli, folder: Path) -> None:
    (folder / "坏.txt").write_bytes(bytes(range(256)) * 20)
    ended = cli("library", "add", folder, folder / "没有.txt")
    assert ended.status == 1
    assert len(ended.complaints) == 2
    assert len(ended.out.splitlines()) == 3
    assert "3 articles added" in ended.err
    assert "2 failed" in ended.err


def test_standard_input_is_added(home: Path) -> None:
    ended = subprocess.run(
        [*COMMAND, "library", "add", "-", "--json"],
        input=ARTICLE.encode("gb18030"),
        env=environment(home),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    (item,) = json.loads(ended.stdout)
    assert item["status"] == "added"
    assert command(home, "library", "check").status == 0


def test_tags_and_a_collection_are_given_while_adding(cli: Cli, folder: Path) -> None:
    first = folder / "早市.txt"
    cli("library", "add", first)
    ended = cli("library", "add", folder, "--tag", "新", "--tag", "本地", "--collection", "春")
    assert ended.status == 0
    assert len(listed(cli, "--tag", "新", "--tag", "本地")) == 3, "known files too"
    assert len(listed(cli, "--collection", "春")) == 3
    assert cli("library", "add", first, "--tag", "+新").status == 2


def test_list_filters_and_counts(cli: Cli, ids: dict[str, int]) -> None:
    assert listed(cli) == sorted(ids.values())
    assert listed(cli, "--script", "traditional") == [ids["渔港.txt"]]
    assert listed(cli, "--date-from", "2024-05", "--date-to", "2024") == [ids["图书馆.txt"]]
    assert listed(cli, "--source", "港灣日報") == [ids["渔港.txt"]]
    ended = cli("library", "list", "--limit", "1", "--offset", "1")
    assert len(ended.out.splitlines()) == 2
    assert "1 of 3 articles" in ended.err
    assert cli("library", "list", "--date-from", "May").status == 2
    assert cli("library", "list", "--collection", "没有").status == 1


def test_an_empty_library_is_listed_and_searched_without_being_made(cli: Cli, home: Path) -> None:
    for arguments in (
        ["list"],
        ["search", "水"],
        ["tags"],
        ["collections", "list"],
        ["duplicates"],
    ):
        ended = cli("library", *arguments, "--json")
        assert ended.status == 0, ended.err
        found = ended.json()
        assert (found["hits"] if isinstance(found, dict) else found) == []
    assert cli("library", "show", "1").status == 1
    assert cli("library", "check").status == 0
    assert cli("library", "backup", home / "copy.db").status == 1
    assert not (home / "data" / "library.db").exists()


def test_search_finds_either_script_and_marks_the_place(cli: Cli, ids: dict[str, int]) -> None:
    ended = cli("library", "search", "经济", "--json")
    (hit,) = ended.json()["hits"]
    assert hit["article_id"] == ids["渔港.txt"]
    (snippet,) = hit["snippets"]
    (span,) = snippet["highlights"]
    assert TEXTS["渔港.txt"][span["start"] : span["end"]] == "經濟"
    shown = cli("library", "search", "经济")
    assert "«經濟»" in shown.out
    assert "1 of 1 articles" in shown.err
    found = cli("library", "search", "的", "-圖書館", "--json").json()["hits"]
    assert {hit["article_id"] for hit in found} == {ids["早市.txt"], ids["渔港.txt"]}
    assert cli("library", "search", "--", "-水").status in (0, 2)
    assert cli("library", "search", "，").status == 2


def test_show_shows_all_that_read_does(cli: Cli, folder: Path, ids: dict[str, int]) -> None:
    path = folder / "图书馆.txt"
    article = ids["图书馆.txt"]
    cli("library", "tag", article, "+水")
    cli("library", "collections", "add", "春", article)
    (shown,) = cli("library", "show", article, "--json").json()
    (read,) = cli("read", path, "--json").json()
    assert shown["article"] == read
    assert shown["article"]["removals"]
    assert (shown["tags"], shown["collections"]) == (["水"], ["春"])
    assert [place["path"] for place in shown["places"]] == [str(path)]
    text = cli("library", "show", f"#{article}").out
    assert text.startswith(f"#{article}  {shown['content_sha256'][:12]}\n")
    assert cli("read", path).out in text
    assert cli("library", "show", shown["content_sha256"][:8]).out == text
    original = cli("library", "show", ids["渔港.txt"], "--original").out
    assert original == TEXTS["渔港.txt"]
    assert "渔港的电船出海了" in cli("library", "show", ids["渔港.txt"], "--converted").out
    assert cli("library", "show", article, "--json", "--original").status == 2


def test_what_is_not_there_is_told_and_the_rest_is_done(cli: Cli, ids: dict[str, int]) -> None:
    article = ids["早市.txt"]
    ended = cli("library", "show", 99, article, "--json")
    assert ended.status == 1
    assert "no article 99" in ended.complaint()
    assert [item["id"] for item in ended.json()] == [article]
    ended = cli("library", "tag", article, "零", "+水", "--json")
    assert ended.status == 1
    assert ended.json() == [{"id": article, "tags": ["水"]}]


def test_tags_are_put_on_and_taken_off(cli: Cli, ids: dict[str, int]) -> None:
    article = ids["早市.txt"]
    ended = cli("library", "tag", article, "+水", "+hot", "+json", "--json")
    assert ended.json() == [{"id": article, "tags": ["hot", "json", "水"]}]
    ended = cli("library", "tag", article, "-hot", "-json", "-水", "+要闻", "--json")
    assert ended.json() == [{"id": article, "tags": ["要闻"]}]
    assert cli("library", "tags", "--json").json() == [{"tag": "要闻", "articles": 1}]
    for wrong in ([article], ["+水"], [article, "+"], [article, "+ "]):
        assert cli("library", "tag", *wrong).status == 2


def test_collections_are_made_changed_and_deleted(cli: Cli, ids: dict[str, int]) -> None:
    one, two, three = (ids[name] for name in TEXTS)
    ended = cli("library", "collections", "add", "春", three, one, "--json")
    assert ended.json() == {"name": "春", "changed": 2, "articles": [three, one]}
    cli("library", "collections", "add", "春", two)
    assert listed(cli, "--collection", "春") == [three, one, two]
    ended = cli("library", "collections", "remove", "春", one, "--json")
    assert ended.json()["articles"] == [three, two]
    assert cli("library", "collections", "rename", "春", "夏").status == 0
    shown = cli("library", "collections", "show", "夏", "--json").json()
    assert [item["id"] for item in shown] == [three, two]
    assert cli("library", "collections", "show", "春").status == 1
    assert cli("library", "collections", "delete", "夏").status == 0
    assert cli("library", "collections", "list", "--json").json() == []
    assert len(listed(cli)) == 3


def test_removing_asks_and_leaves_the_files(cli: Cli, folder: Path, ids: dict[str, int]) -> None:
    article = ids["早市.txt"]
    ended = cli("library", "remove", article)
    assert ended.status == 2
    assert "--yes" in ended.complaint()
    ended = cli("library", "remove", article, "--yes", "--json")
    assert [item["id"] for item in ended.json()] == [article]
    assert article not in listed(cli)
    assert (folder / "早市.txt").is_file()
    again = cli("library", "add", folder / "早市.txt", "--json").json()
    assert again[0]["status"] == "added"
    assert again[0]["id"] > max(ids.values())


def test_results_are_shown_and_rated(cli: Cli, home: Path, ids: dict[str, int]) -> None:
    article = ids["早市.txt"]
    with Library.open(home / "data" / "library.db") as library:
        run = library.start_run(
            Run("summarize", {"name": "tiny"}, {"name": "news", "sha256": "1"}, {})
        )
        result = library.record(
            run, [article], {"headline": "早市搬家", "points": [{"text": "新棚花了460万元"}]}
        )
    assert cli("library", "rate", result, 4, "--note", "不错").status == 0
    (found,) = cli("library", "results", article, "--json").json()
    assert found["result"]["points"] == [{"text": "新棚花了460万元"}]
    assert [(one["rating"], one["note"]) for one in found["feedback"]] == [(4, "不错")]
    shown = cli("library", "results", article).out
    assert "早市搬家" in shown
    assert "460万元" in shown
    assert cli("library", "show", article, "--json").json()[0]["results"][0]["id"] == result
    assert cli("library", "rate", result, 6).status == 2
    assert cli("library", "rate", 99, 3).status == 1


def test_near_duplicates_are_shown_and_kept(cli: Cli, folder: Path, ids: dict[str, int]) -> None:
    text = "".join(
        f"第{i}段，镇上的事一件一件说来，{chr(0x4E00 + i * 37)}家的灯亮了。" for i in range(40)
    )
    for name, body in (("甲.txt", text), ("乙.txt", text + "又及，灯又灭了。")):
        (folder / name).write_text(body, encoding="utf-8")
    added = cli("library", "add", folder / "甲.txt", folder / "乙.txt", "--json").json()
    (group,) = cli("library", "duplicates", "--json").json()
    assert [one["id"] for one in group["articles"]] == [item["id"] for item in added]
    assert cli("library", "show", added[0]["id"], "--json").json()[0]["near_duplicates"] == [
        added[1]["id"]
    ]
    assert len(listed(cli)) == 5
    assert "2 articles" in cli("library", "duplicates").out


def test_backup_and_restore(cli: Cli, home: Path, tmp_path: Path, ids: dict[str, int]) -> None:
    target = tmp_path / "copy.db"
    ended = cli("library", "backup", target, "--json")
    assert ended.json() == {"path": str(target), "bytes": target.stat().st_size}
    cli("library", "remove", ids["早市.txt"], "--yes")
    assert cli("library", "restore", target).status == 2
    ended = cli("library", "restore", target, "--yes", "--json")
    assert ended.status == 0
    assert ended.json()["articles"] == 3
    kept = Path(ended.json()["kept"])
    assert kept.parent == home / "data"
    assert listed(cli) == sorted(ids.values())
    wrong = tmp_path / "notes.txt"
    wrong.write_text("mine", encoding="utf-8")
    assert cli("library", "restore", wrong, "--yes").status == 1
    assert cli("library", "backup", wrong).status == 1
    assert wrong.read_text(encoding="utf-8") == "mine"


def test_check_finds_repairs_and_says_so(cli: Cli, home: Path, ids: dict[str, int]) -> None:
    path = home / "data" / "library.db"
    assert "3 articles, all sound" in cli("library", "check").out
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM passages WHERE article_id = 1")
    connection.close()
    ended = cli("library", "check", "--json")
    assert ended.status == 1
    assert [problem["kind"] for problem in ended.json()["problems"]] == ["passages"]
    ended = cli("library", "check", "--repair")
    assert ended.status == 0
    assert "repaired" in ended.out
    assert cli("library", "check").status == 0


def test_files_that_are_gone_are_no_fault(cli: Cli, folder: Path, ids: dict[str, int]) -> None:
    (folder / "早市.txt").unlink()
    ended = cli("library", "check")
    assert ended.status == 0
    assert str(folder / "早市.txt") in ended.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("list",),
        ("search", "水"),
        ("show", "1"),
        ("tag", "1", "+水"),
        ("collections", "list"),
        ("check",),
        ("check", "--repair"),
        ("duplicates",),
    ],
)
def test_what_is_no_library_is_one_line(cli: Cli, home: Path, arguments: tuple[str, ...]) -> None:
    path = home / "data" / "library.db"
    path.parent.mkdir(parents=True)
    path.write_text("notes of mine\n" * 100, encoding="utf-8")
    ended = cli("library", *arguments)
    assert ended.status == 1
    assert str(path) in ended.complaint()
    assert path.read_text(encoding="utf-8").startswith("notes")


def test_doctor_counts_the_library_and_tells_what_is_wrong_with_it(
    cli: Cli, home: Path, ids: dict[str, int]
) -> None:
    found = cli("doctor", "--json").json()
    assert found["library"]["articles"] == 3
    assert found["library"]["bytes"] > 0
    assert found["folders"]["library"] == str(home / "data" / "library.db")
    for file in (home / "data").glob("library.db*"):
        file.unlink()
    (home / "data" / "library.db").write_text("notes\n" * 500, encoding="utf-8")
    found = cli("doctor", "--json").json()
    assert any("library.db" in problem for problem in found["problems"])


def test_names_in_another_encoding_are_added_and_shown(home: Path, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode("早市.txt".encode("gbk"))
    try:
        path.write_text(ARTICLE, encoding="utf-8")
    except OSError:
        pytest.skip("such names cannot exist here")
    ended = command(home, "library", "add", path)
    assert ended.status == 0, ended.err
    for arguments in (["list"], ["show", "1"], ["show", "1", "--json"], ["check"]):
        shown = command(home, "library", *arguments)
        assert shown.status == 0, shown.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "--source", b"\xff"],
        ["list", "--tag", b"\xff"],
        ["list", "--collection", b"\xff"],
        ["search", b"\xff"],
        ["search", b"\xff\xb9"],
        ["search", "水", "--source", b"\xff"],
        ["show", b"\xff"],
        ["tag", "1", b"+\xff"],
        ["collections", "add", b"\xff", "1"],
        ["backup", b"/nowhere/\xff/copy.db"],
        ["restore", b"/nowhere/\xff/copy.db"],
    ],
)
def test_arguments_that_are_no_text_are_one_line(
    home: Path, article: Path, arguments: list[str | bytes]
) -> None:
    assert command(home, "library", "add", article).status == 0
    ended = command(home, "library", *arguments)
    assert ended.status in (0, 1, 2)
    if ended.status:
        assert ended.complaint()
    else:
        assert "Traceback" not in ended.err


def test_a_dump_is_known_once_all_of_it_could_be_read(cli: Cli, tmp_path: Path) -> None:
    dump = tmp_path / "dump.jsonl"
    rows = [
        json.dumps({"title": name, "content": text * 3}, ensure_ascii=False)
        for name, text in TEXTS.items()
    ]
    dump.write_text("\n".join([rows[0], '{"title": "断', *rows[1:]]) + "\n", encoding="utf-8")
    for status in ("added", "known text"):
        ended = cli("library", "add", dump, "--json")
        assert ended.status == 1
        assert len(ended.complaints) == 1
        found = [item["status"] for item in ended.json() if item["status"] != "failed"]
        assert found == [status] * len(rows)
    dump.write_text("\n".join(rows) + "\n", encoding="utf-8")
    for status, number in (("known text", len(rows)), ("known file", 1)):
        ended = cli("library", "add", dump, "--json", "--tag", "年鉴")
        assert ended.status == 0, ended.err
        assert [item["status"] for item in ended.json()] == [status] * number
    assert len(listed(cli, "--tag", "年鉴")) == len(rows)


def test_reading_again_replaces_what_was_found(cli: Cli, folder: Path) -> None:
    path = folder / "图书馆.txt"
    (item,) = cli("library", "add", path, "--raw", "--json").json()
    article = item["id"]
    assert cli("library", "show", article, "--json").json()[0]["article"]["removals"] == []
    ended = cli("library", "add", path, "--again", "--json")
    assert [one["status"] for one in ended.json()] == ["known text"]
    assert cli("library", "show", article, "--json").json()[0]["article"]["removals"]
    assert cli("library", "check").status == 0


def test_a_home_that_is_a_file_is_no_empty_library(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "文件"
    home.write_text("不是文件夹", encoding="utf-8")
    monkeypatch.setenv("WORKBENCH_HOME", str(home))
    ended = cli("library", "list")
    assert ended.status != 0
    assert "library.db" in ended.complaint()
