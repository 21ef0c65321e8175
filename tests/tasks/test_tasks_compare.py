import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from rich.cells import cell_len
from tasks_support import MODEL, SIMPLIFIED, ScriptedEngine, article_of, extract, material

import workbench
from workbench.articles.model import Article
from workbench.articles.script import convert
from workbench.engine.protocol import Request
from workbench.errors import UsageError
from workbench.prompting.library import find_template
from workbench.store.library import Library
from workbench.tasks.compare.comparison import (
    AGREE,
    ALONE,
    CHANGES,
    DIFFER,
    SILENT,
    Comparison,
)
from workbench.tasks.compare.grid import grid, hanging, wrapped
from workbench.tasks.compare.output import rendered
from workbench.tasks.compare.quoting import original
from workbench.tasks.compare.task import CompareOptions, compare
from workbench.tasks.compare.views import as_markdown, as_text
from workbench.tasks.material import Material
from workbench.tasks.recording import Recorder

SCHEMA = json.loads(
    (Path(workbench.__file__).parent / "tasks" / "compare" / "comparison.schema.json").read_text(
        encoding="utf-8"
    )
)
OTHER = """河边的新棚开市

2026年3月4日

青石镇的早市3月1日搬到了河边的新棚，一共128个摊位。镇里为新棚出资520万元，前后修了七个月。

摊主们说棚里亮堂，地面也干净。老街的商会反对早市搬家，说老街的生意少了一半。

隔壁的白水镇去年修的菜市场有90个摊位，花了300万元。
"""


def compared(
    folder: Path, *articles: Article, answer: Any = extract, **options: Any
) -> tuple[Comparison, ScriptedEngine]:
    engine = ScriptedEngine(answer)
    template = find_template("comparison")
    given = CompareOptions(digests=folder / "digests", **options)
    return compare(articles, template, engine, MODEL, given), engine


@pytest.fixture
def two(tmp_path: Path) -> tuple[Article, Article]:
    return article_of(tmp_path, SIMPLIFIED, "一.txt"), article_of(tmp_path, OTHER, "二.txt")


def values(comparison: Comparison, verdict: str) -> list[tuple[str, ...]]:
    return [tuple(cell.value for cell in row.cells) for row in comparison.with_verdict(verdict)]


def test_a_sum_that_differs_is_a_row_with_both_sums(
    tmp_path: Path, two: tuple[Article, Article]
) -> None:
    comparison, _engine = compared(tmp_path, *two)
    assert ("460万元", "520万元") in values(comparison, DIFFER)
    assert not any("300万元" in row for row in values(comparison, DIFFER))


def test_every_citation_is_a_span_of_its_article(
    tmp_path: Path, two: tuple[Article, Article]
) -> None:
    comparison, _engine = compared(tmp_path, *two)
    assert comparison.rows
    for row in comparison.rows:
        assert [cell.article for cell in row.cells] == [1, 2]
        for cell in row.cells:
            assert bool(cell.citations) == (cell.status != SILENT)
            for citation in cell.citations:
                text = two[cell.article - 1].text
                assert text[citation.start : citation.end] == citation.quote


def test_what_both_say_agrees_though_one_digest_leaves_it_out(
    tmp_path: Path, two: tuple[Article, Article]
) -> None:
    def silent_about_the_second(request: Request) -> str:
        if "河边的新棚开市" in material(request):
            return "老街的商会反对早市搬家，说老街的生意少了一半。"
        return extract(request)

    comparison, _engine = compared(tmp_path, *two, answer=silent_about_the_second)
    row = next(row for row in comparison.rows if "128个摊位" in row.cells[0].text)
    assert row.verdict == AGREE
    assert "128个摊位" in row.cells[1].citations[0].quote


def test_what_one_says_is_silent_in_the_other(tmp_path: Path, two: tuple[Article, Article]) -> None:
    comparison, _engine = compared(tmp_path, *two)
    alone = comparison.with_verdict(ALONE)
    row = next(row for row in alone if "600米" in row.cells[0].text)
    assert row.cells[1].status == SILENT
    assert not row.cells[1].text


