from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_support import add_article, empty_library

from workbench.articles.script import convert
from workbench.store import near_duplicates
from workbench.store.sketches import SKETCH, shingles, similarity, sketch

PORT = (
    "渔港的三条旧木船今年春天换上了电池。船主老陈说，从前出海一趟要烧两桶柴油，如今夜里在码头充电，"
    "清早开出去，傍晚回来时还剩三成电。镇里为每条船补贴了四成费用，剩下的由合作社分五年还清。"
    "机修站的师傅起初担心海水会腐蚀接头，试了两个月，只换过一个插座。孩子们最高兴的是码头安静了，"
    "站在堤上能听见浪打礁石的声音。渔业站统计，三条船半年省下的油钱够再改造一条。"
    "明年打算先改近海作业的小船，远海的大船还要等更大的电池。"
)
LIBRARY = (
    "县图书馆从九月起把闭馆时间推到夜里十一点。馆员分成两班，志愿者负责还书和整理书架。"
    "头一个星期来的人不多，第二个星期自习室就坐满了，多是备考的学生和下班后来看报的工人。"
    "馆长周敏算过一笔账：多开四个小时，电费和加班费每月约两万元，而到馆人次翻了一番。"
    "附近的小吃店也跟着延长了营业，门口的路灯重新装过，回家的路亮堂了许多。"
    "有读者建议周末增设讲座，馆里答应先办一个季度，看看有多少人来再作决定。"
)


@pytest.fixture
def library():
    with closing(empty_library()) as connection:
        yield connection


def members(connection):
    return [group.articles for group in near_duplicates.groups(connection)]


def test_a_copy_in_the_other_script_with_changes_is_grouped(library):
    first = add_article(library, PORT)
    add_article(library, LIBRARY)
    changed = convert(PORT, "taiwan").replace("老陳", "陳姓船主").replace("三成", "三分之一")
    copy = add_article(library, f"【本報訊】{changed}")
    assert members(library) == [(first, copy)]
    (pair,) = near_duplicates.group_of(library, copy).pairs
    assert (pair.later, pair.earlier) == (copy, first)
    assert 0.5 < pair.similarity.containment < 1


@pytest.mark.parametrize("cut", [slice(90, None), slice(None, -90), slice(50, -50)])
def test_a_copy_without_its_head_or_tail_is_grouped(library, cut):
    ids = (add_article(library, PORT), add_article(library, PORT[cut]))
    assert members(library) == [ids]


def test_different_articles_are_not_grouped(library):
    add_article(library, PORT)
    add_article(library, LIBRARY)
    add_article(library, PORT[:30] + LIBRARY)
    assert all(len(group) == 2 for group in members(library))
    assert near_duplicates.group_of(library, 1) is None


def test_furniture_makes_no_near_duplicates(library):
    menu = (
        "首页新闻财经体育娱乐科技教育军事地方图片视频专题评论关于我们联系方式网站地图友情链接" * 8
    )
    for text in (PORT, LIBRARY):
        add_article(library, menu + text, removed=((0, len(menu)),))
    assert members(library) == []


def test_groups_join_when_an_article_connects_them(library):
    half = len(PORT) // 2
    first = add_article(library, PORT[:half])
    second = add_article(library, PORT[half:])
    assert members(library) == []
    third = add_article(library, PORT)
    assert members(library) == [(first, second, third)]


def test_groups_fall_apart_when_the_article_that_connected_them_goes(library):
    half = len(PORT) // 2
    first, second, third = (add_article(library, text) for text in (PORT[:half], PORT, PORT[half:]))
    assert members(library) == [(first, second, third)]
    near_duplicates.remove(library, second, PORT)
    library.execute("DELETE FROM articles WHERE id = ?", (second,))
    assert members(library) == []
    assert near_duplicates.verify(library) == ()


def test_what_is_left_of_a_group_keeps_together(library):
    ids = [add_article(library, PORT[cut:]) for cut in (0, 20, 40, 60)]
    near_duplicates.remove(library, ids[0], PORT)
    library.execute("DELETE FROM articles WHERE id = ?", (ids[0],))
    assert members(library) == [tuple(ids[1:])]


def test_more_copies_than_are_compared_form_one_group(library):
    ids = [add_article(library, f"{PORT}第{number}次转载。") for number in range(40)]
    assert members(library) == [tuple(ids)]


def test_faults_are_reported_and_repaired(library):
    ids = [
        add_article(library, PORT),
        add_article(library, PORT[40:]),
        add_article(library, LIBRARY),
    ]
    library.execute("DELETE FROM near_duplicate_sketches WHERE article_id = ?", (ids[0],))
    library.execute("INSERT INTO near_duplicate_sketches VALUES (5, 99)")
    assert near_duplicates.verify(library) == (ids[0], 99)
    assert near_duplicates.rebuild(library) == 2
    assert near_duplicates.verify(library) == ()
    assert members(library) == [tuple(ids[:2])]


@given(st.text(), st.text())
def test_similarity_is_that_of_the_sets_of_shingles(one, other):
    first, second = (set(shingles(text).tolist()) for text in (one, other))
    found = similarity(shingles(one), shingles(other))
    if first and second:
        shared = len(first & second)
        assert found.jaccard == pytest.approx(shared / len(first | second))
        assert found.containment == pytest.approx(shared / min(len(first), len(second)))
    else:
        assert (found.jaccard, found.containment) == (0, 0)


@given(st.text("经济发展的中国人民，。 a", max_size=60), st.data())
def test_spaces_and_signs_do_not_change_shingles(text, data):
    spread = "".join(char + data.draw(st.sampled_from(["", " ", "，", "\n"])) for char in text)
    joined = "".join(text.split()).replace("，", "").replace("。", "")
    assert shingles(spread).tolist() == shingles(joined).tolist()


def test_a_sketch_is_the_least_hashes():
    hashes = shingles(PORT)
    assert list(sketch(hashes)) == sorted(set(hashes.tolist()))[:SKETCH]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1, max_size=8), st.data())
def test_groups_are_the_same_whatever_came_and_went(cuts, data):
    texts = [(LIBRARY if other else PORT)[cut:] for cut, other in cuts]
    with closing(empty_library()) as connection:
        ids = {
            add_article(connection, text, str(number)): text for number, text in enumerate(texts)
        }
        for gone in data.draw(st.sets(st.sampled_from(sorted(ids)))):
            near_duplicates.remove(connection, gone, ids.pop(gone))
            connection.execute("DELETE FROM articles WHERE id = ?", (gone,))
        kept = members(connection)
        assert near_duplicates.verify(connection) == ()
        near_duplicates.rebuild(connection)
        assert members(connection) == kept
