import pytest
from evaluation_support import OTHER, case_of
from hypothesis import given
from hypothesis import strategies as st

from workbench.articles.script import convert
from workbench.evaluation.metrics.case import Case, Output
from workbench.evaluation.metrics.form import (
    characters_written,
    copied,
    coverage,
    length,
    script,
    spread,
)
from workbench.evaluation.metrics.speed import read_speed, seconds, tokens_read, write_speed

FIRST = "青石镇的早市搬进河边的新棚，128个摊位有了顶"
MIDDLE = "棚里装了照明和排水沟，摊位费没有涨"
LAST = "镇里从4月起开一趟免费的小巴"


def summary(*points: str, **about: object) -> Case:
    return case_of(Output("\n".join(points), points, "points", **about))  # type: ignore[arg-type]


def test_spread_counts_the_thirds_that_points_rest_on() -> None:
    assert spread(summary(FIRST, MIDDLE, LAST)) == (3, 3)
    assert spread(summary(FIRST, FIRST)) == (1, 3)
    assert spread(summary(FIRST, LAST)) == (2, 3)


def test_a_short_article_has_no_thirds() -> None:
    assert spread(case_of(Output(FIRST, (FIRST,)), text=OTHER.partition("\n")[0])) is None


def test_runs_over_twenty_characters_count_as_copied() -> None:
    sentence = "青石镇的早市3月1日搬进了河边的新棚，128个摊位全部有了顶。"
    assert copied(summary(sentence)) == (len(sentence), len(sentence))
    assert copied(summary(sentence[:20])) == (0, 20)
    assert copied(summary("早市搬家了。", sentence)) == (len(sentence), len(sentence) + 6)


def test_copying_shows_across_scripts() -> None:
    sentence = convert("青石镇的早市3月1日搬进了河边的新棚，128个摊位全部有了顶。", "traditional")
    assert copied(summary(sentence)) == (len(sentence), len(sentence))


@given(text=st.text(alphabet="青石镇的早市搬进了河边\n", max_size=60))
def test_no_more_is_copied_than_was_written(text: str) -> None:
    found = copied(case_of(Output(text, (text,))))
    if found is not None:
        assert 0 <= found.part <= found.whole + 1e-9


@pytest.mark.parametrize(
    ("points", "fits"),
    [
        (("一" * 10, "二" * 10), 1),
        (("一" * 11, "二" * 11), 1),
        (("一" * 12, "二" * 10), 0),
        (("一" * 10,), 0),
        (("一" * 10,) * 3, 0),
        ((), 0),
        (("一" * 10, " "), 0),
    ],
)
def test_length_wants_the_points_asked_for_and_none_too_long(
    points: tuple[str, ...], fits: int
) -> None:
    assert length(summary(*points, asked_points=2, asked_characters=10)) == (fits, 1)


def test_an_article_of_one_sentence_need_not_make_five_points() -> None:
    output = Output("早市搬家了", ("早市搬家了",), "points", asked_points=5, asked_characters=10)
    assert length(case_of(output, text="早市搬进了新棚。")) == (1, 1)
    assert length(case_of(output)) == (0, 1)


def test_a_list_may_have_fewer_lines() -> None:
    output = Output("早市", ("早市",), "list", asked_points=5, asked_characters=10)
    assert length(case_of(output)) == (1, 1)


def test_nothing_asked_is_nothing_to_keep_to() -> None:
    assert length(summary("早市搬家")) is None


@pytest.mark.parametrize(
    ("text", "target", "expected"),
    [
        ("早市搬进了新棚", "simplified", 1),
        ("早市搬進了新棚", "simplified", 0),
        ("早市搬進了新棚", "traditional", 1),
        ("早市搬進了新棚", "taiwan", 1),
        ("早市搬进了新棚", "traditional", 0),
        ("河口", "traditional", 1),
        ("河口", "simplified", 1),
    ],
)
def test_script_is_told_by_characters_that_only_one_has(
    text: str, target: str, expected: int
) -> None:
    assert script(summary(text, script=target)) == (expected, 1)


@pytest.mark.parametrize(
    ("text", "target"), [("早市", ""), ("460", "traditional"), ("", "simplified")]
)
def test_where_no_script_shows_none_is_judged(text: str, target: str) -> None:
    assert script(summary(text, script=target)) is None


def test_coverage_is_what_was_read() -> None:
    assert coverage(summary("早市", coverage=0.25)) == (0.25, 1)
    assert coverage(summary("早市")) is None


def test_length_of_the_output_counts_no_line_breaks() -> None:
    assert characters_written(summary("早市", "新棚")) == (4, 1)


def test_speed_counts_only_what_was_read_and_written() -> None:
    case = summary(
        "早市",
        prompt_tokens=900,
        reused_tokens=600,
        generated_tokens=40,
        read_seconds=3.0,
        write_seconds=2.0,
        seconds=6.5,
    )
    assert tokens_read(case) == (300, 1)
    assert read_speed(case) == (300, 3.0)
    assert write_speed(case) == (40, 2.0)
    assert seconds(case) == (6.5, 1)


def test_what_took_no_time_has_no_speed() -> None:
    assert read_speed(summary("早市")) is None
    assert write_speed(summary("早市")) is None
