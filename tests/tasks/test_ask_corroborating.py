"""Evidence from other articles that say the same."""

from pathlib import Path

from ask_support import asked, books, market, saying
from tasks_support import article_of

AGAIN = "早市的新消息\n\n青石鎮早市的新棚有128個攤位，都有了頂。照明也裝好了。\n"
OTHER_FIGURE = "早市的旧账\n\n青石镇早市的新棚有1128个摊位，这是去年的计划。\n"
ASIDE = "车站的事\n\n候车厅里有128个座位。\n"


def test_another_article_that_says_the_same_is_cited_too(tmp_path: Path) -> None:
    others = {"又一篇.txt": AGAIN, "旧账.txt": OTHER_FIGURE, "车站.txt": ASIDE}
    articles = [market(tmp_path), books(tmp_path)]
    articles += [article_of(tmp_path, text, name) for name, text in others.items()]
    answer = asked("早市的新棚有多少个摊位？", articles, saying("128个摊位"))
    assert answer.text == "128个摊位"
    told = {evidence.article: evidence.quote for evidence in answer.evidence}
    first = answer.evidence[0].article
    assert set(told) == {0, 2}, told
    assert "128" in told[first]
    assert told[2] == "青石鎮早市的新棚有128個攤位，都有了頂。"
    for evidence in answer.evidence:
        text = articles[evidence.article].text
        assert text[evidence.start : evidence.end] == evidence.quote


def test_an_answer_from_one_article_rests_on_it_alone(tmp_path: Path) -> None:
    answer = asked("早市的新棚有多少个摊位？", market(tmp_path), saying("128个摊位"))
    assert {evidence.article for evidence in answer.evidence} == {0}
