"""What of an answer stands in the place where the question asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.tasks.ask.kinds import kind_of
from workbench.tasks.ask.trimming import trimmed


def left(question: str, answer: str) -> str:
    start, end = trimmed(answer, question, kind_of(question))
    return answer[start:end]


@pytest.mark.parametrize(
    ("question", "answer", "wanted"),
    [
        ("镇里是根据什么规定收摊位费的？", "根据集市管理办法", "集市管理办法"),
        ("商户以什么名义写信给镇长？", "以“早市街坊”的名义", "“早市街坊”"),
        ("她因参加什么节目而出名？", "参加节目《早市一日》", "《早市一日》"),
        ("图书室在哪场灾害发生时进了水？", "海神台风时", "海神台风"),
        ("渔船要在哪里停靠，才算进了港？", "「内港」里", "「内港」"),
        ("摊位搬到哪个区域才不淋雨？", "「南侧雨棚」下", "「南侧雨棚」"),
        ("全镇有多少个邦分会组织？", "16个邦分会组织", "16个"),
        ("议案是在第几次会议上通过的？", "第34次会议", "第34次"),
    ],
)
def test_what_the_question_says_around_it_goes(question: str, answer: str, wanted: str) -> None:
    assert left(question, answer) == wanted


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("他毕业于什么大学？", "北京大学"),
        ("镇区面积是多少平方公里？", "16平方公里"),
        ("有多少人报了名？", "约300人"),
        ("这一站提供什么服务？", "提供晚间开往河口的接驳车，只在雨天开，并可以预约"),
        ("早市为什么搬家？", "因为原来的街要修排水管"),
        ("早市什么时候开门？", "天亮时"),
        ("多久一班？", "半小时"),
        ("谁写的信？", "镇长"),
    ],
)
def test_what_belongs_to_the_answer_stays(question: str, answer: str) -> None:
    assert left(question, answer) == answer


@given(st.text("早市在以的什么哪个多少名义时上16，《》“”会议", max_size=14), st.text(max_size=30))
def test_something_of_every_answer_is_left(question: str, answer: str) -> None:
    start, end = trimmed(answer, question, kind_of(question))
    assert 0 <= start <= end <= len(answer)
    assert not answer or start < end
