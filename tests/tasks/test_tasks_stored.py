import json
from pathlib import Path

import pytest
from ask_support import asked, knowing, market, saying
from tasks_support import MODEL, ScriptedEngine, article_of, extract, summary

from workbench.errors import LibraryError
from workbench.prompting.library import find_template
from workbench.tasks.compare.output import rendered
from workbench.tasks.compare.task import CompareOptions, compare
from workbench.tasks.stored import answer_from, comparison_from, result_from


def as_kept(found: dict[str, object]) -> dict[str, object]:
    return dict(json.loads(json.dumps(found, ensure_ascii=False)))


def test_a_summary_comes_back_as_it_was(tmp_path: Path) -> None:
    result = summary(market(tmp_path), ScriptedEngine(extract))

    assert result_from(as_kept(result.to_json())) == result


def test_an_answer_comes_back_as_it_was(tmp_path: Path) -> None:
    answer = asked("早市的新棚有多少个摊位？", market(tmp_path), saying("128个摊位"))

    assert answer.span is not None
    assert answer_from(as_kept(answer.to_json())) == answer


def test_a_comparison_comes_back_as_it_was_and_is_shown_alike(tmp_path: Path) -> None:
    first = market(tmp_path)
    second = article_of(
        tmp_path,
        "青石镇早市的新棚\n\n2026年3月2日\n\n青石镇的早市搬进新棚，新棚由镇里出资520万元修建。",
        "另一篇.txt",
    )
    found = compare(
        [first, second],
        find_template("comparison"),
        ScriptedEngine(extract),
        MODEL,
        CompareOptions(digests=tmp_path / "digests"),
    )

    again = comparison_from(as_kept(found.to_json()))

    assert again == found
    assert rendered(again, "markdown") == rendered(found, "markdown")


def test_what_a_later_program_added_is_passed_over(tmp_path: Path) -> None:
    answer = asked("早市的新棚有多少个摊位？", market(tmp_path), saying("128个摊位"))
    found = as_kept(answer.to_json())

    assert answer_from({**found, "mood": "cheerful"}) == answer


@pytest.mark.parametrize(
    "wrong", [{"evidence": 3}, {"evidence": [3]}, {"text": None}, {"searched": "all"}]
)
def test_values_of_another_kind_are_told_in_one_line(
    tmp_path: Path, wrong: dict[str, object]
) -> None:
    found = as_kept(asked("新棚花了多少钱？", market(tmp_path), knowing({})).to_json())

    with pytest.raises(LibraryError, match="means nothing"):
        answer_from({**found, **wrong})
    with pytest.raises(LibraryError):
        comparison_from(found)
