from collections.abc import Sequence

from workbench.retrieval.question import Question
from workbench.retrieval.ranker import Models, PassageRanker

GROUPS = [["早市搬进了新棚。", "摊位费每天8元。"], ["图书车每周停一天。", "车里放了2400本书。"]]
TITLES = ["青石镇的早市", "海边小学的图书车"]


class Meaning:
    def __init__(self, near: Sequence[float]):
        self.near = list(near)
        self.asked: list[str] = []

    def similarities(self, question: str, groups: Sequence[Sequence[str]]) -> list[float]:
        self.asked.append(question)
        return self.near


class Judge:
    def __init__(self, best: str):
        self.best = best

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        return [float(self.best in text) for text in texts]


def test_words_of_the_title_lead_to_the_passages_of_its_article() -> None:
    ranked = PassageRanker(GROUPS, TITLES).rank(Question.of("早市的摊位费是多少？"))
    assert ranked[0] == 1
    assert set(ranked) == {0, 1}


def test_words_are_found_in_the_other_script() -> None:
    assert PassageRanker(GROUPS, TITLES).rank(Question.of("車裡放了幾本書？"))[0] == 3


def test_a_passage_without_a_word_of_the_question_is_found_by_its_meaning() -> None:
    meaning = Meaning([0.1, 0.2, 0.3, 0.9])
    ranked = PassageRanker(GROUPS, TITLES, Models(vectors=meaning)).rank(Question.of("藏量如何？"))
    assert ranked[0] == 3
    assert sorted(ranked) == [0, 1, 2, 3]


def test_a_reranker_moves_what_it_prefers_up() -> None:
    plain = PassageRanker(GROUPS, TITLES).rank(Question.of("早市"))
    judged = PassageRanker(GROUPS, TITLES, Models(reranker=Judge("摊位费"))).rank(
        Question.of("早市")
    )
    assert plain == [0, 1]
    assert judged[0] == 1 or set(judged[:2]) == {0, 1}
    assert sorted(judged) == sorted(plain)


def test_models_that_failed_leave_the_ranking_by_words() -> None:
    class Silent:
        def similarities(self, question: str, groups: Sequence[Sequence[str]]) -> list[float]:
            return []

        def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
            return []

    question = Question.of("早市的摊位费")
    assert PassageRanker(GROUPS, TITLES, Models(Silent(), Silent())).rank(question) == (
        PassageRanker(GROUPS, TITLES).rank(question)
    )


def test_what_ranked_is_named() -> None:
    assert Models().names == ("words",)
    assert Models(Meaning([]), Judge("")).names == ("words", "vectors", "reranker")
