"""Lengths asked for in characters, and what becomes of points the article does not bear out."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tasks_support import (
    SIMPLIFIED,
    TRADITIONAL,
    ScriptedEngine,
    article_of,
    extract,
    instruction,
    long_text,
    summary,
)

from workbench.engine.protocol import Request
from workbench.prompting.template import Size
from workbench.tasks.drafting import Draft
from workbench.tasks.summary.fitting import Fitter
from workbench.tasks.summary.length import is_within, planned
from workbench.tasks.views import as_markdown, as_text


def terse(request: Request) -> str:
    return extract(request).partition("，")[0] + "。"


@pytest.mark.parametrize("answer", [extract, terse])
@pytest.mark.parametrize("asked", [100, 150, 400])
def test_points_come_to_the_characters_asked_for(
    tmp_path: Path, answer: object, asked: int
) -> None:
    article = article_of(tmp_path, long_text(14))
    result = summary(article, ScriptedEngine(answer), characters=asked)  # type: ignore[arg-type]
    written = sum(len(point.text) for point in result.points)
    assert is_within(written, asked), [point.text for point in result.points]
    assert result.extent.characters == written
    assert result.extent.characters_asked == asked
    assert result.extent.exact
    assert len(result.points) <= result.extent.points_asked
    for point in result.points:  # two that were put into one are both cited
        assert len(point.citations) >= 1 + ("；" in point.text)
    assert result.settings["characters"] == asked
    for view in (as_text, as_markdown):
        assert f"{written} of {asked} characters" in view(result)


def test_points_that_are_put_into_one_keep_their_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    joined = Fitter._joined

    def watched(self: Fitter, drafts: list[Draft]) -> list[Draft]:
        seen.append((list(drafts), joined(self, drafts)))
        return seen[-1][1]

    def brief(request: Request) -> str:
        return extract(request).rstrip("。")[:16].rstrip("，") + "。"

    monkeypatch.setattr(Fitter, "_joined", watched)
    summary(article_of(tmp_path, long_text(14)), ScriptedEngine(brief), characters=400)
    ((before, after),) = seen
    assert len(before) > len(after) == 9
    words = ["".join(one.text for one in drafts).replace("；", "。") for drafts in (before, after)]
    assert words[0] == words[1]


@pytest.mark.parametrize("script", ["keep", "simplified", "taiwan"])
def test_the_length_is_that_of_the_script_that_is_shown(tmp_path: Path, script: str) -> None:
    article = article_of(tmp_path, TRADITIONAL)
    result = summary(article, ScriptedEngine(extract), characters=100, script=script)
    assert is_within(sum(len(point.text) for point in result.points), 100)


def test_an_article_too_short_for_the_length_says_what_it_gave(tmp_path: Path) -> None:
    article = article_of(tmp_path, "青石镇的早市3月1日搬进了河边的新棚，128个摊位全部有了顶。\n")
    result = summary(article, ScriptedEngine(extract), characters=800)
    assert result.points
    assert result.extent.characters < 100
    assert f"{result.extent.characters} of 800 characters" in as_text(result)


def test_a_length_in_characters_takes_the_place_of_the_points_of_a_template() -> None:
    size = Size(6, 60)
    assert planned(size, None, "points") is size
    assert planned(size, 150, "text") == Size(1, 150)
    few, many = planned(size, 100, "points"), planned(size, 1000, "points")
    assert few.points < many.points
    assert abs(few.points * few.characters - 100) <= 10
    assert abs(many.points * many.characters - 1000) <= 40


@given(st.integers(20, 20_000))
def test_any_length_gives_points_of_a_size_a_template_could_ask_for(asked: int) -> None:
    size = planned(Size(6, 60), asked, "points")
    assert 1 <= size.points <= 50
    assert size.characters >= 10


def test_a_point_with_an_unsupported_fact_is_marked_or_dropped_and_counted(tmp_path: Path) -> None:
    article = article_of(tmp_path, SIMPLIFIED)

    def answer(request: Request) -> str:
        return "- 青石镇的早市搬进新棚花了9,999万元。\n- 收费员改用手机收款，摊位费仍是每天8元。"

    marked = summary(article, ScriptedEngine(answer), "figures")
    assert any(point.unsupported for point in marked.points)
    assert marked.dropped == 0
    assert marked.settings["unsupported"] == "mark"
    dropped = summary(article, ScriptedEngine(answer), "figures", unsupported="drop")
    assert not any(point.unsupported for point in dropped.points)
    assert dropped.dropped == sum(bool(point.unsupported) for point in marked.points)
    assert len(dropped.points) == len(marked.points) - dropped.dropped
    assert dropped.rewritten >= 1
    for view in (as_text, as_markdown):
        assert f"{dropped.dropped} dropped" in view(dropped)
        assert f"{dropped.rewritten} rewritten" in view(dropped)
        assert "9,999" not in view(dropped)


def test_a_point_is_rewritten_once_with_its_evidence_in_front(tmp_path: Path) -> None:
    def wrong(request: Request) -> str:
        return "早市的摊位费涨到了每天55元。"

    engine = ScriptedEngine(wrong)
    result = summary(article_of(tmp_path, SIMPLIFIED), engine)
    again = [request for request in engine.requests if "文章中写道" in instruction(request)]
    assert len(again) == result.rewritten
    first = [request for request in engine.requests if "文章中写道" not in instruction(request)]
    assert len(again) <= len(first)
    # What stands in for it is the article's own.
    assert not any(point.unsupported for point in result.points)


def test_the_model_is_asked_again_about_every_point_where_the_user_wants_it(
    tmp_path: Path,
) -> None:
    def answer(request: Request) -> str:
        if request.schema:
            return '"否"' if "照明" in instruction(request) else '"是"'
        return extract(request)

    article = article_of(tmp_path, SIMPLIFIED)
    engine = ScriptedEngine(answer)
    result = summary(article, engine, verify=True)
    asked = [request for request in engine.requests if request.schema]
    assert len(asked) == len(result.points)
    for point, request in zip(result.points, asked, strict=True):
        assert point.text.rstrip("。") in instruction(request)
        assert all(citation.quote in instruction(request) for citation in point.citations)
        assert point.verified is ("照明" not in instruction(request))
    doubted = sum(point.verified is False for point in result.points)
    assert doubted
    for view in (as_text, as_markdown):
        assert "asked again" in view(result)
        assert f"bears out {len(result.points) - doubted} of {len(result.points)}" in view(result)
    plain = summary(article, ScriptedEngine(extract))
    assert {point.verified for point in plain.points} == {None}
    assert "bears out" not in as_text(plain)
