from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import TemplateError
from workbench.prompting.render import render
from workbench.prompting.template import VARIABLES, Size, parse_template, variables_of
from workbench.tasks.template_check import check_template

PATH = Path("own.md")
HEAD = "name: own\ntitle: Own\ndescription: For a test.\n"
SCHEMA = """\
schema:
  type: object
  properties:
    who:
      type: array
      items:
"""


def source(extra: str = "", body: str = "概括这篇文章。\n", head: str = HEAD) -> str:
    return f"---\n{head}{extra}---\n{body}"


def failure(text: str) -> str:
    with pytest.raises(TemplateError) as caught:
        check_template(parse_template(text, PATH))
    assert caught.value.path == PATH
    assert caught.value.fix
    assert "\n" not in str(caught.value)
    return caught.value.what


def test_a_template_with_every_key_is_read() -> None:
    template = parse_template(
        source(
            "task: summarize\ntitle_zh: 自己的\ndescription_zh: 试用\noutput: list\norder: date\n"
            "headline: false\nvariables:\n  reader: 学生\n  year: 2024\n"
            "length:\n  short: {points: 1, characters: 10}\n  medium: {points: 2, characters: 20}\n"
            "  long: {points: 50, characters: 2000}\n",
            "\n写给{{ reader }}。\n",
        ),
        PATH,
    )
    assert (template.name, template.output, template.order, template.headline) == (
        "own", "list", "date", False,
    )  # fmt: skip
    assert template.variables == {"reader": "学生", "year": "2024"}
    assert template.size("long") == Size(50, 2000)
    assert template.body == "写给{{ reader }}。"
    assert template.body_line == 20


def test_what_is_left_out_has_a_default() -> None:
    template = parse_template(source(), PATH)
    assert (template.task, template.output, template.order) == ("summarize", "points", "text")
    assert template.headline
    assert template.size("short").points < template.size("long").points


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_endings_and_byte_order_marks_change_nothing(ending: str, mark: str) -> None:
    text = source(body="\n\n概括{{ nothing }}\n")
    assert failure(mark + text.replace("\n", ending)).startswith("line 8: ")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("概括。", 1, "no front matter"),
        ("", 1, "no front matter"),
        ("---\nname: own\n概括。\n", 1, "does not end"),
        ("---\n---\n概括。\n", 1, "name is missing"),
        ("---\n- a\n---\n概括。\n", 2, "holds no keys"),
        (source(body=""), 6, "body is empty"),
        (source(body="\n \n"), 6, "body is empty"),
        (source("colour: red\n"), 5, "no key 'colour'"),
        (source("task: dance\n"), 5, "task cannot be 'dance'"),
        (source("output: song\n"), 5, "output cannot be 'song'"),
        (source("output: [points]\n"), 5, "output cannot be"),
        (source("order: size\n"), 5, "order cannot be"),
        (source("headline: maybe\n"), 5, "headline must be"),
        (source("name: other\n"), 5, "'name' is there twice"),
        (source("title_zh: a: b\n"), 5, "not valid YAML"),
        (source("title_zh: 'a\n"), 5, "not valid YAML"),
        (source("\ttitle_zh: a\n"), 5, "not valid YAML"),
        (source('title_zh: "\\e[2J"\n'), 5, "control character"),
        (source("title_zh: a\x07\n"), 5, "control character"),
        (source("title_zh: [a]\n"), 5, "must be a text"),
        (source("variables: &a {x: *a}\n"), 5, "anchors"),
        (source("variables: 3\n"), 5, "not a mapping"),
        (source("variables:\n  a: b\n  2b: c\n"), 7, "'2b' cannot be a variable"),
        (source("variables:\n  for: c\n"), 6, "'for' cannot be a variable"),
        (source("variables:\n  _rounds: c\n"), 6, "cannot be a variable"),
        (source("variables:\n  first: c\n"), 6, "given by the workbench"),
        (source("variables:\n  a: [c]\n"), 6, "not a text"),
        (source("length: 5\n"), 5, "length must hold"),
        (source("length:\n  short: {points: 1, characters: 10}\n"), 5, "length must hold"),
        (source("---\nbody").replace("---\n---", "---", 1), 6, ""),
        (source(head="title: Own\ndescription: For a test.\n"), 1, "name is missing"),
        (source(head="name: own\ndescription: For a test.\n"), 1, "title is missing"),
        (source(head="name: own\ntitle: Own\n"), 1, "description is missing"),
        (source(head="name: own\ntitle:\ndescription: a\n"), 3, "title is missing"),
        (source(head="name: Own Name\ntitle: Own\ndescription: a\n"), 2, "cannot be a name"),
        (source(head="name: ../own\ntitle: Own\ndescription: a\n"), 2, "cannot be a name"),
        (source(head="name: 概括\ntitle: Own\ndescription: a\n"), 2, "cannot be a name"),
        (source(body="好\n{{ nothing }}\n"), 7, "no variable 'nothing'"),
        (source(body="好\n{{ question }}\n"), 7, "no variable 'question'"),
        (source("task: ask\n", "{{ question }}\n{{ first }}\n"), 8, "no variable 'first'"),
        (source("task: ask\nvariables:\n  question: c\n"), 7, "given by the workbench"),
        (source("output: fields\n"), 5, "there is no schema"),
        (source("output: list\nschema:\n  type: object\n  properties: {a: {}}\n"), 5, "output"),
        (source("task: ask\nschema:\n  type: object\n  properties: {a: {}}\n"), 6, "only for"),
        (source("schema: 3\n"), 5, "object with properties"),
        (source("schema:\n  type: array\n"), 5, "object with properties"),
        (source("schema:\n  type: object\n  properties: {}\n"), 5, "object with properties"),
        (source(SCHEMA + "        pattern: '[0-9]'\n"), 11, "not supported"),
        (source(SCHEMA + "        maxLength: 4.5\n"), 11, "whole number"),
        (source(SCHEMA + "        enum: text\n"), 11, "list"),
        (source(SCHEMA + "        {}\n    b:\n      anyOf:\n      - {type: x}\n"), 14, "no type x"),
        (source(body="{% if first == 0 %}\n\n{{ nothing }}{% endif %}好"), 8, "no variable"),
        (source(body="写nothing\n{{ nothing }}\n"), 7, "no variable"),
        (source(body="好\n{{ first\n"), 7, "unexpected end"),
        (source(body="好\n{% if first %}\n好\n"), 8, "Unexpected end"),
        (source(body="好\n{% frame %}\n"), 7, "unknown tag"),
        (source(body="好\n\n{{ first|shout }}\n"), 8, "no filter 'shout'"),
        (source(body="好\n{% if not first %}\n{{ 1 is loud }}{% endif %}"), 8, "no test 'loud'"),
        (source(body="好\n{{ 1 / 0 }}\n"), 7, "division"),
        (source(body="{% if date %}\n{{ 1 // (first - 1) }}{% endif %}好"), 7, "division"),
        (source(body="好\n{{ title + 1 }}\n"), 7, "is for numbers"),
        (source(body="{% if title %}好{% endif %}"), 6, "instruction is empty"),
        (source(body="{# nothing #}"), 6, "instruction is empty"),
    ],
)  # fmt: skip
def test_every_mistake_is_told_with_its_line(text: str, line: int, words: str) -> None:
    if words:
        what = failure(text)
        assert what.startswith(f"line {line}: ")
        assert words in what
    else:
        assert parse_template(text, PATH).body_line == line


