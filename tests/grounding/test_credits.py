"""Figures credited to somebody else than the article credits."""

import pytest

from workbench.grounding.checks import check_facts
from workbench.grounding.credits import miscredited
from workbench.grounding.source import Source

ARTICLE = Source(
    "青阳县水资源监测研究所5月28日发布《水库年报》，称全县已有79座水库。"
    "而到7月，据云岭大学副校长郭振业调研分析，全县的水库已增加至116座，"
    "水务局局长韩启东则在会上称，在建的还有23座。"
    "云岭大学的报告指出，其中漏水的有11座。该报告还显示，有4成水库没有人看守。"
)


def found(point: str) -> list[tuple[str, str]]:
    return [(point[one.start : one.end], one.instead) for one in miscredited(point, ARTICLE)]


@pytest.mark.parametrize(
    ("point", "named", "instead"),
    [
        ("青阳县水资源监测研究所指出，水库已增加至116座。", "青阳县水资源监测研究所", "郭振业"),
        (
            "水库很多。据青阳县水资源监测研究所统计，在建的还有23座。",
            "青阳县水资源监测研究所",
            "韩启东",
        ),
        ("韩启东表示，全县已有79座水库。", "韩启东", "青阳县水资源监测研究所"),
    ],
)
def test_a_figure_of_another_is_told_with_whose_it_is(point: str, named: str, instead: str) -> None:
    assert found(point) == [(named, instead)]


@pytest.mark.parametrize(
    "point",
    [
        "青阳县水资源监测研究所称，全县已有79座水库。",
        "郭振业分析，全县的水库已增加至116座。",
        # The one speaks for the other.
        "云岭大学调研显示，水库已增加至116座。",
        # Both are named where the figure is: whose it is cannot be told for sure.
        "据云岭大学调研，全县在建的还有23座。",
        # The sentence of the article names nobody.
        "韩启东表示，有4成水库没有人看守。",
        # No saying of a figure.
        "韩启东到青阳县看了116座水库。",
        "全县的水库已增加至116座。",
    ],
)
def test_nothing_is_told_where_the_article_does_not_name_another(point: str) -> None:
    assert found(point) == []


def test_the_check_of_a_point_marks_whom_it_credits() -> None:
    point = "青阳县水资源监测研究所发布年报，年报指出，全县水库已增加至116座。"
    wrong = [check for check in check_facts(point, ARTICLE, ARTICLE) if check.wrong]
    assert [(one.kind, one.text, one.instead) for one in wrong] == [
        ("attribution", "青阳县水资源监测研究所", "郭振业")
    ]
