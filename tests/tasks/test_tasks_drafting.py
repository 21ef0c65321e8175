"""Tidying, shortening and judging what a model wrote."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.articles.model import Article, Encoding, Script
from workbench.articles.passages import split
from workbench.tasks import drafting, wording
from workbench.tasks.material import Material
from workbench.tasks.plan import Part

TEXT = (
    "海港市试行电动渡轮\n"
    "海港市交通局3月4日宣布，六条渡轮航线将在年内换用电动船，总投资2.4亿元。\n"
    "首批8艘船由本地船厂建造，每艘载客120人，预计每年减少柴油消耗900吨。\n"
    "他认为，充电时间仍是最大的难题。\n"
    "一些居民担心票价上涨，交通局回应说两年内不会调整票价。\n"
)


def make_material(text: str = TEXT, title: str | None = "海港市试行电动渡轮") -> Material:
    return Material(
        Article(
            path=Path("ferry.txt"),
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            size=len(text.encode()),
            format="text",
            encoding=Encoding("utf-8", "utf-8", 1.0),
            script=Script.SIMPLIFIED,
            text=text,
            passages=split(text, ()),
            title=title,
        )
    )


def whole(material: Material) -> Part:
    return Part(1, len(material.article.passages))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("- 渡轮年内换成电动船。", "渡轮年内换成电动船。"),
        ("1. 渡轮年内换成电动船。", "渡轮年内换成电动船。"),
        ("要点：渡轮年内换成电动船。", "渡轮年内换成电动船。"),
        ("第[3]段到第[5]段讲了渡轮年内换成电动船。", "渡轮年内换成电动船。"),
        ("此外，渡轮年内换成电动船。", "渡轮年内换成电动船。"),
        ("第[3]段：渡轮年内换成电动船。", "渡轮年内换成电动船。"),
        ("渡轮年内换成电动船。[2]", "渡轮年内换成电动船。"),
        ("附近居民对新的渡轮安排意见不一致。半", "附近居民对新的渡轮安排意见不一致。"),
        ("2024年渡轮换成电动船。", "2024年渡轮换成电动船。"),
        (
            "乘客中学生占41%，上班族占38%，乘客中学生占41%，上班族占38%，乘客中学生",
            "乘客中学生占41%，上班族占38%。",
        ),
        ("3.5亿元用于购买电动渡轮。", "3.5亿元用于购买电动渡轮。"),
    ],
)
def test_a_line_loses_its_bullet_label_and_references_and_nothing_else(
    written: str, kept: str
) -> None:
    assert wording.tidy(written) == kept


@pytest.mark.parametrize("text", ["无", "无。", "没有。", "（无）", "未提及相关数字", ""])
def test_an_answer_that_says_there_is_nothing_is_recognised(text: str) -> None:
    assert wording.is_nothing(text)


def test_a_statement_that_begins_with_a_negation_is_not_nothing() -> None:
    assert not wording.is_nothing("没有一条航线在年内完成换船，交通局推迟了计划。")


def test_a_long_sentence_is_cut_after_a_clause_that_stands_alone() -> None:
    text = "交通局宣布六条航线年内换用电动船，总投资2.4亿元，虽然充电仍慢，但居民普遍欢迎这一安排。"
    assert wording.shortened(text, 34) == "交通局宣布六条航线年内换用电动船，总投资2.4亿元。"


@pytest.mark.parametrize(
    "text",
    [
        "虽然充电时间仍然很长而且价格不低，但是居民普遍欢迎这一安排并愿意继续乘坐渡轮。",
        "交通局说“六条航线将在年内换用电动船，票价两年内不会调整，居民不必担心”。",
    ],
)
def test_no_cut_leaves_a_subordinate_clause_or_an_open_quotation(text: str) -> None:
    assert wording.shortened(text, 24) is None


@given(st.text(alphabet="海港市电动船，。；“”（）虽然3.5亿", max_size=120), st.integers(5, 80))
def test_a_cut_is_always_a_beginning_of_the_text_within_the_limit(text: str, limit: int) -> None:
    short = wording.shortened(text, limit)
    if short is not None:
        assert len(short) <= limit + 1
        assert text.startswith(short.rstrip("。"))


def test_an_invented_figure_weighs_more_than_anything_else() -> None:
    material = make_material()
    sound = drafting.judge(
        "交通局3月4日宣布六条航线换用电动船，总投资2.4亿元。",
        material,
        whole(material),
        characters=60,
    )
    invented = drafting.judge(
        "交通局3月4日宣布六条航线换用电动船，总投资7.9亿元。",
        material,
        whole(material),
        characters=60,
    )
    assert sound.faults < 0.9
    assert invented.faults > sound.faults + 3
    assert all(check.wrong for check in invented.checks if check.kind == "amount")


def test_repeating_the_title_or_an_earlier_point_is_a_fault() -> None:
    material = make_material()
    text = "首批8艘船由本地船厂建造，每艘载客120人。"
    fresh = drafting.judge(text, material, whole(material), characters=60)
    again = drafting.judge(text, material, whole(material), characters=60, earlier=[text])
    assert again.faults >= fresh.faults + 3
    assert drafting.repeats_title("海港市试行电动渡轮。", material)
    assert not drafting.repeats_title(text, material)


def test_a_point_without_a_figure_is_a_fault_only_where_the_stretch_has_figures() -> None:
    material = make_material()
    sentence = "一些居民担心票价上涨，交通局回应说两年内不会调整票价。"
    plain = make_material(sentence + "\n", title=None)
    text = "居民担心票价上涨，交通局说不会调整票价。"
    rich = drafting.judge(text, material, whole(material), characters=60)
    poor = drafting.judge(text, plain, whole(plain), characters=60)
    assert rich.faults > poor.faults + 0.5


def test_the_best_evidence_states_figures_and_is_not_the_title() -> None:
    material = make_material()
    index = drafting.best_evidence(material, whole(material), [])
    assert index is not None
    assert any(char.isdigit() for char in material.sentences[index].text)
    used = [material.sentences[index].text]
    assert drafting.best_evidence(material, whole(material), used) != index


def test_a_sentence_that_leans_on_the_one_before_is_shown_with_it() -> None:
    material = make_material()
    leaning = next(
        i for i, sentence in enumerate(material.sentences) if sentence.text.startswith("他认为")
    )
    shown = drafting.with_context(material, leaning)
    assert shown.startswith(material.sentences[leaning - 1].text)
    assert drafting.with_context(material, leaning - 1) == material.sentences[leaning - 1].text


def test_a_figure_with_another_measure_word_asks_for_a_second_try() -> None:
    material = make_material()
    right = drafting.judge("首批8艘船由本地船厂建造。", material, whole(material), characters=60)
    wrong = drafting.judge("首批8家船由本地船厂建造。", material, whole(material), characters=60)
    assert wrong.faults > right.faults + 0.9


def test_a_qualifier_the_article_never_uses_asks_for_a_second_try() -> None:
    material = make_material()
    right = drafting.judge("渡轮项目总投资2.4亿元。", material, whole(material), characters=60)
    wrong = drafting.judge("渡轮项目月均投资2.4亿元。", material, whole(material), characters=60)
    assert wrong.faults > right.faults + 0.9


def test_a_year_the_article_never_states_is_dropped_from_a_date_it_has() -> None:
    material = make_material()
    assert drafting.without_invented_years("2019年3月4日：宣布换船", material) == "3月4日：宣布换船"
    assert drafting.without_invented_years("2019年5月6日：宣布换船", material) == (
        "2019年5月6日：宣布换船"
    )


def test_a_date_put_to_the_event_of_another_sentence_makes_no_dated_event() -> None:
    material = make_material()
    for text, holds in (
        ("3月4日：交通局宣布六条渡轮航线将换用电动船。", True),
        ("3月4日：交通局回应说两年内不会调整票价。", False),
        ("一些居民担心票价上涨。", False),
    ):
        draft = drafting.judge(text, material, whole(material), characters=60)
        assert drafting.is_dated_event(draft, material) is holds


def test_a_draft_that_adds_no_fact_to_what_was_said_is_left_out() -> None:
    material = make_material()
    texts = (
        "海港市交通局3月4日宣布，六条渡轮航线年内换用电动船，总投资2.4亿元。",
        "海港市交通局3月4日宣布，六条渡轮航线将换用电动船，总投资2.4亿元。",
        "首批8艘船由本地船厂建造，每艘载客120人，预计每年减少柴油消耗900吨。",
    )
    drafts = [drafting.judge(text, material, whole(material), characters=60) for text in texts]
    kept = drafting.without_repetitions(drafts, [])
    assert [draft.text for draft in kept] == [drafts[0].text, drafts[2].text]
    assert drafting.without_repetitions(drafts[:1], [texts[1]]) == drafts[:1]


def test_a_draft_worded_like_another_of_other_figures_stays() -> None:
    text = "东街铺设雨水管道11米，施工队六点开工。\n西街铺设雨水管道23米，施工队六点开工。\n"
    material = make_material(text, title=None)
    drafts = [
        drafting.judge(line, material, whole(material), characters=60) for line in text.splitlines()
    ]
    assert drafting.without_repetitions(drafts, []) == drafts


@pytest.mark.parametrize("clause", ["其中", "例如", "与此同时"])
def test_a_text_is_not_cut_after_a_word_that_only_leads_on(clause: str) -> None:
    text = f"去年有14条渡轮换成了电动船，{clause}，有5条在港外的航线上来回。"
    assert wording.shortened(text, len(text) - 8) == "去年有14条渡轮换成了电动船。"


@pytest.mark.parametrize(
    "clause", ["公司宣布：以3000万元的估值", "以每艘400万元的价格", "公司以试点的名义"]
)
def test_a_text_is_not_cut_after_at_what_price_or_in_what_form(clause: str) -> None:
    text = f"去年有14条渡轮换成了电动船，{clause}，成功获得500万元的融资。"
    cut = wording.shortened(text, len(text) - 8)
    if clause.startswith("公司以"):
        assert cut == f"去年有14条渡轮换成了电动船，{clause}。"  # a subject of its own: it is told
    else:
        assert cut == "去年有14条渡轮换成了电动船。"


SPENDING = "渡轮公司表示，若照旧开航，一年约需180万元；调整后预计为126万元，减少三成。别的不变。"


def test_what_an_article_says_before_a_change_is_put_back() -> None:
    material = make_material(SPENDING, title=None)
    text = "调整后预计为126万元，减少三成。"
    draft = drafting.judge(text, material, whole(material), characters=60)
    assert (
        draft.text == "渡轮公司表示，若照旧开航，一年约需180万元；调整后预计为126万元，减少三成。"
    )
    assert not any(check.status != "supported" for check in draft.checks)
    assert draft.aligned.support > 0.9


def test_nothing_is_put_before_a_change_where_it_would_be_too_long_or_is_told() -> None:
    material = make_material(SPENDING, title=None)
    text = "调整后预计为126万元，减少三成。"
    assert drafting.judge(text, material, whole(material), characters=25).text == text
    for text in ("渡轮公司的开支调整后预计为126万元。", "调整后预计为199万元，减少三成。"):
        assert drafting.judge(text, material, whole(material), characters=60).text == text
