"""Grammars and schemas: what they let a random model write, and which are refused."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import numpy as np
import pytest
from constraint_support import Model, accepts, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_gguf import Tiny, write

from workbench.engine.gbnf import check_gbnf
from workbench.engine.grammar import grammar_of
from workbench.engine.json_numbers import integers, numbers
from workbench.engine.protocol import Request, Sampling
from workbench.engine.sampler import Sampler
from workbench.errors import EngineError

SHARED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
POINT = {
    "type": "object",
    "properties": {"要点": {"type": "string", "minLength": 2, "maxLength": 6}},
    "required": ["要点"],
    "additionalProperties": False,
}
TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "名": {"enum": ["甲", '引"号', "反\\斜", "换\n行"]},
                "子": {"type": "array", "items": {"$ref": "#/$defs/node"}, "maxItems": 2},
            },
            "required": ["名"],
        }
    },
}
SCHEMAS: dict[str, Any] = {
    "an object of everything": {
        "title": "摘要",
        "type": "object",
        "properties": {
            "标题": {"type": "string", "maxLength": 8, "description": "一句话"},
            "要点": {"type": "array", "items": POINT, "minItems": 1, "maxItems": 3},
            "年份": {"type": "integer", "minimum": 1949, "maximum": 2030},
            "可信": {"type": "boolean"},
            "出处": {"type": ["string", "null"], "maxLength": 3},
            'a"b\\c': {"const": {"x": [1, None, "\u0000"]}},
        },
        "required": ["标题", "可信"],
    },
    "a tree": TREE,
    "a list of pairs": {
        "type": "array",
        "prefixItems": [{"type": "integer"}, {"const": "，"}],
        "items": {"type": "null"},
        "maxItems": 4,
    },
    "a fixed pair": {"prefixItems": [{"type": "boolean"}, {"type": "null"}], "items": False},
    "an old pair": {"items": [{"type": "boolean"}, {"type": "null"}], "minItems": 3, "maxItems": 3},
    "no items": {"type": "array", "maxItems": 0},
    "a dictionary": {
        "type": "object",
        "properties": {"人": {"type": "null"}, "人口": {"type": "null"}, "": {"type": "null"}},
        "additionalProperties": {"type": "boolean"},
    },
    "a dictionary that needs a name": {
        "required": ["总数"],
        "additionalProperties": {"type": "integer"},
    },
    "any": {"anyOf": [{"type": "integer"}, {"type": "string", "maxLength": 2}]},
    "one by type": {"oneOf": [{"type": "null"}, {"type": "array", "items": {"const": 0}}]},
    "one by a constant": {
        "type": "object",
        "oneOf": [
            {"properties": {"k": {"const": "a"}, "x": {"type": "null"}}, "required": ["k", "x"]},
            {"properties": {"k": {"const": "b"}}, "required": ["k"]},
        ],
    },
    "all": {
        "allOf": [
            {"$ref": "#/$defs/a"},
            {"type": "object", "properties": {"b": {"type": "integer"}}, "required": ["b"]},
        ],
        "$defs": {
            "a": {"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"]}
        },
    },
    "all within limits": {
        "allOf": [{"type": "integer", "minimum": 3}, {"minimum": 1, "maximum": 9}, {"maximum": 7}]
    },
    "whatever": True,
    "an empty schema": {},
    "a date": {"type": "string", "format": "date"},
    "a moment": {"type": "string", "format": "date-time"},
    "an unknown format": {"type": "string", "format": "hanzi", "maxLength": 3},
    "an open number": {"type": "number"},
    "a share": {"type": "number", "minimum": 0, "maximum": 1},
    "a number between": {"type": "number", "exclusiveMinimum": -2, "exclusiveMaximum": 13},
    "enumerated": {"type": "string", "enum": ["正面", "负面", 3, None]},
    "a place with odd signs": {"$ref": "#/$defs/a~1b%25~0", "$defs": {"a/b%~": {"const": 1}}},
    "bounds of several types": {"type": ["integer", "string"], "minimum": 5, "maxLength": 1},
    "at most what is named": {"properties": {"a": True}, "maxProperties": 1, "type": "object"},
}


CHAIN = {
    "$ref": "#/$defs/d0",
    "$defs": {f"d{n}": {"items": {"$ref": f"#/$defs/d{n + 1}"}} for n in range(999)},
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    model = Model(write(tmp_path_factory.mktemp("grammar") / "random.gguf", Tiny()))
    yield model
    model.close()


def grammar_for(schema: Any) -> str:
    return grammar_of(Request((), 1, schema=json.dumps(schema)))


@pytest.mark.parametrize("name", SCHEMAS)
def test_all_that_a_random_model_writes_is_valid(model: Model, name: str) -> None:
    schema = SCHEMAS[name]
    grammar = grammar_for(schema)
    validator = jsonschema.Draft202012Validator(schema)
    if name == "an old pair":
        validator = jsonschema.Draft7Validator(schema)
    whole = 0
    for seed in range(12):
        sampler = Sampler(Sampling(temperature=2.0, seed=seed), model.vocabulary, grammar)
        text, ended = written(model, sampler, np.random.default_rng(seed), 1500)
        sampler.close()
        if ended:
            value = json.loads(text.decode())
            validator.validate(value)
            whole += 1
    assert whole >= 4


@pytest.mark.parametrize(
    ("name", "valid", "invalid"),
    [
        (
            "an object of everything",
            [
                '{"标题": "水", "可信": true}',
                '{\n  "标题": "水",\n  "要点": [\n    {"要点": "二字"}\n  ],\n  "可信": false\n}',
                '{"标题":"水\\n\\"","年份":2025,"可信":true,"出处":null}',
                '{"标题":"","可信":true,"a\\"b\\\\c":{"x": [1, null, "\\u0000"]}}',
            ],
            [
                '{"标题": "水"}',
                '{"可信": true, "标题": "水"}',
                '{"标题": "水", "可信": true, "余": 1}',
                '{"标题": "一二三四五六七八九", "可信": true}',
                '{"标题": "水", "年份": 1948, "可信": true}',
                '{"标题": "水",  "可信": true}',
            ],
        ),
        ("a tree", ['{"名": "甲", "子": [{"名": "换\\n行", "子": []}]}'], ['{"名": "乙"}', "{}"]),
        ("a dictionary", ['{"人": null, "人们": true}', "{}", '{"人口": null}'], ['{"人": true}']),
        ("one by a constant", ['{"k": "a", "x": null}', '{"k": "b"}'], ['{"k": "a"}']),
        ("whatever", ['{"a": [1, {"b": null}], "": "。"}', "-0.5e+3"], ['{"a": 01}', "nul"]),
        ("a date", ['"2024-02-29"', '"1999-12-31"'], ['"2024-02-30"', '"2024-13-01"']),
        ("a share", ["0.5", "1", "0", "1.0"], ["1.1", "-0.5", "2"]),
        ("a number between", ["-1.99", "12.999", "0", "-0.5"], ["-2", "13", "13.0"]),
    ],
)
def test_what_is_valid_can_be_written_and_what_is_not_cannot(
    model: Model, name: str, valid: list[str], invalid: list[str]
) -> None:
    grammar = grammar_for(SCHEMAS[name])
    assert [text for text in valid if not accepts(model, grammar, text)] == []
    assert [text for text in invalid if accepts(model, grammar, text)] == []


def test_blanks_come_to_an_end(model: Model) -> None:
    """A small model can write nothing else, wherever it may."""
    schema = {"type": "object", "properties": {"a": {"enum": [[]]}, "b": {"enum": [1, 2]}}}
    sampler = Sampler(Sampling(), model.vocabulary, grammar_for(schema | {"required": ["a", "b"]}))
    text = b""
    while True:
        model.logits[:] = 0.0
        model.logits[model.vocabulary.tokenize(" \n", special=False)] = 4.0, 5.0
        token = sampler.choose(model.context, -1)
        if model.vocabulary.ends(token):
            break
        text += model.vocabulary.piece(token)
    sampler.close()
    blank = "\n" + " " * 16
    assert text.decode() == f'{{{blank}"a": [],{blank}"b": 1{blank}}}'


@SHARED
@given(st.data())
def test_an_integer_is_written_exactly_where_the_bounds_allow_it(
    model: Model, data: st.DataObject
) -> None:
    bound = st.none() | st.integers(-1200, 1200)
    low, high = data.draw(bound), data.draw(bound)
    alternatives = integers(minimum=low, maximum=high)
    if low is not None and high is not None and low > high:
        assert not alternatives
        return
    grammar = "root ::= " + " | ".join(alternatives)
    near = [edge + step for edge in (low, high) if edge is not None for step in (-1, 0, 1)]
    for value in {*near, data.draw(st.integers(-2000, 2000))}:
        allowed = (low is None or low <= value) and (high is None or value <= high)
        assert accepts(model, grammar, str(value)) == allowed


@SHARED
@given(st.data())
def test_a_number_is_written_only_where_the_bounds_allow_it(
    model: Model, data: st.DataObject
) -> None:
    names = ("minimum", "maximum", "above", "below")
    bounds = {
        name: value
        for name in names
        if (value := data.draw(st.none() | st.integers(-30, 30))) is not None
    }
    alternatives = numbers(**bounds)
    if not alternatives:
        return
    value = data.draw(st.integers(-31_00, 31_00)) / 100
    text = f"{value:g}"
    allowed = (
        value >= bounds.get("minimum", -99)
        and value <= bounds.get("maximum", 99)
        and value > bounds.get("above", -99)
        and value < bounds.get("below", 99)
    )
    assert accepts(model, "root ::= " + " | ".join(alternatives), text) == allowed


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"type": "strin"}, "#/type"),
        ({"type": []}, "#/type"),
        ({"type": "object", "properties": []}, "#/properties"),
        ({"properties": {"甲/乙": {"type": 3}}}, "#/properties/甲~1乙/type"),
        ({"properties": {"a": 3}}, "#/properties/a"),
        ({"required": "a"}, "#/required"),
        ({"required": ["a"], "additionalProperties": False}, "#/additionalProperties"),
        ({"items": {"minLength": -1}}, "#/items/minLength"),
        ({"maxLength": 2001}, "#/maxLength"),
        ({"minLength": 3, "maxLength": 2}, "#/maxLength"),
        ({"minItems": 3, "maxItems": 2}, "#/maxItems"),
        ({"minItems": "3"}, "#/minItems"),
        ({"uniqueItems": True}, "#/uniqueItems"),
        ({"enum": []}, "#/enum"),
        ({"enum": 3}, "#/enum"),
        ({"enum": ["a"], "minLength": 3}, "#/minLength"),
        ({"type": "integer", "enum": ["a"]}, "#/enum"),
        ({"anyOf": []}, "#/anyOf"),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, "#/oneOf"),
        ({"oneOf": [{"enum": [1, 2]}, {"enum": [2.0]}]}, "#/oneOf"),
        ({"allOf": [{"type": "integer"}, {"type": "string"}]}, "#/allOf/1"),
        ({"allOf": 3}, "#/allOf"),
        ({"$ref": "#/$defs/a"}, "#/$ref"),
        ({"$ref": "https://example.org/a"}, "#/$ref"),
        ({"$ref": 3}, "#/$ref"),
        ({"items": {"pattern": "a"}}, "#/items/pattern"),
        ({"not": {}}, "#/not"),
        ({"type": "number", "minimum": 0.5}, "#"),
        ({"type": "number", "minimum": "0"}, "#/minimum"),
        ({"type": "integer", "minimum": 3, "maximum": 2}, "#"),
        ({"minProperties": 2}, "#/minProperties"),
        (False, "#"),
        (3, "#"),
    ],
)
def test_a_bad_or_unsupported_schema_names_the_place(schema: Any, place: str) -> None:
    with pytest.raises(EngineError) as caught:
        grammar_for(schema)
    assert f"at {place}:" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[" * 100_000,
        '{"const": NaN}',
        json.dumps({"$ref": "#"}),
        json.dumps({"allOf": [{"$ref": "#"}, {"type": "string"}]}),
        json.dumps({"properties": {"a": {"$ref": "#"}}, "required": ["a"]}),
        json.dumps(CHAIN),
        '{"items":' * 60 + "{}" + "}" * 60,
    ],
)
def test_no_schema_breaks_the_process(text: str) -> None:
    with pytest.raises(EngineError):
        grammar_of(Request((), 1, schema=text))


def test_a_grammar_and_a_schema_exclude_each_other() -> None:
    with pytest.raises(EngineError):
        grammar_of(Request((), 1, grammar='root ::= "a"', schema="{}"))


def test_a_good_grammar_is_handed_on_as_it_is() -> None:
    grammar = '# 例\nroot ::= ("甲" | 乙-1{2})+\n乙-1 ::= .'.replace("乙", "b")
    assert grammar_of(Request((), 1, grammar=grammar)) == grammar
    assert grammar_of(Request((), 1)) == ""


@pytest.mark.parametrize(
    ("grammar", "reason"),
    [
        ("root", "line 1, column 5"),
        ('root ::= "a"\nroot2 ::= "b', "line 2, column 13"),
        ('root ::= ("a"\n| b', "line 2, column 4"),
        ("root ::= a", "rule a "),
        ('a ::= "a"', "named root"),
        ("a ::= root{0}", "rule root "),
        ('root ::= root "a"', "rule root "),
        ('root ::= "a" | b\nb ::= root', "begin with itself"),
        ('root ::= a root "z" | "x"\na ::= b\nb ::= "y" | ""', "begin with itself"),
        ('root ::= "a"{5,3}', "less than"),
        ('root ::= "a"{3000}', "2000"),
        ('root ::= "a"{0,3000}', "2000"),
        ('root ::= "a"{99999999999999999999999}', "2000"),
        ('root ::= (("a"{0,100}){0,100}){0,100}', "2000"),
        ('root ::= "' + "a" * 10_000 + '"{0,2000}', "symbols"),
        ("root ::= " + "(" * 100_000, "nested"),
        ('root ::= "a" root', "ever ends"),
        ('root ::= "\\q"', "escape"),
        ("root ::= <a", "token"),
        ('root ::= "a\0"', "no text"),
        ("root ::= " + "a" * 300_000, "characters"),
        (
            "root ::= r0\n"
            + "".join(f'r{n} ::= r{n + 1} "a" | r{n + 1} "b"\n' for n in range(40))
            + 'r40 ::= "c"',
            "ways",
        ),
    ],
)
def test_a_bad_grammar_says_why(grammar: str, reason: str) -> None:
    with pytest.raises(EngineError) as caught:
        grammar_of(Request((), 1, grammar=grammar))
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "grammar",
    [
        'root ::= ("a"?)* | [^"\\]] .{2} [a-] [-a]',
        'root ::= a b?\na ::= "x" a | "y" # Bemerkung\nb ::= (\n"甲"\n| "乙" )+\n',
        'root ::= "a"{0,2000}',
        'root ::= <|im_start|> !<[3]> "\\u4e2d\\U00004e2d\\x41\\t"',
    ],
)
def test_llama_cpp_takes_what_is_found_good(model: Model, grammar: str) -> None:
    check_gbnf(grammar)
    Sampler(Sampling(), model.vocabulary, grammar).close()


EXPRESSIONS = st.recursive(
    st.sampled_from(['"a"', '"甲\\n"', "[a-z]", "[^甲]", ".", "a", "b", "<[3]>", '""']),
    lambda inner: (
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,3}", "{1,}"])).map("".join)
        | st.lists(inner, min_size=1, max_size=3).map(" ".join)
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"({' | '.join(parts)})")
    ),
    max_leaves=8,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(EXPRESSIONS, EXPRESSIONS, EXPRESSIONS)
def test_a_grammar_found_good_is_taken_and_never_ends_the_process(
    model: Model, root: str, a: str, b: str
) -> None:
    grammar = f"root ::= {root}\na ::= {a}\nb ::= {b}\n"
    try:
        check_gbnf(grammar)
    except EngineError:
        return
    sampler = Sampler(Sampling(temperature=2.0), model.vocabulary, grammar)
    # A grammar may ask for what the tokens cannot spell.
    with contextlib.suppress(EngineError), contextlib.closing(sampler):
        written(model, sampler, np.random.default_rng(1), 20)
