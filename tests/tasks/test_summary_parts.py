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
def test_a_fact_that_only_one_part_tells_survives_merging(tmp_path: Path, place: int) -> None:
    lines = long_text(30).splitlines()
    numbers = [index for index, line in enumerate(lines) if "标段上月" in line]
    lines[numbers[place]] = f"{FACT}。{lines[numbers[place]]}"
    article = article_of(tmp_path, "\n".join(lines))

    def merging(request: Request) -> str:
        if "合并成一句话" in instruction(request):
            return "青石镇各处都在施工。"
        if FACT in instruction(request):
            return f"{FACT}。"
        return extract(request)

    engine = ScriptedEngine(merging, 1500)
    result = summary(article, engine, length="short")
    assert result.coverage.parts > 4
    assert len(result.points) <= 5
    told = "".join(point.text for point in result.points)
    # Where a point has no room for it, what went is counted and said.
    assert "9876米" in told or result.merged_away
    assert result.merged_away
    assert f"{result.merged_away} points merged away" in as_text(result)


def test_nothing_is_counted_as_merged_away_where_all_is_told(tmp_path: Path) -> None:
    result = summary(article_of(tmp_path, long_text(8)), ScriptedEngine(extract), length="long")
    assert result.merged_away == 0
    assert "merged away" not in as_text(result)