def test_each_article_is_read_once_within_and_across_runs(
    tmp_path: Path, two: tuple[Article, Article]
) -> None:
    _first, engine = compared(tmp_path, *two)
    assert len(engine.read_by_model()) == sum(len(one.passages) for one in two)
    again, engine = compared(tmp_path, *two)
    assert engine.read_by_model() == []
    assert [one.cached for one in again.articles] == [True, True]
    assert again.rows == _first.rows


def test_a_digest_is_written_again_for_another_length(
    tmp_path: Path, two: tuple[Article, Article]
) -> None:
    compared(tmp_path, *two)
    _again, engine = compared(tmp_path, *two, length="long")
    assert engine.read_by_model() != []


@pytest.mark.parametrize("broken", ["", "{", '{"claims": 3}', '{"claims": [{"text": "甲"}]}'])
def test_a_broken_digest_is_written_again(
    tmp_path: Path, two: tuple[Article, Article], broken: str
) -> None:
    first, _engine = compared(tmp_path, *two)
    for path in (tmp_path / "digests").iterdir():
        path.write_text(broken, encoding="utf-8")
    again, engine = compared(tmp_path, *two)
    assert engine.read_by_model() != []
    assert again.rows == first.rows


def test_scripts_compare_with_each_other(tmp_path: Path) -> None:
    one = article_of(tmp_path, SIMPLIFIED, "一.txt")
    other = article_of(tmp_path, convert(OTHER, "traditional"), "二.txt")
    comparison, _engine = compared(tmp_path, one, other)
    assert ("460万元", "520萬元") in values(comparison, DIFFER)
    simplified, _engine = compared(tmp_path, one, other, script="simplified")
    said = [one.text for row in simplified.rows for one in row.cells if row.kind == "claim"]
    digests = [text for one in simplified.articles for text in one.digest]
    assert digests == [convert(text, "simplified") for text in digests]
    assert said


def test_a_reprint_is_told(tmp_path: Path) -> None:
    one = article_of(tmp_path, SIMPLIFIED, "一.txt")
    other = article_of(tmp_path, SIMPLIFIED.replace("460万元", "480万元"), "二.txt")
    comparison, _engine = compared(tmp_path, one, other)
    assert [one.articles for one in comparison.reprints] == [(1, 2)]
    assert "nearly the same" in as_text(comparison)
    assert ("460万元", "480万元") in values(comparison, DIFFER)


def test_values_of_other_times_are_on_the_timeline_in_order(tmp_path: Path) -> None:
    one = article_of(
        tmp_path,
        "老年食堂\n\n2024年1月8日\n\n2023年清溪县的老年食堂有47家。每天有三千多位老人来吃饭。\n",
        "一.txt",
    )
    other = article_of(
        tmp_path,
        "食堂\n\n2023年1月9日\n\n2022年清溪县的老年食堂有12家。食堂由村里自己管理，县里给补贴。\n",
        "二.txt",
    )
    comparison, _engine = compared(tmp_path, one, other)
    assert ("47家", "12家") in values(comparison, CHANGES)
    dates = [event.date for event in comparison.timeline]
    assert dates == sorted(dates)
    assert {"2022", "2023"} <= set(dates)


def test_years_that_are_only_pointed_at_are_those_of_the_article(tmp_path: Path) -> None:
    one = article_of(
        tmp_path,
        "新桥\n\n2023年8月9日\n\n今年7月，白沙河的新桥通车。去年5月桥墩完工。\n",
        "一.txt",
    )
    other = article_of(
        tmp_path, "旧桥\n\n2024年1月9日\n\n白沙河的旧桥今年关闭，行人改走新桥。\n", "二.txt"
    )
    comparison, _engine = compared(tmp_path, one, other)
    assert [event.date for event in comparison.timeline] == ["2023-07", "2024"]


