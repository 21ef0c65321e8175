"""Dates put to a figure that the article gives another time."""

import pytest

from workbench.grounding.checks import check_facts
from workbench.grounding.source import Source

ARTICLE = Source(
    "过去六个月以来，投资者向渡轮公司投入了超过400亿元。"
    "其中最大的一笔，是东港公司在6月底收到的13亿元。"
    "3月5日，南港公司宣布换船。据称换船花了27亿元。此前，9月里它亏损了8.2亿元。",
    date="2026-08-01",
)


def wrong(point: str) -> list[tuple[str, str, str]]:
    found = check_facts(point, Source(""), ARTICLE)
    return [(one.kind, one.text, one.instead) for one in found if one.wrong]


def test_a_date_told_later_of_something_else_is_marked_with_the_figures_own_time() -> None:
    assert wrong("投资者在6月底向渡轮公司投入了超过400亿元。") == [("date", "6月", "六个月")]


@pytest.mark.parametrize(
    "point",
    [
        "过去六个月，投资者向渡轮公司投入了超过400亿元。",
        "东港公司6月底收到13亿元。",
        # Told before the figure: it may well hold for it.
        "南港公司3月5日宣布换船，花了27亿元。",
        # The figure has no time of its own in the article.
        "南港公司9月换船花了27亿元。",
        # Another clause is about another thing.
        "东港公司6月底收到一笔大钱；投资者共投入了超过400亿元。",
    ],
)
def test_a_date_that_may_be_the_figures_own_is_left_alone(point: str) -> None:
    assert wrong(point) == []
