import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_support import add_article, empty_library

from workbench.errors import UsageError
from workbench.store.query import All, Any, Not, Phrase, parse


def words(query):
    return parse(query).node


def test_words_apart_must_all_be_there():
    assert words("经济 发展") == words("经济 AND 发展") == All((Phrase("经济"), Phrase("发展")))


def test_quotation_marks_of_all_kinds_make_a_phrase():
    for query in ('"经济 发展"', "“经济 发展”", "「經濟 發展」", '"经济 发展'):
        assert words(query) == Phrase("经济发展")


def test_or_is_weaker_than_and():
    expected = Any((All((Phrase("经济"), Phrase("发展"))), Phrase("教育")))
    assert words("经济 发展 OR 教育") == words("经济 发展 或 教育") == expected


def test_parentheses_group():
    expected = All((Phrase("经济"), Any((Phrase("发展"), Phrase("教育")))))
    assert words("经济 (发展 OR 教育)") == words("经济（发展 OR 教育）") == expected


def test_minus_and_not_leave_out():
    expected = All((Phrase("经济"), Not(Phrase("股票"))))
    assert words("经济 -股票") == words("经济 NOT 股票") == expected
    assert words("－股票 经济") == All((Not(Phrase("股票")), Phrase("经济")))
    assert words("经济 --股票") == All((Phrase("经济"), Phrase("股票")))


def test_title_reaches_over_a_group():
    expected = All((Phrase("经济", True), Phrase("发展", True)))
    assert words("title:(经济 发展)") == words("標題：（經濟 發展）") == expected
    assert words("title:经济 发展") == All((Phrase("经济", True), Phrase("发展")))


def test_other_signs_are_part_of_the_word():
    assert words("GDP增长3.5%") == Phrase("gdp 增长 3 5")
    assert words("a-b") == Phrase("a b")
    assert words("经济* 增长:^") == All((Phrase("经济"), Phrase("增长")))


def test_operators_without_work_are_words():
    assert words("OR") == Phrase("or")
    assert words("或") == Phrase("或")
    assert words("经济 AND") == All((Phrase("经济"), Phrase("and")))
    assert words("not 经济") == All((Phrase("not"), Phrase("经济")))
    assert words("title:") == Phrase("title")


def test_unbalanced_parentheses_are_closed_or_passed_over():
    assert words("(经济 (发展") == words("经济) 发展)") == All((Phrase("经济"), Phrase("发展")))


@pytest.mark.parametrize("query", ["", "   ", "，。", "()", '""', "-", '-""'])
def test_a_query_without_a_word_is_refused(query):
    with pytest.raises(UsageError, match="no word"):
        parse(query)


@pytest.mark.parametrize("query", ["-经济", "NOT 经济", "-经济 -发展", "经济 OR -发展"])
def test_a_query_that_only_leaves_out_is_refused(query):
    with pytest.raises(UsageError, match="leave out"):
        parse(query)


def test_a_query_too_deep_or_too_long_is_refused():
    with pytest.raises(UsageError, match="deep"):
        parse("(" * 200 + "经")
    with pytest.raises(UsageError, match="words"):
        parse(" ".join(map(chr, range(0x4E00, 0x4E00 + 200))))
    with pytest.raises(UsageError, match="longer"):
        parse("经" * 5000)


PIECES = ["经济", "發展", "经", "GDP", "3.5", "(", ")", "（", "）", '"', "“", "”", "「", " ", "　"]
PIECES += [
    "OR",
    "或",
    "AND",
    "NOT",
    "-",
    "－",
    "title:",
    "标题：",
    "*",
    "^",
    "'",
    "+",
    "NEAR",
    "\0",
]
PIECES += ["{title}", ":", ",", "，", "\\", "text:", "\n", "\u200b", "𠮷", "a"]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=60))
def test_every_query_is_answered_or_refused(query):
    with empty_library() as connection:
        add_article(connection, "经济發展，GDP增长3.5。", "title")
        try:
            expression = parse(query).expression
        except UsageError:
            return
        connection.execute(
            "SELECT rowid FROM search_index WHERE search_index MATCH ?", (expression,)
        ).fetchall()


@given(st.integers(1, 20), st.sampled_from(["经 OR (", "经 -(", "title:(经 ", "(经 (济 OR "]))
def test_deep_queries_stay_within_what_the_index_understands(depth, opening):
    try:
        expression = parse(opening * depth + "终").expression
    except UsageError:
        return
    with empty_library() as connection:
        connection.execute(
            "SELECT rowid FROM search_index WHERE search_index MATCH ?", (expression,)
        ).fetchall()
