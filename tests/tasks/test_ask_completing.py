"""Making an answer say as much as the text does there, and no more than was asked."""

from pathlib import Path

import pytest
from tasks_support import article_of

from workbench.retrieval.question import Question
from workbench.tasks.ask.completing import completed
from workbench.tasks.ask.extraction import defined, locate
from workbench.tasks.ask.kinds import kind_of
from workbench.tasks.ask.shelf import Shelf

TEXT = (
    "青石桥又名长虹桥（Long Rainbow）或卧波桥，2016年7月9日重新开放。"
    "桥长约46米，每天走过的人超过3万。\n"
    "桥上铺的是花岗岩和青砖，栏杆由木匠和石匠的徒弟一起修好。\n"
    "守桥人住的小屋叫做望水亭。两端同时下桥的队伍称为对流，由保安劝开。\n"
    "2015年，走路的人占62%，骑车的人占29%，推车的人占9%。票价不到5元，队伍排了40分钟左右。\n"
)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf([article_of(tmp_path, TEXT, "桥.txt")])


def found(shelf: Shelf, question: str, written: str) -> str:
    asked = Question.of(question)
    kind = kind_of(asked.text)
    located = locate(written, asked, kind, shelf.passages)
    assert located is not None
    return completed(defined(located, asked, kind, shelf.passages), asked, kind).text


@pytest.mark.parametrize(
    ("question", "written", "expected"),
    [
        ("桥有多长？", "46米", "约46米"),
        ("每天有多少人走过？", "3万", "超过3万"),
        ("票价是多少？", "5元", "不到5元"),
        ("队伍要排多久？", "40分钟", "40分钟左右"),
    ],
)
def test_a_figure_keeps_what_says_how_exact_it_is(
    shelf: Shelf, question: str, written: str, expected: str
) -> None:
    assert found(shelf, question, written) == expected


@pytest.mark.parametrize(
    ("question", "written", "expected"),
    [
        ("青石桥又名什么？", "长虹桥", "长虹桥（Long Rainbow）或卧波桥"),
        ("桥上铺的是什么？", "花岗岩", "花岗岩和青砖"),
        ("桥上铺的是青砖和什么？", "花岗岩", "花岗岩"),
        ("栏杆由谁修好？", "木匠", "木匠"),
    ],
)
def test_the_second_of_two_names_is_not_left_out_nor_taken_from_something_else(
    shelf: Shelf, question: str, written: str, expected: str
) -> None:
    assert found(shelf, question, written) == expected


@pytest.mark.parametrize(
    ("question", "written", "expected"),
    [
        ("守桥人住的小屋叫什么？", "守桥人住的小屋叫做望水亭", "望水亭"),
        ("什么是对流？", "两端同时下桥的队伍称为对流", "两端同时下桥的队伍"),
    ],
)
def test_of_a_name_and_what_bears_it_only_what_was_asked_for_is_answered(
    shelf: Shelf, question: str, written: str, expected: str
) -> None:
    assert found(shelf, question, written) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("青石桥是哪一年重新开放的？", "2016年"),
        ("青石桥是何年何月重新开放的？", "2016年7月9日"),
        ("青石桥是什么时候重新开放的？", "2016年7月9日"),
    ],
)
def test_a_date_is_cut_to_its_year_only_where_a_year_was_asked_for(
    shelf: Shelf, question: str, expected: str
) -> None:
    assert found(shelf, question, "2016年7月9日") == expected


def test_where_several_figures_are_asked_for_one_is_no_answer(shelf: Shelf) -> None:
    several = found(shelf, "走路、骑车和推车的人分别占多少？", "62%")
    assert all(figure in several for figure in ("62%", "29%", "9%"))
    assert found(shelf, "骑车的人占多少？", "29%") == "29%"
