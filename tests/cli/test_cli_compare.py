import json
from pathlib import Path

import pytest
from cli_support import ARTICLE, command


@pytest.mark.parametrize("count", [1, 21])
def test_a_wrong_number_of_articles_is_wrong_use(tmp_path: Path, count: int) -> None:
    paths = []
    for number in range(count):
        path = tmp_path / f"{number}.txt"
        path.write_text(ARTICLE.replace("128", str(100 + number)), encoding="utf-8")
        paths.append(path)
    ended = command(tmp_path / "home", "compare", *paths)
    assert ended.status == 2
    assert "2 to 20" in ended.complaint()
    assert ended.out == ""


def test_a_file_that_cannot_be_read_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "一.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    ended = command(tmp_path / "home", "compare", path, tmp_path / "missing.txt")
    assert ended.status == 1
    assert "missing.txt" in ended.complaint()


@pytest.mark.parametrize("template", ["timeline", "one-sentence", "answer"])
def test_a_template_that_writes_no_digests_is_refused(tmp_path: Path, template: str) -> None:
    ended = command(tmp_path / "home", "compare", "-p", template, tmp_path)
    assert ended.status == 2
    assert template in ended.complaint()


def test_an_output_in_a_folder_that_is_missing_is_told_at_once(tmp_path: Path) -> None:
    ended = command(tmp_path / "home", "compare", "-o", tmp_path / "no" / "a.md", tmp_path)
    assert ended.status == 2
    assert "there is no folder" in ended.complaint()


@pytest.mark.real_model
def test_two_articles_are_compared_by_a_real_model(tmp_path: Path, real_model: Path) -> None:
    one, other = tmp_path / "一.txt", tmp_path / "二.txt"
    one.write_text(ARTICLE, encoding="utf-8")
    other.write_text(ARTICLE.replace("460万元", "520万元"), encoding="utf-8")
    ended = command(
        tmp_path / "home", "compare", "-m", str(real_model), "--json", one, other, seconds=600
    )
    assert ended.status == 0, ended.err
    found = json.loads(ended.out)
    differing = [row for row in found["rows"] if row["verdict"] == "differ"]
    assert [[cell["value"] for cell in row["cells"]] for row in differing] == [
        ["460万元", "520万元"]
    ]
