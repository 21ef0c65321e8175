"""Snapping what a model wrote to the span of the text that says it."""

from pathlib import Path

import pytest
from ask_support import books, market
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tasks_support import article_of

from workbench.retrieval.question import Question
from workbench.tasks.ask.extraction import Located, locate, without_echo
from workbench.tasks.ask.kinds import kind_of
from workbench.tasks.ask.shelf import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    tea = "今年云岭的茶叶多了18%，茶农说遮阴树起了作用，明年还要再种三百亩。\n"
    return Shelf([market(tmp_path), books(tmp_path), article_of(tmp_path, tea, "茶.txt")])


def find(shelf: Shelf, question: str, written: str) -> str | None:
    asked = Question.of(question)
    found = locate(written, asked, kind_of(asked.text), shelf.passages)
    return found.text if found else None


@pytest.mark.parametrize(
    ("question", "written", "expected"),
    [
        ("新棚有多少个摊位？", "128个摊位", "128个摊位"),
        ("新棚有多少个摊位？", "根据文章，新棚有128个摊位。", "128个摊位"),
        ("新棚由谁出资修建？", "新棚由镇里出资修建。", "镇里"),
        ("摊位费是多少？", "摊位费是每天8元", "每天8元"),
        ("車裡放了幾本書？", "２４００本书", "2400本书"),
        ("新棚离老街多远？", "离老街有600米。", "600米"),
        ("早市搬到了哪里？", "“河边的新棚”", "河边的新棚"),
        ("新棚用了几个月？", "7个月", "七个月"),
        ("新棚修了多久？", "7年", "七个月"),
        ("新棚修了多久？", "7", "七个月"),
        ("茶叶多了多少？", "18", "18%"),
    ],
)
def test_an_answer_comes_down_to_words_of_the_text(
    shelf: Shelf, question: str, written: str, expected: str
) -> None:
    assert find(shelf, question, written) == expected


@pytest.mark.parametrize("written", ["999个摊位左右吧", "法国巴黎", "", "。", "12"])
def test_what_the_text_does_not_say_is_found_nowhere(shelf: Shelf, written: str) -> None:
    assert find(shelf, "新棚由哪国出资？", written) is None


def test_a_figure_is_not_found_inside_another_one(shelf: Shelf) -> None:
    assert find(shelf, "收多少钱？", "28") is None
    assert find(shelf, "有几本书？", "400") is None


def test_of_several_places_the_one_near_the_words_of_the_question_is_taken(shelf: Shelf) -> None:
    asked = Question.of("新棚离老街有多远？")
    found = locate("老街", asked, kind_of(asked.text), shelf.passages)
    assert found is not None
    sentence = found.passage.sentence_at(found.passage.original(found.start, found.end)[0])
    assert "600米" in sentence.text


@pytest.mark.parametrize(
    ("question", "said", "expected"),
    [
        ("《月河》由哪个杂志连载？", "《月河》由《新苗》连载", "新苗"),
        ("作品属于哪一类小说？", "商业小说", "商业小说"),
        ("加拿大总理由谁委任？", "加拿大总督", "加拿大总督"),
        ("新棚是谁修的？", "新棚是谁修的", "新棚是谁修的"),
    ],
)
def test_only_what_the_question_says_at_length_is_stripped(
    question: str, said: str, expected: str
) -> None:
    assert without_echo(said, Question.of(question)).strip("《》") == expected


@given(written=st.text(max_size=30), question=st.text(min_size=1, max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_a_span_is_always_one_of_the_passage(shelf: Shelf, written: str, question: str) -> None:
    asked = Question.of(question)
    found = locate(written, asked, kind_of(asked.text), shelf.passages)
    if isinstance(found, Located):
        start, end = found.passage.original(found.start, found.end)
        article = found.passage.material.article
        assert found.passage.passage.start <= start < end <= found.passage.passage.end
        assert 0 <= start < end <= len(article.text)
        assert found.text.strip()


@given(st.text(max_size=40))
def test_any_question_is_of_some_kind(question: str) -> None:
    kind_of(question)


@pytest.mark.parametrize(
    ("question", "attribute", "expected"),
    [
        ("为什么早市搬家？", "descriptive", True),
        ("这种棱柱被称为什么？", "descriptive", False),
        ("什么是棱柱？", "definition", True),
        ("早市何时开门？", "time", True),
        ("有多少个摊位？", "quantity", True),
        ("摊位费涨了吗？", "yes_no", True),
        ("谁修的新棚？", "yes_no", False),
        ("棚里装了什么？", "yes_no", False),
        ("摊位费怎么样了？", "yes_no", False),
        ("这篇文章主要讲了什么？", "overview", True),
        ("摊主说什么？", "definition", False),
    ],
)
def test_the_kind_of_a_question_is_told_by_its_words(
    question: str, attribute: str, expected: bool
) -> None:
    assert getattr(kind_of(question), attribute) is expected
