import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_support import add_article, empty_library

from workbench.store import candidates as module
from workbench.store.candidates import candidates


@pytest.fixture
def library() -> sqlite3.Connection:
    connection = empty_library()
    add_article(connection, "青石镇的早市搬进了新棚，128个摊位有了顶。", "早市搬家")
    add_article(
        connection, "海邊小學來了圖書車，車裡放了2400本書。", "圖書車", script="traditional"
    )
    add_article(connection, "南堤的水闸换了门，花费3.5亿元。", "水闸")
    return connection


def ids(found: list[module.Candidate]) -> list[int]:
    return [one.article_id for one in found]


def test_an_article_needs_one_of_the_terms_and_not_all(library: sqlite3.Connection) -> None:
    assert ids(candidates(library, ["早市", "几个", "鲸鱼"], limit=5)) == [1]


def test_the_one_with_most_rare_terms_comes_first(library: sqlite3.Connection) -> None:
    add_article(library, "早市收费的事，镇里还在商量。", "收费")
    assert ids(candidates(library, ["早市", "新棚", "摊位"], limit=5))[0] == 1
    assert len(candidates(library, ["早市", "新棚"], limit=1)) == 1


def test_terms_are_found_in_either_script_and_numbers_with_a_point(
    library: sqlite3.Connection,
) -> None:
    assert ids(candidates(library, ["图书"], limit=5)) == [2]
    assert ids(candidates(library, ["3.5"], limit=5)) == [3]


def test_only_articles_that_are_meant_count(library: sqlite3.Connection) -> None:
    assert ids(candidates(library, ["早市", "图书"], limit=5, among=[2])) == [2]
    assert candidates(library, ["早市"], limit=5, among=[]) == []
    assert ids(candidates(library, ["早市", "图书"], limit=5)) == [2, 1]


@pytest.mark.parametrize("terms", [[], ["鲸鱼"], ["，"], ['"'], ["* OR x"], [""]])
def test_what_is_not_there_finds_nothing(library: sqlite3.Connection, terms: list[str]) -> None:
    assert candidates(library, terms, limit=5) == []


def test_common_terms_are_left_out_once_enough_was_found(
    library: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        add_article(library, f"这里的天气第{number}天", f"天气{number}")
    monkeypatch.setattr(module, "MOST_POSTINGS", 6)
    monkeypatch.setattr(module, "_LEAST", 1)
    assert ids(candidates(library, ["天气", "早市", "图书"], limit=30)) == [2, 1]


@given(st.lists(st.text(max_size=6), max_size=6))
def test_any_terms_can_be_asked_for(terms: list[str]) -> None:
    connection = empty_library()
    add_article(connection, "早市", "早市")
    assert len(candidates(connection, terms, limit=3)) <= 1
    connection.close()