def test_a_schema_is_read_with_the_types_of_json() -> None:
    template = parse_template(
        source(
            SCHEMA
            + "        type: string\n        maxLength: 12\n        enum: ['1', 1, no, true]\n"
        ),
        PATH,
    )
    assert template.output == "fields"
    assert template.schema is not None
    assert template.schema["properties"]["who"]["items"] == {
        "type": "string",
        "maxLength": 12,
        "enum": ["1", 1, "no", True],
    }


def test_a_fault_that_only_one_kind_of_question_meets_is_found() -> None:
    for kind in ("factoid", "not factoid"):
        body = "{{ question }}{% if " + kind + " %}{{ 1 // 0 }}{% endif %}"
        template = parse_template(source("task: ask\n", body), PATH)
        with pytest.raises(TemplateError, match="zero"):
            check_template(template)


def test_every_task_has_its_own_variables() -> None:
    assert variables_of("compare") == variables_of("summarize")
    assert set(variables_of("ask")) == {
        *("question", "factoid"),
        *("title", "date", "characters", "length"),
    }
    template = parse_template(source("task: ask\n", "请回答：{{ question }}"), PATH)
    check_template(template)
    assert render(template, {"question": "谁？"}, {}) == "请回答：谁？"


@pytest.mark.parametrize(
    "size",
    [
        "{points: 0, characters: 60}",
        "{points: 51, characters: 60}",
        "{points: 3, characters: 9}",
        "{points: 3, characters: 2001}",
        "{points: 3.5, characters: 60}",
        "{points: true, characters: 60}",
        "{points: many, characters: 60}",
        "{points: 999999999999, characters: 60}",
        "{points: 3}",
        "{points: 3, characters: 60, words: 4}",
        "5",
    ],
)
def test_a_bad_length_is_told_with_its_line(size: str) -> None:
    good = "{points: 3, characters: 60}"
    what = failure(source(f"length:\n  short: {good}\n  medium: {size}\n  long: {good}\n"))
    assert what.startswith("line 7: length 'medium'")


def test_words_that_yaml_takes_for_something_else_stay_words() -> None:
    head = "name: own\ntitle: no\ndescription: 2024-01-01\n"
    template = parse_template(source("title_zh: 0x_\nvariables: {x: ~}\n", head=head), PATH)
    assert (template.title, template.description) == ("no", "2024-01-01")
    assert template.variables == {"x": "~"}


def test_a_short_file_cannot_stand_for_an_endless_one() -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    assert "anchors" in failure(source(f"a0: &a0 x\n{levels}task: *a11\n"))
    assert "nested too deep" in failure(source("title_zh: " + "[" * 9000 + "\n"))
    assert "too long" in failure(source(body="长" * 50_000))


YAML = st.sampled_from(
    [*"-:{}[]&*!|>'\"%@`#,?=~ \n\t", "---\n", "name: ", "title: ", "own", "length:\n", "  ",
     "!!int ", "2024-99-99", "0x", "{{", "}}", "{%", "%}", "first", "\\U99999999", "\x00", "\ufeff",
     *VARIABLES]
)  # fmt: skip
SOURCES = (
    st.lists(YAML, max_size=30).map("".join)
    | st.lists(YAML, max_size=20).map(lambda parts: source("".join(parts)))
    | st.lists(YAML, max_size=20).map(lambda parts: source(body="".join(parts)))
    | st.text(max_size=60).map(lambda text: source(f"title_zh: {text}\n"))
    | st.text(max_size=60).map(lambda text: source(body=text))
    | st.text(max_size=60)
)


@given(SOURCES)
def test_any_text_is_a_template_or_one_clear_line(text: str) -> None:
    try:
        template = parse_template(text, PATH)
        check_template(template)
    except TemplateError as caught:
        error = caught
    else:
        assert template.body.strip()
        return
    assert error.path == PATH
    assert error.what
    assert error.fix
