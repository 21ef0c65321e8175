"""What stands on a shelf, in which order, and what the tree counts."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_support import TEXTS
from hypothesis import given
from hypothesis import strategies as st

from workbench.articles.model import Script
from workbench.articles.reader import read_article
from workbench.desk import shelves
from workbench.desk.shelves import Shelf
from workbench.desk.tree import Folder, nested
from workbench.errors import UsageError
from workbench.store.filters import Filters
from workbench.store.library import Library
from workbench.store.results import Run

RUN = Run("summarize", {"name": "m"}, {"name": "t", "sha256": "0" * 64}, {})
FINE = {"task": "summarize", "headline": "", "points": [{"checks": [{"status": "supported"}]}]}
WRONG = {"task": "summarize", "headline": "", "points": [{"checks": [{"status": "differs"}]}]}
ANSWER = {"task": "ask", "headline": "", "points": [{"checks": [{"status": "unsupported"}]}]}
UNTITLED = "没有题目的文章写到了一座桥。\n\n" + "桥上的人很多，桥下的水很急。" * 20


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Two articles in one folder, a third in a folder below it."""
    (tmp_path / "报纸" / "旧").mkdir(parents=True)
    with Library.open(tmp_path / "library.db") as found:
        for name, text in {**TEXTS, "旧/桥.txt": UNTITLED}.items():
            path = tmp_path / "报纸" / name
            path.write_text(text, encoding="utf-8")
            found.add(read_article(path))
        yield found


def statuses(library: Library) -> dict[int, str]:
    return {row.id: row.status for row in shelves.rows(library, Shelf(order="title"), 9)}


def keep(library: Library, article_id: int, result: dict[str, object]) -> None:
    library.record(library.start_run(RUN), [article_id], result)


def test_a_row_always_has_a_title(library: Library) -> None:
    rows = {row.id: row for row in shelves.rows(library, Shelf(), 9)}
    assert set(rows) == {1, 2, 3}
    assert rows[1].title == "青石镇的早市搬进了新棚"
    assert rows[1].date == "2026-03-02"
    assert rows[3].title
    assert rows[2].script == Script.TRADITIONAL.value


@pytest.mark.parametrize("order", shelves.ORDERS)
def test_every_order_shows_every_article_once_in_pages(library: Library, order: str) -> None:
    shelf = Shelf(order=order)
    pages = [shelves.rows(library, shelf, 1, offset)[0].id for offset in range(3)]
    assert sorted(pages) == [1, 2, 3]
    assert pages == shelves.ids_of(library, shelf, -1)
    assert shelves.rows(library, shelf, 9, 3) == []


def test_orders_put_what_is_lacking_last(library: Library) -> None:
    assert shelves.ids_of(library, Shelf(order="date"), 9) == [2, 1, 3]
    lengths = [row.characters for row in shelves.rows(library, Shelf(order="length"), 9)]
    assert lengths == sorted(lengths, reverse=True)


def test_status_follows_the_latest_summary(library: Library) -> None:
    assert set(statuses(library).values()) == {"new"}
    keep(library, 1, ANSWER)
    keep(library, 2, WRONG)
    assert statuses(library) == {1: "read", 2: "flagged", 3: "new"}
    assert shelves.ids_of(library, Shelf(order="status"), 9) == [2, 1, 3]
    keep(library, 2, FINE)
    keep(library, 2, ANSWER)
    assert statuses(library)[2] == "summarised"
    keep(library, 2, WRONG)
    assert statuses(library)[2] == "flagged"
    for status, wanted in {"new": [3], "read": [1], "summarised": [], "flagged": [2]}.items():
        shelf = Shelf(status=status)
        assert shelves.ids_of(library, shelf, 9) == wanted
        assert shelves.count(library, shelf) == len(wanted)
    assert dict(shelves.tree(library).statuses) == {
        "new": 1,
        "read": 1,
        "summarised": 0,
        "flagged": 1,
    }


def test_words_are_found_in_either_script_within_what_is_chosen(library: Library) -> None:
    for words in ("图书", "圖書"):
        assert shelves.looked_up(library, Shelf(), words).found == (2,)
    assert shelves.looked_up(library, Shelf(status="flagged"), "图书").found == ()
    keep(library, 2, WRONG)
    assert shelves.looked_up(library, Shelf(status="flagged"), "图书").found == (2,)
    assert shelves.looked_up(library, Shelf(), "  ").found is None
    assert shelves.looked_up(library, Shelf(), '"图书').found == (2,)  # still being typed
    with pytest.raises(UsageError):
        shelves.looked_up(library, Shelf(), "。")


def test_a_folder_holds_what_is_below_it_and_no_namesake(library: Library, tmp_path: Path) -> None:
    beside = tmp_path / "报纸二"
    beside.mkdir()
    (beside / "别.txt").write_text(UNTITLED.replace("桥", "路"), encoding="utf-8")
    library.add(read_article(beside / "别.txt"))
    news = str(tmp_path / "报纸")
    assert sorted(shelves.ids_of(library, Shelf(folder=news), 9)) == [1, 2, 3]
    assert shelves.ids_of(library, Shelf(folder=f"{news}{os.sep}旧"), 9) == [3]
    assert shelves.ids_of(library, Shelf(folder=str(beside)), 9) == [4]
    assert shelves.count(library, Shelf(folder=str(tmp_path))) == 4
    assert dict(shelves.folders(library)) == {
        news: 2,
        f"{news}{os.sep}旧": 1,
        str(beside): 1,
    }


def test_filters_narrow_a_shelf(library: Library) -> None:
    traditional = Shelf(Filters(script=Script.TRADITIONAL))
    assert shelves.ids_of(library, traditional, 9) == [2]
    assert shelves.count(library, Shelf(Filters(date_from="2026-03"))) == 2
    with pytest.raises(UsageError, match="no status"):
        Filters(status="lost")


def test_the_tree_counts_collections_and_tags(library: Library) -> None:
    library.collect("周报", [1, 2])
    library.tag(1, ["早市"])
    found = shelves.tree(library)
    assert found.articles == 3
    assert found.collections == (("周报", 2),)
    assert found.tags == (("早市", 1),)
    (root,) = found.folders
    assert root.articles == 3
    assert [(one.name, one.articles) for one in root.folders] == [("旧", 1)]


NAMES = st.lists(st.sampled_from("甲乙丙"), min_size=1, max_size=4)


@given(st.lists(st.tuples(NAMES, st.integers(1, 9)), max_size=12))
def test_nested_folders_lose_no_article(counted: list[tuple[list[str], int]]) -> None:
    found = nested((f"{Path(os.sep, *names)}{os.sep}", number) for names, number in counted)
    assert sum(one.articles for one in found) == sum(number for _names, number in counted)

    def check(folder: Folder) -> list[str]:
        assert folder.path.endswith(folder.name)
        below = [path for one in folder.folders for path in check(one)]
        assert folder.articles >= sum(one.articles for one in folder.folders)
        return [folder.path, *below]

    paths = [path for one in found for path in check(one)]
    assert len(paths) == len(set(paths))
    assert {str(Path(os.sep, *names)) for names, _number in counted} <= set(paths)
