"""Comparisons of the library as a person goes through them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tasks.tasks_support import SIMPLIFIED, TRADITIONAL, article_of
from tui.compare_support import TEXTS, compared, written

from workbench.desk import comparing
from workbench.desk.comparing import ALL, TIMELINE, VIEWS, Kept, kept, place_of, rows_of
from workbench.desk.passages import in_context
from workbench.desk.picking import described, offered
from workbench.store.library import Library
from workbench.tasks.compare.comparison import AGREE, DIFFER, SILENT


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.db") as opened:
        yield opened


def comparison(library: Library, folder: Path, count: int = 2) -> Kept:
    articles = written(folder, dict(list(TEXTS.items())[:count]))
    for article in articles:
        library.add(article)
    return kept(library, compared(library, articles, folder=folder / "digests"))


def test_every_cell_that_says_something_opens_its_passage(library: Library, tmp_path: Path) -> None:
    found = comparison(library, tmp_path, 3)

    assert found.article_ids == (1, 2, 3)
    told = 0
    for row in found.comparison.rows:
        for cell in row.cells:
            place = place_of(cell, found.article_ids)
            assert (place is None) == (cell.status == SILENT)
            if place is not None:
                text = library.get(place.article_id).text
                assert [text[start:end] for start, end in place.spans] == [
                    one.quote for one in cell.citations
                ]
                told += 1
    assert told > 3
    for event in found.comparison.timeline:
        assert comparing.place_of_event(event, found.article_ids) is not None


def test_the_views_share_out_the_rows(library: Library, tmp_path: Path) -> None:
    found = comparison(library, tmp_path).comparison
    numbers = comparing.counts(found)

    assert set(numbers) == set(VIEWS)
    assert numbers[ALL] == sum(numbers[view] for view in VIEWS[1:-1]) == len(found.rows)
    assert numbers[TIMELINE] == len(found.timeline)
    assert comparing.first_view(found) == DIFFER
    assert {row.verdict for row in rows_of(found, AGREE)} == {AGREE}


def test_rows_are_found_by_words_of_either_script(library: Library, tmp_path: Path) -> None:
    found = comparison(library, tmp_path).comparison

    told = rows_of(found, ALL, "攤位費")
    assert told
    assert told == rows_of(found, ALL, "摊位费")
    assert rows_of(found, ALL, "没有这个词") == ()
    assert len(told) < len(found.rows)


def test_of_an_article_that_was_removed_nothing_opens(library: Library, tmp_path: Path) -> None:
    found = comparison(library, tmp_path)
    library.remove(2)

    again = kept(library, found.result_id or 0)

    assert again.article_ids == (1, None)
    cells = [cell for row in again.comparison.rows for cell in row.cells if cell.article == 2]
    assert all(place_of(cell, again.article_ids) is None for cell in cells)


def test_articles_of_one_text_in_two_files_open_where_that_text_is(
    library: Library, tmp_path: Path
) -> None:
    articles = written(
        tmp_path, {"甲.txt": SIMPLIFIED, "乙.txt": SIMPLIFIED, "丙.txt": TRADITIONAL}
    )
    for article in articles:
        library.add(article)

    found = kept(library, compared(library, articles, folder=tmp_path / "digests"))

    assert found.article_ids == (1, 1, 2)


def test_earlier_comparisons_are_listed_the_newest_first(library: Library, tmp_path: Path) -> None:
    first = comparison(library, tmp_path, 2)
    second = comparison(library, tmp_path, 3)

    heads = comparing.earlier(library)

    assert [head.id for head in heads] == [second.result_id, first.result_id]
    assert heads[0].article_ids == (1, 2, 3)


def test_a_passage_is_shown_around_what_is_cited(tmp_path: Path) -> None:
    article = article_of(tmp_path, SIMPLIFIED)
    start = article.text.index("128个摊位")
    later = article.text.index("460万元")

    (shown,) = in_context(article, [(later, later + 5), (start, start + 6)], around=10)

    assert [text for text, cited in shown.parts if cited] == ["128个摊位", "460万元"]
    assert "".join(text for text, _cited in shown.parts).startswith("…")
    assert in_context(article, [(0, 0), (5, 10**9)]) == ()


def test_articles_are_offered_by_words_of_either_script(library: Library, tmp_path: Path) -> None:
    for article in written(tmp_path, {"早市.txt": SIMPLIFIED, "圖書車.txt": TRADITIONAL}):
        library.add(article)

    assert [one.id for one in offered(library, "")] == [2, 1]
    assert [one.id for one in offered(library, "图书车")] == [2]
    assert [one.title for one in described(library, [1, 99])] == ["青石镇的早市搬进了新棚"]
