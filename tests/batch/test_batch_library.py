"""Batches on articles of the library: tags, groups, and results kept there too."""

from pathlib import Path

import pytest
from batch_support import batch, run, write_articles
from tasks_support import long_text

from workbench.articles.reader import read_article
from workbench.errors import UsageError
from workbench.paths import library_file
from workbench.store.library import Library


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Four articles, two with a tag and two that are nearly the same."""
    folder = write_articles(tmp_path / "articles", 2)
    text = long_text(12)
    (folder / "a.txt").write_text(text, encoding="utf-8")
    (folder / "b.txt").write_text(text.replace("班组", "工人"), encoding="utf-8")
    with Library.open(library_file()) as shelf:
        for path in sorted(folder.iterdir()):
            shelf.add(read_article(path))
        shelf.tag(1, ["市场"])
        shelf.tag(2, ["市场", "春天"])
    return folder


def test_results_are_kept_in_the_library_and_tags_in_the_rows(
    library: Path, tmp_path: Path
) -> None:
    one = batch(library, tmp_path / "out", inputs=["library:"])
    assert run(one).done == 4
    assert [row.article["tags"] for row in one.rows()] == [["市场"], ["市场", "春天"], [], []]
    with Library.open(readonly=True) as shelf:
        assert [len(shelf.results_of(number)) for number in (1, 2, 3, 4)] == [1, 1, 1, 1]
    assert run(one).before == 4
    with Library.open(readonly=True) as shelf:
        assert len(shelf.results_of(1)) == 1


def test_articles_with_a_tag_and_near_duplicates_are_compared(
    library: Path, tmp_path: Path
) -> None:
    tagged = batch(
        library, tmp_path / "tagged", inputs=["library:"], task="compare", group_by="tag"
    )
    assert run(tagged).done == 1
    alike = batch(
        library, tmp_path / "alike", inputs=["library:"], task="compare", group_by="near-duplicates"
    )
    assert run(alike).done == 2
    groups = [[Path(one["path"]).name for one in row.articles] for row in alike.rows()]
    assert groups == [["000.txt", "001.txt"], ["a.txt", "b.txt"]]
    files = batch(library, tmp_path / "files", task="compare", group_by="tag")
    with pytest.raises(UsageError, match="files have no tags"):
        run(files)


def test_an_article_that_is_gone_from_the_library_is_told(library: Path, tmp_path: Path) -> None:
    one = batch(library, tmp_path / "out", inputs=["library:#1", "library:#99"])
    outcome = run(one)
    assert (outcome.done, outcome.failed) == (1, 1)
    assert "#99" in outcome.failures[0].name
