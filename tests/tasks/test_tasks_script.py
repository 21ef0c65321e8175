import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tasks_support import (
    SIMPLIFIED,
    TRADITIONAL,
    ScriptedEngine,
    article_of,
    extract,
    material,
    summary,
)

from workbench.articles.model import Article, Wording
from workbench.articles.script import convert, to_simplified
from workbench.grounding.checks import Source, check_facts
from workbench.tasks.drafting import judge
from workbench.tasks.finishing import PointFinisher
from workbench.tasks.material import Material
from workbench.tasks.plan import Part
from workbench.tasks.rescript import Rescripter

WORDS = [
    "软件",
    "鼠标",
    "信息",
    "网络",
    "互联网",
    "打印机",
    "出租车",
    "台风",
    "皇后",
    "里面",
    "头发",
    "发展",
    "干燥",
    "后来",
    "公里",
    "海边",
    "图书车",
    "2400本",
    "3月5日",
    "38万元",
    "12%",
    "《面条》",
    "Wi-Fi",
    "128",
    "2025年",
    "，",
    "。",
]


@pytest.fixture(scope="module")
def traditional(tmp_path_factory: pytest.TempPathFactory) -> Article:
    return article_of(tmp_path_factory.mktemp("traditional"), TRADITIONAL)


@pytest.fixture(scope="module")
def simplified(tmp_path_factory: pytest.TempPathFactory) -> Article:
    return article_of(tmp_path_factory.mktemp("simplified"), SIMPLIFIED)


def test_the_model_reads_simplified_whatever_the_script(traditional: Article) -> None:
    engine = ScriptedEngine(extract)
    summary(traditional, engine)
    read = material(engine.requests[0])
    assert "镇公所三月起派出一辆图书车" in read
    assert read == to_simplified(read)


def test_a_traditional_article_gives_points_in_its_own_spelling(traditional: Article) -> None:
    result = summary(traditional, ScriptedEngine(extract))
    assert result.settings["script"] == "traditional"
    assert result.points
    for point in result.points:
        for clause in re.split("[，；。]", point.text):
            assert clause in traditional.text
        assert all(
            traditional.text[citation.start : citation.end] == citation.quote
            for citation in point.citations
        )


def test_a_run_the_article_has_takes_its_spelling_and_others_the_standard(
    traditional: Article,
) -> None:
    rescript = Rescripter(traditional, "keep")
    assert rescript("车里放了书") == "車裡放了書"
    # OpenCC would write 裏 and 颱風; the article writes 裡 and 台風.
    assert rescript("去年台风过后") == "去年台風過後"
    assert rescript("出现了头发") == "出現了頭髮"


def test_a_simplified_article_gives_simplified_points(simplified: Article) -> None:
    result = summary(simplified, ScriptedEngine(extract))
    assert result.settings["script"] == "simplified"
    for point in result.points:
        assert all(part in simplified.text for part in re.split("[，；。]", point.text))


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("taiwan", "颱風過後的軟體"),
        ("hongkong", "颱風過後的軟件"),
        ("traditional", "颱風過後的軟件"),
        ("simplified", "台风过后的软件"),
    ],
)
def test_the_script_asked_for_is_given(traditional: Article, script: str, expected: str) -> None:
    assert Rescripter(traditional, script)("台风过后的软件") == expected


@pytest.mark.parametrize("script", ["simplified", "traditional", "taiwan", "hongkong"])
def test_the_script_asked_for_reaches_points_and_settings(
    simplified: Article, traditional: Article, script: str
) -> None:
    for article in (simplified, traditional):
        result = summary(article, ScriptedEngine(extract), script=script)
        assert result.settings["script"] == script
        for point in result.points:
            assert point.text == convert(to_simplified(point.text), script)
            for citation in point.citations:
                assert article.text[citation.start : citation.end] == citation.quote


