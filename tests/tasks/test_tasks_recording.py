"""Results are kept for articles that are in the library, and for no others."""

from pathlib import Path
from typing import Any

import pytest

from workbench.articles.model import Article
from workbench.articles.reader import read_article
from workbench.store.library import Library
from workbench.tasks.recording import Recorder


class Written:
    """What a recorder needs of a result."""

    def __init__(self, headline: str, template: str = "news"):
        self.headline, self.template = headline, template

    def to_json(self) -> dict[str, Any]:
        return {
            "task": "summarize",
            "headline": self.headline,
            "model": {"name": "tiny", "sha256": None, "quantization": "F16", "adapters": []},
            "template": {"name": self.template, "sha256": "1" * 64, "variables": {}},
            "settings": {"length": "short"},
            "points": [],
        }


@pytest.fixture
def library(tmp_path: Path):  # type: ignore[no-untyped-def]
    with Library.open(tmp_path / "library.db") as opened:
        yield opened


def article(folder: Path, name: str) -> Article:
    path = folder / f"{name}.txt"
    path.write_text(f"{name}的渡口今天开了新船，船上坐了三十个人，都说平稳。\n", encoding="utf-8")
    return read_article(path)


def record(recorder: Recorder, articles: list[Article], result: Written) -> int | None:
    return recorder.record(articles, result)  # type: ignore[arg-type]


def test_results_about_articles_of_the_library_are_kept(library: Library, tmp_path: Path) -> None:
    here, other = article(tmp_path, "南岸"), article(tmp_path, "北岸")
    article_id = library.add(here).id
    said: list[str] = []
    recorder = Recorder(said.append, library.path)
    first = record(recorder, [here], Written("一"))
    second = record(recorder, [here], Written("二", "brief"))
    third = record(recorder, [here], Written("三"))
    assert record(recorder, [other], Written("四")) is None
    assert record(recorder, [here, other], Written("五")) is None
    kept = library.results_of(article_id)
    assert [one.id for one in kept] == [first, second, third]
    assert [one.result["headline"] for one in kept] == ["一", "二", "三"]
    rows = library.connection.execute("SELECT template_name FROM runs ORDER BY id").fetchall()
    assert rows == [("news",), ("brief",)], "a run for each template"
    assert said == []


def test_the_same_text_in_another_file_is_the_same_article(
    library: Library, tmp_path: Path
) -> None:
    article_id = library.add(article(tmp_path, "南岸")).id
    (tmp_path / "又").mkdir()
    assert record(Recorder(print, library.path), [article(tmp_path / "又", "南岸")], Written("一"))
    assert len(library.results_of(article_id)) == 1


def test_without_a_library_none_is_made(tmp_path: Path) -> None:
    path = tmp_path / "data" / "library.db"
    said: list[str] = []
    with Recorder(said.append, path) as recorder:
        assert record(recorder, [article(tmp_path, "南岸")], Written("一")) is None
    assert said == []
    assert not path.parent.exists()


def test_a_library_that_fails_is_told_of_once(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    path.write_text("notes of mine\n" * 200, encoding="utf-8")
    said: list[str] = []
    here = article(tmp_path, "南岸")
    with Recorder(said.append, path) as recorder:
        assert record(recorder, [here], Written("一")) is None
        assert record(recorder, [here], Written("二")) is None
    (line,) = said
    assert str(path) in line
