"""What a person changes in results is checked anew, and the old wording stays."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_support import library_in
from jsonschema import Draft202012Validator
from tasks_support import SIMPLIFIED, TRADITIONAL, ScriptedEngine, extract, summary

from workbench.desk import results
from workbench.errors import UsageError
from workbench.store.library import Library
from workbench.store.results import Run


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[tuple[Library, int, int]]:
    library, ids = library_in(tmp_path, {"早市.txt": SIMPLIFIED, "圖書車.txt": TRADITIONAL})
    found = summary(library.get(ids[0]), ScriptedEngine(extract)).to_json()
    with library.writing():
        run = library.start_run(
            Run("summarize", found["model"], found["template"], found["settings"])
        )
        result_id = library.record(run, ids[:1], found)
    yield library, ids[0], result_id
    library.close()


def test_an_edited_point_is_cited_and_checked_and_the_old_one_stays(
    kept: tuple[Library, int, int],
) -> None:
    library, article_id, result_id = kept
    before = library.result(result_id).result
    new_id = results.edit(library, result_id, {0: "早市搬进了河边的新棚，有218个摊位。"})
    stored = library.result(new_id).result
    point = stored["points"][0]
    assert point["text"] == "早市搬进了河边的新棚，有218个摊位。"
    assert any("新棚" in citation["quote"] for citation in point["citations"])
    wrong = [check for check in point["checks"] if check["status"] != "supported"]
    assert [check["text"] for check in wrong if "218" in check["text"]]
    assert stored["points"][1:] == before["points"][1:]
    assert stored["settings"]["edited_from"] == result_id
    assert library.result(result_id).result == before
    assert [one.id for one in library.results_of(article_id)] == [result_id, new_id]


def test_a_traditional_wording_is_checked_against_a_simplified_text_and_kept_as_written(
    kept: tuple[Library, int, int],
) -> None:
    library, _article_id, result_id = kept
    new_id = results.edit(
        library, result_id, {0: "新棚有128個攤位，每天8元。"}, headline="早市搬家"
    )
    stored = library.result(new_id).result
    point = stored["points"][0]
    assert point["text"] == "新棚有128個攤位，每天8元。"
    for check in point["checks"]:
        assert point["text"][check["start"] : check["end"]] == check["text"]
        assert check["status"] == "supported"
    assert stored["headline"] == "早市搬家"


def test_results_that_were_edited_are_valid_by_their_schema(
    kept: tuple[Library, int, int],
) -> None:
    library, _article_id, result_id = kept
    new_id = results.remove_point(library, result_id, 0)
    stored = library.result(new_id).result
    schema = Path(results.__file__).parents[1] / "tasks" / "result.schema.json"
    Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(stored)
    assert len(stored["points"]) == len(library.result(result_id).result["points"]) - 1
    assert stored["extent"]["points"] == len(stored["points"])


@pytest.mark.parametrize(("index", "text"), [(99, "早市"), (0, "  \n ")])
def test_what_cannot_be_edited_is_refused(
    kept: tuple[Library, int, int], index: int, text: str
) -> None:
    library, article_id, result_id = kept
    with pytest.raises(UsageError):
        results.edit(library, result_id, {index: text})
    assert len(library.results_of(article_id)) == 1
