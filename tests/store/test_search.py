from contextlib import closing

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from search_support import add_article, empty_library

from workbench.articles.model import Script
from workbench.articles.script import fold
from workbench.store import search as searching
from workbench.store import search_index
from workbench.store.filters import Filters
from workbench.store.search import search


@pytest.fixture
def library():
    with closing(empty_library()) as connection:
        yield connection


def found(connection, query, **options):
    return {hit.article_id for hit in search(connection, query, limit=100, **options).hits}


def shown(hit):
    texts = zip(hit.snippets, hit.snippet_texts, strict=True)
    return [
        text[span.start - snippet.start : span.end - snippet.start]
        for snippet, text in texts
        for span in snippet.highlights
    ]


def test_either_script_finds_both(library):
    simplified = add_article(library, "今年经济平稳增长。")
    traditional = add_article(library, "今年經濟平穩成長。")
    add_article(library, "今年天气很好。")
    assert found(library, "经济") == found(library, "經濟") == {simplified, traditional}


def test_snippets_and_highlights_are_of_the_original(library):
    add_article(library, "前言。　　今年經 濟平穩，民眾有感。", "經濟觀察")
    (hit,) = search(library, "经济").hits
    assert shown(hit) == ["經 濟"]
    assert hit.snippet_texts[0].startswith("今年")
    assert [(span.start, span.end) for span in hit.title_highlights] == [(0, 2)]


def test_snippets_show_the_stretch_with_most_of_the_words(library):
    filler = "这里说的是别的事情，与所问无关。" * 20
    add_article(library, f"渔港改造。{filler}渔港新船下水，电池由本地工厂供应。{filler}")
    (hit,) = search(library, "渔港 电池", snippets=1).hits
    assert hit.snippet_texts[0].startswith("渔港新船下水")
    assert shown(hit) == ["渔港", "电池"]


def test_a_single_character_is_found_wherever_it_stands(library):
    ids = {add_article(library, text) for text in ("船在港里", "新船", "船", "船，来了")}
    add_article(library, "车在路上")
    assert found(library, "船") == ids


def test_a_word_of_letters_is_found_whole_only(library):
    whole = add_article(library, "推出５Ｇ手机，GDP增长")
    add_article(library, "推出15G内存，GDPR生效")
    assert found(library, "5g") == found(library, "gdp") == found(library, "GDP增长") == {whole}


def test_a_phrase_does_not_reach_over_signs(library):
    add_article(library, "我们讲经。济南在山东。")
    assert found(library, "经济") == set()
    assert len(found(library, '"经。济南"')) == 1


def test_titles_weigh_more(library):
    often = add_article(library, "港口" * 6 + "。城里人去看海。", "海边的城")
    in_title = add_article(library, "城里人去看海，看到了新的码头和港口。", "港口一日")
    assert [hit.article_id for hit in search(library, "港口").hits] == [in_title, often]
    assert found(library, "title:港口") == {in_title}


def test_filters_narrow_what_is_found(library):
    first = add_article(library, "经济新闻一", date="2024-05-01", source="甲报")
    second = add_article(library, "经济新闻二", date="2024-06-01", source="乙报")
    third = add_article(library, "經濟新聞三", script="traditional")
    library.execute("INSERT INTO tags VALUES ('要闻', ?)", (second,))
    assert found(library, "经济", filters=Filters(date_from="2024-05", date_to="2024-05")) == {
        first
    }
    assert found(library, "经济", filters=Filters(source="乙报")) == {second}
    assert found(library, "经济", filters=Filters(tags=("要闻",))) == {second}
    assert found(library, "经济", filters=Filters(script=Script.TRADITIONAL)) == {third}


def test_pages_of_results_follow_each_other(library, monkeypatch):
    monkeypatch.setattr(searching, "RANKED", 7)
    monkeypatch.setattr(searching, "COUNTED", 15)
    for number in range(20):
        add_article(library, f"经济消息第{number}条", "经济" if number == 3 else None)
    pages = [search(library, "经济", limit=4, offset=offset) for offset in range(0, 24, 4)]
    ids = [hit.article_id for page in pages for hit in page.hits]
    assert pages[0].total == 15
    assert not pages[0].exact
    assert not pages[0].ranked_all
    assert ids[0] == 4, "a match in a title is ranked however old it is"
    assert sorted(ids[:8]) == sorted({4, *ids[1:8]})
    assert set(ids) == set(range(1, 21))


def test_totals_are_exact_where_all_are_ranked(library):
    for number in range(12):
        add_article(library, f"经济消息第{number}条")
    answer = search(library, "经济", limit=5)
    assert (answer.total, answer.exact, answer.ranked_all) == (12, True, True)
    assert len(answer.hits) == 5


