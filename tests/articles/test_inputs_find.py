"""What a user names, as files: folders, patterns, links, and what is left out of them."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.articles.inputs.find import Found, find_files
from workbench.articles.inputs.order import natural_key

TEXT = "早市搬进了河边的新棚，摊主们说亮堂多了。"
LINKS = pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")


def write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TEXT, encoding="utf-8")


def names_of(found: Found) -> list[str]:
    return [file.location for file in found.files]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder that no repository is above."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_a_file_is_itself_whatever_it_is(here: Path) -> None:
    write(here, "甲.txt", ".hidden", "图.png")
    found = find_files(["甲.txt", ".hidden", "图.png"])
    assert names_of(found) == ["甲.txt", ".hidden", "图.png"]
    assert not found.notices
    assert not found.errors


def test_a_folder_gives_its_files_in_natural_order(here: Path) -> None:
    write(here, *(f"书/第{number}章.txt" for number in (10, 2, 1)))
    write(here, "书/第二节/b.md", "书/第十节/a.md", "书/第一节/c.md")
    assert names_of(find_files(["书"])) == [
        "书/第1章.txt",
        "书/第一节/c.md",
        "书/第2章.txt",
        "书/第二节/b.md",
        "书/第10章.txt",
        "书/第十节/a.md",
    ]


def test_what_is_hidden_or_no_article_is_left_out_and_counted_in_one_line(here: Path) -> None:
    write(here, "文/a.txt", "文/.b.txt", "文/.c/d.txt", "文/~$a.docx", "文/x.PNG", "文/y.png")
    write(here, "文/run.exe", "文/.gitignore", "文/旧.doc")
    (here / "文" / "无名").write_bytes(b"\x7fELF" + bytes(60))
    found = find_files(["文"])
    assert names_of(found) == ["文/a.txt", "文/旧.doc"]
    (line,) = found.notices
    assert line == "文: left out 4 that cannot be articles (2 .png, 1 .exe, 1 -), 3 hidden"


def test_the_parts_of_a_saved_page_are_left_out_with_it(here: Path) -> None:
    write(here, "新闻.html", "新闻_files/ad.html", "新闻_files/a.js", "notes_files/a.txt")
    found = find_files(["."])
    assert names_of(found) == ["./notes_files/a.txt", "./新闻.html"]
    assert "1 folders of saved pages" in found.notices[0]


@pytest.mark.parametrize("given", ["空", "空/", "./空"])
def test_a_folder_with_nothing_to_read_is_an_error(here: Path, given: str) -> None:
    (here / "空").mkdir()
    write(here, "空/图.png")
    found = find_files([given])
    assert not found.files
    (error,) = found.errors
    assert str(error.path) == given
    assert "holds no file to read" in str(error)
    assert "1 .png" in found.notices[0]


def test_what_is_not_there_is_an_error_and_the_rest_is_found(here: Path) -> None:
    write(here, "a.txt")
    found = find_files(["b.txt", "a.txt", "a.txt/c.txt", "*.md", "x" * 300])
    assert names_of(found) == ["a.txt"]
    assert [str(error.path) for error in found.errors] == [
        "b.txt",
        "a.txt/c.txt",
        "*.md",
        "x" * 300,
    ]


def test_a_pattern_matches_as_in_a_shell(here: Path) -> None:
    write(
        here,
        "甲.txt",
        "乙.txt",
        "乙10.txt",
        "乙9.txt",
        "丙.md",
        ".丁.txt",
        "深/戊.txt",
        "深/己/庚.md",
    )
    for pattern, names in {
        "*.txt": ["乙.txt", "乙9.txt", "乙10.txt", "甲.txt"],
        "?.txt": ["乙.txt", "甲.txt"],
        "[甲丙].*": ["丙.md", "甲.txt"],
        "[!甲]?*.txt": ["乙9.txt", "乙10.txt"],
        ".*.txt": [".丁.txt"],
        "深/*.txt": ["深/戊.txt"],
        "*/*.txt": ["深/戊.txt"],
        "**/*.md": ["丙.md", "深/己/庚.md"],
        "**/己/*": ["深/己/庚.md"],
        "深/**": ["深/戊.txt", "深/己/庚.md"],
        "./*.md": ["./丙.md"],
        str(here / "深" / "*.txt"): [str(here / "深" / "戊.txt")],
    }.items():
        found = find_files([pattern])
        assert names_of(found) == names, pattern
        assert not found.errors
        assert not found.notices


def test_a_pattern_that_matches_a_folder_gives_what_is_in_it(here: Path) -> None:
    write(here, "一/a.txt", "二/b.txt", "c.txt", "图.png")
    found = find_files(["*"])
    assert names_of(found) == ["c.txt", "一/a.txt", "二/b.txt"]
    assert found.notices == ("*: left out 1 that cannot be articles (1 .png)",)


def test_a_suffix_a_pattern_names_is_taken_at_its_word(here: Path) -> None:
    write(here, "a.conf", "b.conf")
    assert names_of(find_files(["*.conf"])) == ["a.conf", "b.conf"]


def test_a_file_goes_before_the_pattern_its_name_would_be(here: Path) -> None:
    write(here, "[1].txt", "1.txt", "a*.txt", "ab.txt")
    assert names_of(find_files(["[1].txt", "a*.txt"])) == ["[1].txt", "a*.txt"]


def test_a_name_composed_in_another_way_still_matches(here: Path) -> None:
    write(here, "cafe\u0301.txt")
    assert names_of(find_files(["café*"])) == ["cafe\u0301.txt"]


@LINKS
def test_each_file_is_given_once_by_its_first_name(here: Path) -> None:
    write(here, "文/a.txt", "文/b.txt")
    (here / "别名.txt").symlink_to("文/a.txt")
    found = find_files(["文/b.txt", "./文/../文/b.txt", "文", "文/*.txt", str(here), "-", "-"])
    assert names_of(found) == ["文/b.txt", "文/a.txt", "-"]
    assert [file.standard_input for file in found.files] == [False, False, True]
    assert found.notices == ("8 files were named more than once and are read once",)


def test_a_file_named_like_standard_input_can_be_given(here: Path) -> None:
    write(here, "-")
    found = find_files(["./-", "-"])
    assert [(file.location, file.standard_input) for file in found.files] == [
        ("./-", False),
        ("-", True),
    ]


@LINKS
def test_links_to_folders_are_followed_but_never_round_in_a_circle(here: Path) -> None:
    write(here, "文/a.txt", "文/深/b.txt", "外/c.txt", "外/.藏/d.txt")
    (here / "文" / "圈").symlink_to("../文")
    (here / "文" / "上").symlink_to("..")
    (here / "文" / "根").symlink_to("/")
    (here / "文" / "一外").symlink_to("../外")
    (here / "文" / "二外").symlink_to("../外")
    (here / "外" / "回").symlink_to("../文/深")
    (here / "文" / "自己").symlink_to("自己")
    (here / "文" / "断").symlink_to("没有")
    found = find_files(["文"])
    assert names_of(found) == ["文/a.txt", "文/断", "文/深/b.txt", "文/自己", "文/一外/c.txt"]
    assert found.notices == ("文: left out 1 hidden, 3 links that lead back",)


@LINKS
def test_a_link_to_a_folder_that_git_ignores_is_left_out(here: Path) -> None:
    write(here, "文/a.txt", "外/c.txt")
    (here / "文" / "外").symlink_to("../外")
    (here / "文" / ".gitignore").write_text("外\n")
    assert names_of(find_files(["文"])) == ["文/a.txt"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_in_a_folder_is_left_out_and_never_waited_for(here: Path) -> None:
    write(here, "文/a.txt")
    os.mkfifo(here / "文" / "pipe")
    found = find_files(["文"])
    assert names_of(found) == ["文/a.txt"]
    assert found.notices == ("文: left out 1 devices and pipes",)


def test_a_folder_that_may_not_be_listed_is_one_error(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(here, "文/a.txt", "文/锁/b.txt", "文/c.txt")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("锁"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr("os.scandir", refuse)
    for named in ("文", "文/**/*.txt"):
        found = find_files([named])
        assert names_of(found) == ["文/a.txt", "文/c.txt"]
        (error,) = found.errors
        assert str(error.path) == "文/锁"
        assert "permission is denied" in str(error)


@pytest.mark.skipif(sys.platform == "darwin", reason="such names cannot exist there")
def test_names_in_another_encoding_are_found_and_shown(here: Path) -> None:
    for name in ("新闻一.txt".encode("gbk"), "新聞二.txt".encode("big5")):
        Path(os.fsdecode(name)).write_text(TEXT, encoding="utf-8")
    found = find_files(["."])
    assert sorted(os.fsencode(file.path.name) for file in found.files) == sorted(
        ["新闻一.txt".encode("gbk"), "新聞二.txt".encode("big5")]
    )
    assert all(file.path.read_text(encoding="utf-8") == TEXT for file in found.files)
    assert len(find_files(["新*", os.fsdecode("新".encode("gbk")) + "*"]).files) == 1


def test_no_file_whose_name_says_its_kind_is_looked_at(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(here, *(f"文/{number}.txt" for number in range(50)), "文/图.png")

    def refuse(*_arguments: object, **_more: object) -> None:
        raise AssertionError("looked at a file")

    monkeypatch.setattr(Path, "open", refuse)
    looked: list[str] = []
    lstat = os.lstat
    monkeypatch.setattr("os.lstat", lambda path, **more: looked.append(path) or lstat(path, **more))
    assert len(find_files(["文"]).files) == 50
    assert not [path for path in looked if str(path).endswith(".txt")]


def test_a_folder_too_deep_to_name_is_one_error(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(here, "文/a.txt")
    monkeypatch.chdir("文")
    for _level in range(30):
        os.mkdir("d" * 200)  # noqa: PTH102 - relative: the whole path would be too long
        os.chdir("d" * 200)
    monkeypatch.chdir(here)
    found = find_files(["文"])
    assert names_of(found) == ["文/a.txt"]
    assert len(found.errors) == 1


@given(st.lists(st.text(alphabet="第章一二十百零〇两兩a1０٣9.-", max_size=8), max_size=12))
def test_natural_order_is_a_total_order_of_any_names(names: list[str]) -> None:
    ordered = sorted(names, key=natural_key)
    backwards = names[::-1]
    assert sorted(backwards, key=natural_key) == ordered
    for first, second in zip(ordered, ordered[1:], strict=False):
        assert natural_key(first) <= natural_key(second)
        assert (natural_key(first) == natural_key(second)) == (first == second)


@given(st.integers(0, 9999), st.integers(0, 9999), st.sampled_from(["第{}章", "{}", "a{}b"]))
def test_numbers_in_names_go_by_value(one: int, two: int, around: str) -> None:
    keys = [natural_key(around.format(number)) for number in (one, two)]
    assert (keys[0] < keys[1]) == (one < two)


@pytest.mark.parametrize(
    "names",
    [
        [
            "第一回",
            "第二回",
            "第九回",
            "第十回",
            "第十一回",
            "第二十回",
            "第一百零三回",
            "第二百回",
        ],
        ["第〇章", "第两章", "第三章"],
        ["a２", "a10", "A11"],
        ["1" * 200, "2" * 200, "1" * 201],
    ],
)
def test_names_are_in_the_order_a_reader_expects(names: list[str]) -> None:
    backwards = names[::-1]
    assert sorted(backwards, key=natural_key) == names
