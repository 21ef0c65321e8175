"""What git ignores is left out: compared with git itself where it is installed."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from workbench.articles.inputs.find import find_files
from workbench.articles.inputs.gitignore import IgnoreFile, parse_rule

FOLDERS = ["", "a/", "b/", "ab/", "a/b/", "a/a/", "甲/", "a/b/甲/"]
NAMES = ["a", "b", "ab", "x.txt", "甲.txt", "甲乙.md", "a b.txt", "#c", "!d", "[e].txt", "end "]


@pytest.fixture(autouse=True)
def no_rules_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nobody" / "config"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def names_of(folder: Path) -> list[str]:
    found = find_files([str(folder)])
    return [str(file.path.relative_to(folder)) for file in found.files]


def write(root: Path, *names: str, **texts: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts.get("text", "早市搬进了新棚。"), encoding="utf-8")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the same names in folders of several depths."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    root = tmp_path_factory.mktemp("tree")
    subprocess.run(["git", "init", "-q", str(root)], check=True, capture_output=True)
    for folder in FOLDERS:
        taken = {one.rstrip("/").rpartition("/")[2] for one in FOLDERS if one.startswith(folder)}
        write(root, *(folder + name for name in NAMES if name not in taken))
    return root


def untracked(root: Path) -> set[str]:
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "--others", "--exclude-standard", "-z"],
        check=True,
        capture_output=True,
    )
    named = (os.fsdecode(name) for name in listed.stdout.split(b"\0") if name)
    return {name for name in named if not name.endswith(".gitignore")}


PIECES = st.sampled_from(
    ["a", "b", "ab", "*", "?", "**", "/", "/", ".txt", ".md", "甲", "???", "[ab]", "[!a]", "[^b]"]
    + ["[[:alpha:]]", "[a-z]", "[", "]", "\\", "\\*", " ", "*.txt", "x", "e", "end ", "-", "[甲]"]
)
LINES = st.builds(
    lambda negated, first, pieces, last: negated + first + "".join(pieces) + last,
    st.sampled_from(["", "", "", "!"]),
    st.sampled_from(["", "", "", "/", "#", "\\#", "\\!", " "]),
    st.lists(PIECES, min_size=1, max_size=4),
    st.sampled_from(["", "", "/", " ", "\\ ", "/ ", "\r"]),
)
FILES = st.lists(LINES, max_size=5).map("\n".join)


@settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(FILES, FILES, FILES)
@example("b/\n!a/", "", "")
@example("*\n!*/\n!*.md", "", "")
@example("/*\n!/a", "*\n!b/", "x.txt")
@example("a/**/甲.txt\n**/b", "!b", "")
@example("a**\n!ab", "", "[!甲].txt")
def test_a_folder_gives_what_git_does_not_ignore(
    tree: Path, outermost: str, nested: str, excluded: str
) -> None:
    for place, lines in (
        (".gitignore", outermost),
        ("a/.gitignore", nested),
        (".git/info/exclude", excluded),
    ):
        (tree / place).write_text(lines, encoding="utf-8", newline="")
    assert set(names_of(tree)) == untracked(tree)


def test_rules_hold_where_they_stand_and_below_and_the_nearest_wins(tmp_path: Path) -> None:
    write(tmp_path, "草稿.txt", "定稿.txt", "存档/草稿.txt", "存档/旧/草稿.txt", "别处/草稿.txt")
    write(tmp_path, ".gitignore", text="草稿.txt\n")
    write(tmp_path, "存档/.gitignore", text="!草稿.txt\n旧/\n")
    assert names_of(tmp_path) == ["存档/草稿.txt", "定稿.txt"]


def test_what_lies_in_an_ignored_folder_cannot_be_taken_back(tmp_path: Path) -> None:
    write(tmp_path, "out/a.txt", "b.txt")
    write(tmp_path, ".gitignore", text="out/\n!out/a.txt\n")
    assert names_of(tmp_path) == ["b.txt"]


def test_rules_above_hold_up_to_the_repository_and_no_further(tmp_path: Path) -> None:
    write(tmp_path, ".gitignore", text="*\n")
    write(tmp_path, "repository/.gitignore", text="*.txt\n")
    (tmp_path / "repository" / ".git" / "info").mkdir(parents=True)
    write(tmp_path, "repository/.git/info/exclude", text="旧.md\n")
    write(tmp_path, "repository/文/甲.txt", "repository/文/乙.md", "repository/文/旧.md")
    assert names_of(tmp_path / "repository" / "文") == ["乙.md"]


def test_an_ignored_folder_that_is_named_is_read(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path, "out/甲.txt", "out/乙.txt", "out/乙.md")
    write(tmp_path, ".gitignore", text="out/\n*.md\n")
    assert names_of(tmp_path) == []
    assert set(names_of(tmp_path / "out")) == {"甲.txt", "乙.txt", "乙.md"}


def test_a_repository_in_a_repository_has_rules_of_its_own(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path, ".gitignore", text="*.txt\n")
    write(tmp_path, "甲.txt", "inner/乙.txt", "inner/丙.md")
    (tmp_path / "inner" / ".git").mkdir()
    assert set(names_of(tmp_path)) == {"inner/乙.txt", "inner/丙.md"}


def test_the_lists_of_a_worktree_and_of_the_user_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    common = tmp_path / "main" / ".git"
    write(common, "info/exclude", text="甲.txt\n")
    write(common, "worktrees/w/commondir", text="../..\n")
    write(tmp_path, "w/.git", text=f"gitdir: {common}/worktrees/w\n")
    write(tmp_path, "w/甲.txt", "w/乙.txt", "w/丙.txt")
    assert set(names_of(tmp_path / "w")) == {"乙.txt", "丙.txt"}
    write(tmp_path, "mine", text="乙.txt\n")
    config = tmp_path / "gitconfig"
    config.write_text(f"[user]\n\tname = x\n[core]\n\texcludesFile = {tmp_path}/mine\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    assert names_of(tmp_path / "w") == ["丙.txt"]


@pytest.mark.parametrize("line", ["", "   ", "# 说明", "/", "!", "[", "[a", "[[:x:]]", "a\\"])
def test_a_line_that_can_match_nothing_is_no_rule(line: str) -> None:
    assert parse_rule(line.encode()) is None


def test_many_stars_cost_no_more_than_the_name_is_long() -> None:
    names = [b"a" * 255, b"a/" * 120 + b"a"]
    stars = [b"*a" * 60 + b"b", b"**/a/" * 40 + b"b", b"a*" * 60 + b"[b]", b"/" + b"*a*/" * 40]
    file = IgnoreFile(b"/tmp", stars)
    for name in names:
        last = name.rpartition(b"/")[2]
        assert file.verdict(b"/tmp/" + name, last, folder=False) is None


@pytest.fixture
def unreadable(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / ".gitignore"
    path.write_text("*.txt\n")
    path.chmod(0)
    yield path
    path.chmod(0o600)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_rules_that_cannot_be_read_are_told(tmp_path: Path, unreadable: Path) -> None:
    write(tmp_path, "甲.txt")
    found = find_files([str(tmp_path)])
    assert [str(error.path) for error in found.errors] == [str(unreadable)]
    assert len(found.files) == 1