def test_a_mixed_article_follows_the_greater_part_of_it(tmp_path: Path) -> None:
    mostly_traditional = article_of(tmp_path, TRADITIONAL + "\n" + SIMPLIFIED[-100:], "a.txt")
    mostly_simplified = article_of(tmp_path, SIMPLIFIED + "\n" + TRADITIONAL[-95:], "b.txt")
    assert Rescripter(mostly_traditional, "keep").target == "traditional"
    assert Rescripter(mostly_simplified, "keep").target == "simplified"


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map("".join),
    st.sampled_from(["keep", "simplified", "traditional", "taiwan", "hongkong"]),
)
def test_checks_point_at_their_text_in_every_script(
    traditional: Article, text: str, script: str
) -> None:
    source = Material(traditional)
    draft = judge(text, source, Part(1, len(traditional.passages)), characters=60)
    assert draft.checks == check_facts(draft.text, _cited(source, draft), source.source)
    point = PointFinisher(source, Rescripter(traditional, script)).finish(draft)
    assert len(point.checks) == len(draft.checks)
    for before, check in zip(draft.checks, point.checks, strict=True):
        assert point.text[check.start : check.end] == check.text != ""
        assert (check.kind, check.status) == (before.kind, before.status)


def test_checks_behind_a_word_that_changed_its_length_stay_on_their_fact(
    traditional: Article,
) -> None:
    source = Material(traditional)
    text = "互联网和打印机共7台，另有打印机7台，花了55万元。"
    draft = judge(text, source, Part(1, 1), characters=60)
    point = PointFinisher(source, Rescripter(traditional, "taiwan")).finish(draft)
    assert len(point.text) != len(text)
    assert [check.text for check in point.checks] == [
        convert(check.text, "taiwan") for check in draft.checks
    ]
    starts = [check.start for check in point.checks]
    assert starts == sorted(set(starts))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.lists(st.sampled_from(WORDS), min_size=3, max_size=10).map("".join),
        min_size=1,
        max_size=4,
    )
)
def test_the_script_never_changes_the_number_of_points(
    traditional: Article, answers: list[str]
) -> None:
    counts = set()
    for script in ("keep", "simplified", "taiwan"):
        waiting = list(answers)
        engine = ScriptedEngine(lambda request, w=waiting: w.pop(0) if w else "无")  # type: ignore[misc]
        result = summary(traditional, engine, "figures", script=script)
        counts.add(len(result.points))
    assert len(counts) == 1


def _cited(source: Material, draft):  # type: ignore[no-untyped-def]
    return Source(
        "\n".join(source.aligner.sentences[i] for i in draft.aligned.sentences),
        date=source.article.date,
    )


def test_a_stray_simplified_character_of_a_traditional_article_is_not_taken_over(
    tmp_path: Path,
) -> None:
    text = TRADITIONAL + "\n資本的躁動是一條明线，投資人們馬不停蹄地尋找機會。\n"
    rescript = Rescripter(article_of(tmp_path, text), "keep")
    assert rescript("一条明线") == "一條明線"


def test_a_name_the_user_lists_is_spelt_as_in_the_article_from_reading_to_result(
    tmp_path: Path,
) -> None:
    text = (
        TRADITIONAL
        + "\n作家錢鍾書在鎮上住過三年，寫下了四十篇文章，鎮公所把他的房子改成了圖書館。\n"
    )
    article = replace(article_of(tmp_path, text), names=("钱钟书",))
    read = Material(article)
    assert "作家錢鍾書在镇上住过三年" in read.plain_text
    part = Part(1, len(article.passages))
    for written in ("钱钟书", "钱锺书", "錢鍾書"):
        draft = judge(f"作家{written}在镇上住过三年。", read, part, characters=60)
        assert draft.text == "作家錢鍾書在镇上住过三年。"
        for script in ("keep", "simplified", "taiwan"):
            point = PointFinisher(read, Rescripter(article, script)).finish(draft)
            assert "作家錢鍾書在" in point.text


def test_kept_script_takes_the_characters_of_the_place_for_words_the_article_lacks(
    traditional: Article,
) -> None:
    taiwan = replace(traditional, wording=Wording.TAIWAN)
    assert Rescripter(taiwan, "keep")("床的里侧有软件") == "床的裡側有軟件"
    neither = replace(traditional, wording=None)
    assert Rescripter(neither, "keep")("床的里侧有软件") == "牀的裏側有軟件"