def test_the_overview_is_shown_only_where_the_articles_bear_it_out(
    tmp_path: Path, two: tuple[Article, Article]
) -> None:
    def writing(text: str) -> Any:
        return lambda r: text if "几篇文章各自的要点" in r.messages[-1].segments[-1] else extract(r)

    sound, _engine = compared(tmp_path, *two, answer=writing("青石镇的早市搬进了河边的新棚。"))
    assert sound.overview is not None
    made_up, _engine = compared(
        tmp_path, *two, answer=writing("青石镇的早市搬进了河边的新棚，花了9900万元。")
    )
    assert made_up.overview is None


def test_the_overview_says_no_figure_that_differs(
    tmp_path: Path, two: tuple[Article, Article]
) -> None:
    def writing(text: str) -> Any:
        return lambda r: text if "几篇文章各自的要点" in r.messages[-1].segments[-1] else extract(r)

    said = "青石镇的早市搬进了河边的新棚，新棚由镇里出资460万元修建，用了七个月。"
    found, _engine = compared(tmp_path, *two, answer=writing(said))
    assert any("460万元" in cell.value for row in found.rows for cell in row.cells)
    assert found.overview is not None
    assert found.overview.text == "青石镇的早市搬进了河边的新棚，用了七个月。"
    first, _engine = compared(
        tmp_path, *two, answer=writing("青石镇出资460万元修了新棚，早市搬进了河边的新棚。")
    )
    assert first.overview is None


@pytest.mark.parametrize("count", [1, 21])
def test_the_number_of_articles_is_limited(tmp_path: Path, count: int) -> None:
    article = article_of(tmp_path, SIMPLIFIED)
    with pytest.raises(UsageError, match="2 to 20"):
        compared(tmp_path, *[article] * count)


def test_real_output_follows_the_schema(tmp_path: Path, two: tuple[Article, Article]) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    third = article_of(tmp_path, convert(SIMPLIFIED, "traditional"), "三.txt")
    comparison, _engine = compared(tmp_path, *two, third)
    found = json.loads(rendered(comparison, "json"))
    Draft202012Validator(SCHEMA).validate(found)
    assert found["task"] == "compare"


def test_views_show_both_sides_and_stay_within_the_width(
    tmp_path: Path, two: tuple[Article, Article]
) -> None:
    comparison, _engine = compared(tmp_path, *two)
    for width in (40, 100):
        text = as_text(comparison, width)
        assert max(cell_len(line) for line in text.splitlines()) <= width
        plain = "".join(text.split())
        assert "460万元" in plain
        assert "520万元" in plain
    table = [line for line in as_markdown(comparison).splitlines() if line.startswith("| ")]
    row = next(line for line in table if "460万元" in line)
    assert "520万元" in row
    assert "[1:" in row
    assert "[2:" in row


def test_a_comparison_of_articles_of_the_library_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "library.db"
    articles = [
        article_of(tmp_path, SIMPLIFIED, "一.txt"),
        article_of(tmp_path, OTHER, "二.txt"),
    ]
    with Library.open(file) as library:
        for article in articles:
            library.add(article)
        ids = [library.with_content(one.content_sha256) for one in articles]
    comparison, _engine = compared(tmp_path, *articles)
    with Recorder(pytest.fail, file) as recorder:
        assert recorder.record(articles, comparison) is not None
    with Library.open(file) as library:
        kept = library.results_of(int(ids[0] or 0))
    assert kept[0].task == "compare"
    assert kept[0].article_ids == tuple(ids)


def test_a_value_is_quoted_as_the_original_writes_it(tmp_path: Path) -> None:
    text = "標題\n\n新　棚由鎮裡出資&nbsp;４６０萬元\u200b修建，用了七個月。\n"
    article = article_of(tmp_path, text)
    item = Material(article)
    index = next(i for i, one in enumerate(item.sentences) if "460" in one.text)
    sentence = item.sentences[index].text
    start = sentence.index("460万元")
    assert original(item, index, start, start + 5) == "４６０萬元"


@given(st.text("新棚由镇里出资，。460 a", max_size=60), st.integers(4, 30))
def test_wrapping_loses_nothing_and_keeps_to_the_width(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cell_len(line) <= width + 2 for line in lines)
    assert all(cell_len(line) <= 60 for line in grid([["", text], ["甲", text]], 60))
    assert "".join(hanging("甲 ", text, 20))
