"""What the panes show, made ready without a terminal."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tasks.tasks_support import (
    SIMPLIFIED,
    TRADITIONAL,
    ScriptedEngine,
    article_of,
    extract,
    summary,
)
from tui.reading_support import made_result, with_wrong_facts

from workbench.store.results import Feedback, StoredResult
from workbench.tasks.stored import result_from
from workbench.tui.reading.evidence import marked
from workbench.tui.reading.find import Finder
from workbench.tui.reading.head import other_script
from workbench.tui.reading.on_disk import OnDisk, state_on_disk
from workbench.tui.reading.outside import HEADLINE, as_editable, changed
from workbench.tui.reading.progress_line import duration, progress_line
from workbench.tui.reading.result_page import set_rows
from workbench.tui.reading.rows import DOUBTFUL, SOUND, WRONG, RowKind, rows_of
from workbench.tui.reading.stored_lines import about, listed
from workbench.tui.reading.written import Written
from workbench.tui.typeset.cells import width_of


@pytest.fixture
def result(tmp_path):
    return summary(article_of(tmp_path, SIMPLIFIED), ScriptedEngine(extract))


@pytest.mark.parametrize(
    ("words", "found"),
    [("图书车", ["圖書車", "圖書車"]), ("圖書", ["圖書"] * 4), ("没有", []), ("", [])],
)
def test_words_are_found_in_either_script(words, found):
    places = Finder(TRADITIONAL).find(words)
    assert [TRADITIONAL[one.start : one.end] for one in places] == found


def test_case_and_width_make_no_difference():
    text = "用ＡＰＰ和App，还有 app。"
    assert [text[one.start : one.end] for one in Finder(text).find("app")] == [
        "ＡＰＰ",
        "App",
        "app",
    ]


@given(st.text("青石镇鎮早市a A，", max_size=40), st.text("青石镇鎮早市aA", min_size=1, max_size=3))
def test_what_is_found_does_not_overlap_and_is_alike(text, words):
    at = 0
    for one in Finder(text).find(words):
        assert one.start >= at
        assert text[one.start : one.end].lower().replace("鎮", "镇") == words.lower().replace(
            "鎮", "镇"
        )
        at = one.end


def test_a_fact_that_differs_is_marked_where_the_cited_sentence_says_otherwise(tmp_path):
    point = with_wrong_facts(made_result(tmp_path, SIMPLIFIED))["points"][0]
    found = marked(SIMPLIFIED, point["citations"], point["checks"])
    assert [SIMPLIFIED[one.start : one.end] for one in found if one.kind == "differs"] == ["128"]
    cited = [one for one in found if one.kind == "citation"]
    assert SIMPLIFIED[cited[0].start : cited[0].end] == point["citations"][0]["quote"]


def test_a_fact_that_stands_elsewhere_is_marked_there(tmp_path):
    check = {"kind": "number", "text": "600米", "status": "elsewhere", "instead": ""}
    found = marked(SIMPLIFIED, [], [check])
    assert [SIMPLIFIED[one.start : one.end] for one in found] == ["600米"]


def test_marks_tell_how_points_stand(result):
    points = [row for row in rows_of(result) if row.kind is RowKind.POINT]
    assert [row.mark for row in points] == [SOUND, SOUND]
    wrong = dataclasses.replace(result.points[0].checks[0], status="unsupported")
    moved = dataclasses.replace(result.points[0].checks[0], status="elsewhere")
    for check, mark in ((wrong, WRONG), (moved, DOUBTFUL)):
        point = dataclasses.replace(result.points[0], checks=(check,))
        rows = rows_of(dataclasses.replace(result, points=(point,)))
        assert rows[1].mark == mark
        assert rows[2].kind is RowKind.REMARK
        assert check.text in rows[2].text
    weak = dataclasses.replace(result.points[0], support=0.2)
    assert rows_of(dataclasses.replace(result, points=(weak,)))[1].mark == DOUBTFUL


@pytest.mark.parametrize("width", [2, 7, 15, 16, 20, 33, 36, 60])
def test_no_line_of_a_result_is_wider_than_asked(tmp_path, width):
    rows = rows_of(result_from(with_wrong_facts(made_result(tmp_path, SIMPLIFIED))))
    page = set_rows(rows, width).page
    for number, line in enumerate(page.lines):
        assert line.indent + width_of(page.text(number)) <= width


def test_what_is_edited_outside_comes_back_by_its_numbers(result):
    text = as_editable(result)
    assert changed(result, text) == {}
    edited = text.replace("1. 青石镇的早市", "1. 青石镇的集市").replace(
        "0. 青石镇的早市搬进了新棚", "0. 早市\n搬家"
    )
    found = changed(result, edited)
    assert set(found) == {HEADLINE, 1}
    assert found[HEADLINE] == "早市搬家"
    assert found[1].startswith("青石镇的集市")


def test_a_paragraph_that_is_gone_or_empty_changes_nothing(result):
    assert changed(result, "") == {}
    assert changed(result, "1.\n\n2.   \n") == {}


def test_a_paragraph_may_be_wrapped_by_the_editor(result):
    found = changed(result, "1. 第一行\n第二行 with\nLatin words\n")
    assert found == {1: "第一行第二行 with Latin words"}


def test_progress_is_told_in_tokens_speed_and_time():
    assert progress_line("loading", 30, 100) == "loading the model · 30%"
    said = progress_line("reading", 1200, 4800, 100.0, 36, 1, 3)
    assert said == "reading 1 of 3 · 1,200 of 4,800 tokens · 100.0/s · 36 s left"
    said = progress_line("writing", 40, 0, 11.5, None, 2, 3)
    assert said == "writing 2 of 3 · 40 tokens · 11.5/s"
    assert progress_line("checking", 2, 5) == "checking · 2 of 5"
    assert [duration(one) for one in (0.2, 59, 61, 7300)] == [
        "1 s",
        "59 s",
        "1 min 1 s",
        "2 h 1 min",
    ]


def test_drafts_become_points_in_order_and_a_killed_engine_voids_the_last(result):
    written = Written()
    written.add("第")
    written.add("一")
    written.pause()
    written.add("第二")
    written.again("killed")
    assert [row.text for row in written.rows() if row.kind is RowKind.DRAFT] == ["第一"]
    assert "killed" in written.rows()[0].text
    written.add("又来")
    written.point(result.points[0])
    assert [row.kind for row in written.rows()] == [RowKind.POINT, RowKind.DRAFT]
    assert written.rows()[-1].text == "又来"


def test_a_stored_result_is_told_in_a_line(tmp_path):
    found = with_wrong_facts(made_result(tmp_path, SIMPLIFIED))
    stored = StoredResult(
        id=4,
        task="summarize",
        model="qwen",
        template="news",
        headline="",
        created_at="2026-11-28T07:00:00+00:00",
        article_ids=(1,),
        feedback=(Feedback(4, "数字要改", "2026-11-28T08:00:00+00:00"),),
        result=found,
    )
    assert "! 2 facts not borne out" in listed(stored)
    assert "4 of 5" in listed(stored)
    assert about(stored).endswith("rated 4 of 5 · 数字要改")


def test_the_script_to_convert_to_is_the_other_one(tmp_path):
    assert other_script(article_of(tmp_path, SIMPLIFIED)) == "traditional"
    assert other_script(article_of(tmp_path, SIMPLIFIED), "taiwan") == "taiwan"
    assert other_script(article_of(tmp_path, TRADITIONAL), "taiwan") == "simplified"


def test_a_file_is_held_against_what_was_read(tmp_path):
    article = article_of(tmp_path, SIMPLIFIED)
    assert state_on_disk(article) is OnDisk.SAME
    article.path.write_text(SIMPLIFIED.replace("128", "129"), encoding="utf-8")
    assert state_on_disk(article) is OnDisk.CHANGED
    article.path.unlink()
    assert state_on_disk(article) is OnDisk.GONE
