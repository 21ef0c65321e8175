"""Long articles: parts shown with the end of the last, merged without losing facts in silence."""

import re
from pathlib import Path

import pytest
from tasks_support import (
    ScriptedEngine,
    article_of,
    extract,
    instruction,
    long_text,
    material,
    summary,
)

from workbench.engine.protocol import Request
from workbench.tasks.summary.merging import side_by_side
from workbench.tasks.views import as_text

BEFORE = re.compile(r"上一部分的结尾是：“(.*?)”")
FACT = "河堤上新立了一座9876米长的护栏"


def test_each_part_is_shown_with_the_end_of_the_one_before(tmp_path: Path) -> None:
    article = article_of(tmp_path, long_text(30))
    engine = ScriptedEngine(extract, 2500)
    result = summary(article, engine)
    segments = list(dict.fromkeys(map(material, engine.requests)))
    parts = [segment for segment in segments if "部分" in segment.partition("\n")[0]]
    assert result.coverage.parts == len(parts) > 1
    assert not BEFORE.search(parts[0])
    for previous, segment in zip(parts, parts[1:], strict=False):
        shown = BEFORE.search(segment)
        assert shown
        assert previous.rstrip().endswith(shown[1])
        # It is no passage of this part, so that nothing asks about it.
        assert not re.search(r"^\[\d+\] " + re.escape(shown[1][:12]), segment, re.MULTILINE)


@pytest.mark.parametrize("place", [3, 14, 26])
@pytest.mark.parametrize("context", [1100, 1500])
def test_a_fact_that_only_one_part_tells_survives_merging(
    tmp_path: Path, place: int, context: int
) -> None:
    lines = long_text(30).splitlines()
    numbers = [index for index, line in enumerate(lines) if "标段上月" in line]
    lines[numbers[place]] = f"{FACT}。{lines[numbers[place]]}"
    article = article_of(tmp_path, "\n".join(lines))

    def merging(request: Request) -> str:
        if "合并成一句话" in instruction(request):
            return "青石镇各处都在施工。"
        if any(FACT in line for line in material(request).splitlines() if line.startswith("[")):
            return f"{FACT}。"
        return extract(request)

    engine = ScriptedEngine(merging, context)
    result = summary(article, engine, length="short")
    assert result.coverage.parts > 4
    assert len(result.points) <= 5
    assert any("合并成一句话" in instruction(request) for request in engine.requests)
    told = "".join(point.text for point in result.points)
    # Where points have no room for all that the parts told, what went is counted and said.
    assert "9876米" in told or result.merged_away
    if result.merged_away:
        assert f"{result.merged_away} points merged away" in as_text(result)


def test_of_every_point_that_is_merged_something_stays_where_there_is_room() -> None:
    texts = [
        "河堤上新立了一座9876米长的护栏，天气晴好的时候很多人去看。",
        "东街上月铺设雨水管道，完成了11米，施工队每天六点开工，住户都说吵。",
        "桥头上月新建公厕，花了46万元，镇里的人都说方便了许多。",
    ]
    merged = side_by_side(texts, 66, [], "")
    assert len(merged) <= 66
    for fact in ("9876米", "11米", "46万元"):
        assert fact in merged
    assert side_by_side(["一句没有逗号而且怎么也放不下的很长很长的话就是这样。"], 10, [], "") == ""


def test_nothing_is_counted_as_merged_away_where_all_is_told(tmp_path: Path) -> None:
    result = summary(article_of(tmp_path, long_text(8)), ScriptedEngine(extract), length="long")
    assert result.merged_away == 0
    assert "merged away" not in as_text(result)
