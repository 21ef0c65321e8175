import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.retrieval.question import Question, weight
from workbench.retrieval.terms import terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("早市搬家", ["早市", "市搬", "搬家"]),
        ("圖書車", ["图书", "书车"]),
        ("GPT-4o 和 ＡＩ", ["gpt", "4o", "和", "ai"]),
        ("3.5億", ["3.5", "亿"]),
        ("", []),
        ("，。！", []),
    ],
)
def test_terms_are_pairs_of_hanzi_and_words_in_one_script(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_words_that_only_ask_are_no_content() -> None:
    assert Question.of("青石镇的早市什么时候搬进了新棚？").chunks == ("青石镇的早市", "搬进了新棚")
    assert "什么" not in Question.of("早市叫什么名字").terms


def test_a_question_is_the_same_in_either_script() -> None:
    assert Question.of("海邊小學有幾本書？").terms == Question.of("海边小学有几本书？").terms


def test_a_pair_of_function_words_says_nothing_and_a_latin_word_most() -> None:
    assert weight("的是") == 0
    assert 0 < weight("的书") < weight("图书") < weight("gpt")


def test_names_are_what_is_quoted_or_in_latin_letters_or_digits() -> None:
    names = Question.of("《月和刀》里的 GPT-4o 在 2024 年说了“你好”吗").names
    assert set(names) == {"月和刀", "GPT-4o", "2024", "你好"}


def test_the_share_of_a_question_in_a_text_runs_from_nothing_to_all() -> None:
    question = Question.of("早市有多少个摊位？")
    assert question.share_in(frozenset(terms("新棚的早市有128个摊位"))) > 0.7
    assert question.share_in(frozenset(terms("河堤渗水了"))) == 0


def test_a_question_of_nothing_but_asking_still_has_terms() -> None:
    assert Question.of("什么？").terms
    assert Question.of("他是谁").terms


@given(st.text(max_size=60))
def test_any_text_can_be_a_question(text: str) -> None:
    question = Question.of(text)
    assert 0 <= question.share_in(frozenset(question.terms)) <= 1.0000001
    assert all(value > 0 for value in question.weights.values())