def test_what_was_removed_is_not_found(library):
    gone = add_article(library, "经济新闻", "标题")
    kept = add_article(library, "经济新闻再来一条")
    assert search_index.remove(library, gone, "标题", "经济新闻")
    library.execute("DELETE FROM articles WHERE id = ?", (gone,))
    assert found(library, "经济") == {kept}
    assert not search_index.verify(library)


def test_what_was_changed_behind_the_index_is_reported_and_repaired(library):
    changed, gone, unknown = (add_article(library, f"经济新闻{n}") for n in "甲乙丙")
    library.execute("UPDATE articles SET text = '教育新闻' WHERE id = ?", (changed,))
    library.execute("DELETE FROM articles WHERE id = ?", (gone,))
    library.execute("DELETE FROM search_digests WHERE article_id = ?", (unknown,))
    faults = search_index.verify(library)
    assert (faults.missing, faults.outdated, faults.orphaned) == ((unknown,), (changed,), (gone,))
    assert not search_index.remove(library, changed, None, "教育新闻")
    assert search_index.rebuild(library) == 2
    assert not search_index.verify(library)
    assert found(library, "教育") == {changed}


def test_a_broken_index_is_reported_and_repaired(library):
    add_article(library, "经济新闻")
    library.execute("UPDATE search_index_data SET block = x'00' WHERE id > 10")
    assert search_index.verify(library).broken
    search_index.rebuild(library)
    assert not search_index.verify(library)
    assert len(found(library, "经济")) == 1


# The model: units of a text one by one, in plain Python.


def units(text):
    """Return each Hanzi or word, and whether a gap is before it."""
    result, gap, space = [], True, True
    for char in text:
        char = fold(char).lower()
        if char.isspace():
            space = True
        elif not char.isalnum():
            gap = True
        elif char.isascii():
            if result and result[-1][0].isascii() and not gap and not space:
                result[-1] = (result[-1][0] + char, result[-1][1])
            else:
                result.append((char, True))
            gap = space = False
        else:
            result.append((char, gap or not result or result[-1][0].isascii()))
            gap = space = False
    return result


def holds(text, phrase):
    wanted, given_units = units(phrase), units(text)
    size = len(wanted)
    return any(
        [unit for unit, _ in given_units[place : place + size]] == [unit for unit, _ in wanted]
        and [gap for _, gap in given_units[place + 1 : place + size]] == [g for _, g in wanted[1:]]
        for place in range(len(given_units) - size + 1)
    )


ALPHABET = "经濟经济发發展的，。 \n　GDpＤ12ａ！𠮷"
TEXTS = st.text(ALPHABET, min_size=1, max_size=24)


@given(st.lists(TEXTS, min_size=1, max_size=6), st.text(ALPHABET, min_size=1, max_size=5))
@example(["经济发，展"], "发，展")
@example(["a1 b", "a 1b"], "1 b")
@example(["经，济", "经济"], "经，济")
def test_a_phrase_is_found_in_exactly_the_articles_that_hold_it(texts, phrase):
    if not units(phrase):
        return
    with closing(empty_library()) as connection:
        ids = {add_article(connection, text, str(n) * 9): text for n, text in enumerate(texts)}
        answer = search(connection, f'"{phrase}"', limit=100)
        assert {hit.article_id for hit in answer.hits} == {
            one for one, text in ids.items() if holds(text, phrase)
        }
        for hit in answer.hits:
            for highlighted in shown(hit):
                assert holds(highlighted, phrase)


@given(st.lists(TEXTS, min_size=1, max_size=6), st.lists(TEXTS, min_size=3, max_size=3))
def test_and_or_and_not_are_what_they_are_of_sets(texts, phrases):
    if not all(map(units, phrases)):
        return
    one, two, three = phrases
    with closing(empty_library()) as connection:
        ids = {add_article(connection, text, str(n) * 9): text for n, text in enumerate(texts)}
        query = f'("{one}" OR "{two}") -"{three}"'
        assert found(connection, query) == {
            article
            for article, text in ids.items()
            if (holds(text, one) or holds(text, two)) and not holds(text, three)
        }


@given(st.lists(TEXTS, min_size=2, max_size=5), st.data())
def test_removing_leaves_the_rest_as_it_was(texts, data):
    with closing(empty_library()) as connection:
        ids = {add_article(connection, text, str(n) * 9): text for n, text in enumerate(texts)}
        gone = data.draw(st.sampled_from(sorted(ids)))
        title = str(list(ids).index(gone)) * 9
        assert search_index.remove(connection, gone, title, ids[gone])
        connection.execute("DELETE FROM articles WHERE id = ?", (gone,))
        assert not search_index.verify(connection)
