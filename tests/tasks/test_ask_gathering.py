"""The articles a question is put to: files, and of the library those that may answer."""

from pathlib import Path

import pytest
from tasks_support import SIMPLIFIED, TRADITIONAL, article_of, long_text

from workbench.articles.document import ReadOptions
from workbench.store.library import Library
from workbench.tasks.ask import gathering
from workbench.tasks.ask.gathering import Chosen, choose, gather, library_candidates


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    with Library.open() as opened:
        for name, text in (("甲.txt", SIMPLIFIED), ("乙.txt", TRADITIONAL)):
            opened.add(article_of(tmp_path, text, name))
        for number in range(6):
            text = (
                f"第{number}号天气\n\n今天第{number}区多云，风不大，傍晚可能有小雨，出门请带伞。\n"
            )
            opened.add(article_of(tmp_path, text, f"天气{number}.txt"))
    return tmp_path


def test_files_are_read_and_what_cannot_be_is_told(tmp_path: Path) -> None:
    good = tmp_path / "甲.txt"
    good.write_text(SIMPLIFIED, encoding="utf-8")
    found = gather("早市？", [str(good), str(tmp_path / "无.txt")], ReadOptions())
    assert [article.path.name for article in found.articles] == ["甲.txt"]
    assert len(found.errors) == 1
    assert found.library_articles is None


def test_of_a_small_library_all_articles_are_taken(library: Path) -> None:
    found = gather("早市？", ["library:"], ReadOptions())
    assert len(found.articles) == found.library_articles == 8


def test_of_a_large_library_those_that_may_answer_are_taken(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "CANDIDATES", 2)
    found = gather("青石镇的早市有多少个摊位？", ["library:"], ReadOptions())
    assert found.library_articles == 8
    assert "青石镇" in found.articles[0].text
    assert len(found.articles) <= 2


def test_a_question_without_a_known_word_still_has_an_article_to_say_no_about(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "CANDIDATES", 2)
    assert len(gather("鲸鱼吃什么？", ["library:"], ReadOptions()).articles) == 1


def test_only_articles_that_are_meant_are_candidates(library: Path) -> None:
    with Library.open(readonly=True) as opened:
        every = library_candidates(opened, "早市 圖書車")
        assert set(every) == {1, 2}
        assert library_candidates(opened, "早市 圖書車", among={2, 3}) == [2]


def test_an_input_of_the_library_that_means_nothing_is_told(library: Path) -> None:
    found = gather("早市？", ["library:没有的集"], ReadOptions())
    assert found.articles == ()
    assert len(found.errors) == 1


def test_files_and_the_library_are_asked_together(library: Path) -> None:
    path = library / "长.txt"
    path.write_text(long_text(3), encoding="utf-8")
    found = gather("早市？", [str(path), "library:#1"], ReadOptions())
    assert len(found.articles) == 2
    assert found.library_articles == 1


def test_a_selection_is_asked_as_the_library_is(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Library.open(readonly=True) as opened:
        assert choose(opened, "早市？", (3, 1)) == Chosen((3, 1), 2)
        assert choose(opened, "早市？").among == 8
        monkeypatch.setattr(gathering, "CANDIDATES", 2)
        assert choose(opened, "青石镇的早市？", (1, 3, 4)) == Chosen((1,), 3)
        assert choose(opened, "鲸鱼吃什么？") == Chosen((1,), 8)


def test_an_empty_library_has_nothing_to_choose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    with Library.open() as opened:
        assert choose(opened, "早市？") == Chosen((), 0)
