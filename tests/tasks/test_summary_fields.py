"""Structured fields: asked for under a schema, joined over stretches and parts, checked."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tasks_support import (
    SIMPLIFIED,
    TRADITIONAL,
    ScriptedEngine,
    article_of,
    instruction,
    long_text,
    summary,
    template_of,
)

import workbench
from workbench.engine.protocol import Done, Request, Usage
from workbench.engine.schema import gbnf_of_schema
from workbench.prompting.library import find_template
from workbench.tasks.plan import Part
from workbench.tasks.result import Result
from workbench.tasks.summary import fields
from workbench.tasks.summary.schema_values import (
    conforms,
    is_chosen,
    joined,
    leaves,
    limited,
    parsed,
    with_most,
)
from workbench.tasks.views import as_markdown, as_text

SCHEMA = json.loads(
    (Path(workbench.__file__).parent / "tasks" / "result.schema.json").read_text(encoding="utf-8")
)
FIGURES = {
    "figures": [
        {"what": "新棚的摊位", "value": "128个"},
        {"what": "新棚的造价", "value": "460万元"},
    ]
}


def of_figures(request: Request) -> str:
    return json.dumps(FIGURES, ensure_ascii=False)


def check(result: Result, template: str) -> None:
    Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(result.to_json())))
    schema = find_template(template).schema
    assert schema is not None
    Draft202012Validator(dict(schema)).validate(dict(result.fields))


@pytest.mark.parametrize("template", ["people", "data", "positions"])
def test_the_engine_is_held_to_the_schema_of_the_template(tmp_path: Path, template: str) -> None:
    engine = ScriptedEngine(lambda request: "{}")
    summary(article_of(tmp_path, SIMPLIFIED), engine, template)
    schema = find_template(template).schema
    assert schema is not None
    for request in engine.requests:
        asked = json.loads(request.schema)
        assert set(asked["properties"]) == set(schema["properties"])
        assert gbnf_of_schema(request.schema)


def test_fields_are_joined_checked_and_cited(tmp_path: Path) -> None:
    article = article_of(tmp_path, SIMPLIFIED)
    result = summary(article, ScriptedEngine(of_figures), "data")
    assert result.fields == FIGURES
    assert result.points == ()
    assert result.coverage.passages_read == len(article.passages)
    by_path = {check.path: check for check in result.field_checks}
    value = by_path["/figures/1/value"]
    assert [check.status for check in value.checks] == ["supported"]
    assert value.citations
    for one in result.field_checks:
        for citation in one.citations:
            assert article.text[citation.start : citation.end] == citation.quote
    check(result, "data")
    for view in (as_text, as_markdown):
        shown = view(result)
        assert "figures:" in shown
        assert "460万元" in shown
        assert "!" not in shown


@pytest.mark.parametrize("unsupported", ["mark", "drop"])
def test_an_invented_entry_is_marked_or_dropped(tmp_path: Path, unsupported: str) -> None:
    invented = {"figures": [*FIGURES["figures"], {"what": "新棚的造价", "value": "9,999万元"}]}
    engine = ScriptedEngine(lambda request: json.dumps(invented, ensure_ascii=False))
    result = summary(article_of(tmp_path, SIMPLIFIED), engine, "data", unsupported=unsupported)
    for view in (as_text, as_markdown):
        shown = view(result)
        if unsupported == "mark":
            assert "not in the article: 9,999万元" in shown
        else:
            assert "9,999" not in shown
            assert "1 dropped" in shown
    assert result.dropped == (unsupported == "drop")
    check(result, "data")


def test_a_name_the_article_does_not_have_is_marked_and_a_choice_of_the_schema_is_not(
    tmp_path: Path,
) -> None:
    said = {"positions": [{"who": "钱掌柜", "position": "反对", "reason": "几位老人说路远"}]}
    engine = ScriptedEngine(lambda request: json.dumps(said, ensure_ascii=False))
    result = summary(article_of(tmp_path, SIMPLIFIED), engine, "positions")
    marked = {check.text for one in result.field_checks for check in one.unsupported}
    assert marked == {"钱掌柜"}
    assert "/positions/0/position" not in {one.path for one in result.field_checks}


def test_fields_of_a_traditional_article_are_in_its_script(tmp_path: Path) -> None:
    said = {"figures": [{"what": "图书车里的书", "value": "2400本"}]}
    engine = ScriptedEngine(lambda request: json.dumps(said, ensure_ascii=False))
    result = summary(article_of(tmp_path, TRADITIONAL), engine, "data")
    assert result.fields["figures"] == [{"what": "圖書車裡的書", "value": "2400本"}]


def test_parts_of_a_long_article_are_joined_without_repetition(tmp_path: Path) -> None:
    article = article_of(tmp_path, long_text(30))
    calls = 0

    def answer(request: Request) -> str:
        nonlocal calls
        calls += 1
        place = instruction(request).partition("第[")[2].partition("]")[0]
        entries = [
            {"what": "施工队开工", "value": "六点"},
            {"what": "标段", "value": f"第{place}段"},
        ]
        return json.dumps({"figures": entries}, ensure_ascii=False)

    result = summary(article, ScriptedEngine(answer, 2500), "data", length="long")
    assert result.coverage.parts > 1
    assert result.coverage.passages_read == len(article.passages)
    values = [entry["value"] for entry in result.fields["figures"]]
    assert values.count("六点") == 1
    assert len(values) == calls + 1
    check(result, "data")


def test_what_another_stretch_says_again_of_the_same_person_is_left_out(tmp_path: Path) -> None:
    first = {"name": "沈一舟", "role": "馆长", "said": "介绍新馆藏书82万册，比旧馆多出31万册"}
    again = {**first, "said": "介绍新馆藏书82万册，比旧馆多出31万册，读者很多"}
    other = {**first, "role": "居民", "said": "希望周边的公交车能够再多开几班"}
    answers = iter([[first], [again, other]])

    def answer(request: Request) -> str:
        return json.dumps({"people": next(answers, [])}, ensure_ascii=False)

    article = article_of(tmp_path, long_text(16))
    result = summary(article, ScriptedEngine(answer), "people")
    assert result.fields["people"] == [first, other]


def test_what_is_whole_of_an_answer_that_breaks_off_is_kept_and_the_rest_counted() -> None:
    schema = find_template("data").schema
    assert schema is not None
    text = json.dumps(FIGURES, ensure_ascii=False)
    done = Done(text[: text.index("460")], "length", Usage())
    found = fields.read(done, Part(1, 2), schema)
    assert found is not None
    assert found.broken
    assert found.value == {"figures": FIGURES["figures"][:1]}


def test_an_answer_that_is_no_value_gives_nothing_and_fails_nothing(tmp_path: Path) -> None:
    engine = ScriptedEngine(lambda request: "我不知道。")
    result = summary(article_of(tmp_path, SIMPLIFIED), engine, "people")
    assert result.fields == {}
    assert as_text(result)


def test_a_users_schema_may_hold_single_values_and_nested_ones(tmp_path: Path) -> None:
    template = template_of(
        tmp_path,
        "schema:\n  type: object\n  required: [place, stalls]\n  properties:\n"
        "    place: {type: string}\n    stalls: {type: integer}\n"
        "    cost:\n      type: object\n      properties: {sum: {type: string}}\n",
        "第[{{ first }}]段到第[{{ last }}]段：早市在哪里？",
    )
    said = {"place": "河边", "stalls": 128, "cost": {"sum": "777万元"}}
    engine = ScriptedEngine(lambda request: json.dumps(said, ensure_ascii=False))
    result = summary(article_of(tmp_path, SIMPLIFIED), engine, template)
    assert result.fields == said
    statuses = {one.path: [c.status for c in one.checks] for one in result.field_checks}
    assert statuses["/stalls"] == ["supported"]
    assert statuses["/cost/sum"] == ["unsupported"]
    assert "place: 河边" in as_text(result)
    assert "not in the article: 777万元" in as_text(result)


def test_more_entries_than_the_schema_allows_are_counted() -> None:
    schema = {"properties": {"a": {"type": "array", "maxItems": 2}}}
    assert limited({"a": [1, 2, 3]}, schema) == ({"a": [1, 2]}, 1)
    assert with_most(schema, 1)["properties"]["a"]["maxItems"] == 1
    assert with_most(schema, 9)["properties"]["a"]["maxItems"] == 2


def test_a_choice_of_the_schema_is_told_from_free_text() -> None:
    schema = {
        "$defs": {"side": {"enum": ["甲", "乙"]}},
        "properties": {"a": {"items": {"properties": {"b": {"$ref": "#/$defs/side"}, "c": {}}}}},
    }
    assert not is_chosen("/a/0/c", schema)
    assert is_chosen("/a/0/b", schema)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=8,
)
SCHEMAS = st.recursive(
    st.sampled_from(
        [
            {},
            {"type": "string", "maxLength": 2},
            {"type": "integer", "minimum": 0},
            {"type": ["number", "null"]},
            {"enum": ["", 1, True]},
            {"const": 0},
            {"type": "boolean"},
        ]
    ),
    lambda inner: (
        st.builds(lambda one: {"type": "array", "items": one, "maxItems": 2}, inner)
        | st.builds(
            lambda one, other: {
                "type": "object",
                "properties": {"a": one},
                "required": ["a"],
                "additionalProperties": other,
            },
            inner,
            inner | st.booleans(),
        )
        | st.builds(lambda one, other: {"anyOf": [one, other]}, inner, inner)
    ),
    max_leaves=5,
)


@given(VALUES, SCHEMAS)
def test_a_value_conforms_exactly_where_another_implementation_says_so(
    value: Any, schema: dict[str, Any]
) -> None:
    assert conforms(value, schema) is Draft202012Validator(schema).is_valid(value)


@given(st.dictionaries(st.sampled_from("ab"), VALUES), st.integers(0, 80))
def test_any_beginning_of_an_answer_is_read_as_far_as_it_goes(
    value: dict[str, Any], end: int
) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert parsed(text, {"type": "object"}) == value
    found = parsed(text[:end], {"type": "object"})
    assert found is None or isinstance(found, dict)


@given(st.lists(st.dictionaries(st.sampled_from("ab"), st.lists(st.integers(0, 5))), max_size=4))
def test_joining_loses_no_entry_and_repeats_none(values: list[dict[str, list[int]]]) -> None:
    found = joined(values)
    for name in "ab":
        said = [one for value in values for one in value.get(name, [])]
        assert found.get(name, []) == list(dict.fromkeys(said))


@given(VALUES)
def test_every_leaf_has_a_pointer_that_leads_to_it(value: Any) -> None:
    for path, leaf in leaves(value):
        place = value
        for step in path.split("/")[1:]:
            place = place[int(step)] if isinstance(place, list) else place[step]
        assert place == leaf
