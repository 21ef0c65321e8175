import json
import os
import re
from dataclasses import replace
from functools import cache
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
    extract,
    long_text,
    summary,
    template_of,
)

import workbench
from workbench.engine.protocol import Usage
from workbench.errors import WorkbenchError
from workbench.grounding.checks import Check
from workbench.tasks.outcome import ResultFolder, rendered
from workbench.tasks.result import (
    ArticleIdentity,
    Citation,
    Coverage,
    ModelIdentity,
    Point,
    Result,
    TemplateIdentity,
)
from workbench.tasks.views import as_markdown, as_text

SCHEMA = json.loads(
    (Path(workbench.__file__).parent / "tasks" / "result.schema.json").read_text(encoding="utf-8")
)


@cache
def validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(SCHEMA)
    return Draft202012Validator(SCHEMA)


def result_of(
    *points: Point, path: str = "文章.txt", sha256: str = "a" * 64, headline: str = "早市搬家"
) -> Result:
    return Result(
        article=ArticleIdentity(path, sha256, "早市", "2026-03-02", None, "simplified"),
        model=ModelIdentity("scripted", "0" * 64, "Q4_K_M"),
        template=TemplateIdentity("news", "1" * 64),
        settings={"length": "medium"},
        headline=headline,
        headline_checks=(),
        points=points,
        coverage=Coverage(7, 7, 700, 700, 2),
        usage=Usage(1000, 400, 50, 1.0, 2.0),
        seconds=3.2,
        rewritten=0,
    )


def point_of(text: str, *checks: Check, support: float = 0.9, quote: str = "原文。") -> Point:
    return Point(text, (Citation(3, 10, 10 + len(quote), quote),), checks, support)


@pytest.mark.parametrize("template", ["news", "figures", "one-sentence"])
@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL])
@pytest.mark.parametrize("script", ["keep", "taiwan"])
def test_a_result_is_as_the_schema_says(
    tmp_path: Path, template: str, text: str, script: str
) -> None:
    result = summary(article_of(tmp_path, text), ScriptedEngine(extract), template, script=script)
    assert result.points
    found = json.loads(json.dumps(result.to_json()))
    validator().validate(found)


def test_a_result_with_variables_and_unsupported_facts_is_as_the_schema_says(
    tmp_path: Path,
) -> None:
    result = summary(
        article_of(tmp_path, long_text(6)),
        ScriptedEngine(lambda request: "青石镇一共花了98765万元，占12.5%，见《河工记》。"),
        template_of(
            tmp_path, "output: list\nvariables: {reader: 居民}", "写给{{ reader }}：列出数字。"
        ),
        variables={"reader": "学生"},
    )
    assert result.points[0].unsupported
    validator().validate(json.loads(json.dumps(result.to_json())))


@pytest.mark.parametrize(
    "path",
    [
        ("points", 0, "text"),
        ("points", 0, "citations", 0, "quote"),
        ("points", 0, "checks", 0, "status"),
        ("article", "sha256"),
        ("settings", "sampling", "seed"),
        ("coverage", "parts"),
    ],
)
def test_the_schema_refuses_what_lacks_a_key_or_has_one_too_many(
    tmp_path: Path, path: tuple[str | int, ...]
) -> None:
    found: dict[str, Any] = summary(
        article_of(tmp_path, SIMPLIFIED), ScriptedEngine(extract)
    ).to_json()
    found = json.loads(json.dumps(found))
    holder: Any = found
    for step in path[:-1]:
        holder = holder[step]
    holder["unheard_of"] = 1
    assert not validator().is_valid(found)
    del holder["unheard_of"]
    assert validator().is_valid(found)
    del holder[path[-1]]
    assert not validator().is_valid(found)


def test_every_key_of_the_schema_is_described_and_no_other_allowed() -> None:
    undescribed, open_objects = [], []

    def walk(node: Any, where: str) -> None:
        if isinstance(node, dict):
            for name, child in node.get("properties", {}).items():
                if not (child.get("description") or "$ref" in child):
                    undescribed.append(f"{where}/{name}")
            if node.get("type") == "object" and "additionalProperties" not in node:
                open_objects.append(where)
            for name, child in node.items():
                walk(child, f"{where}/{name}")

    walk(SCHEMA, "")
    assert undescribed == []
    assert open_objects == []


UNSUPPORTED = Check("amount", "999万元", 4, 9, "unsupported")
DIFFERS = Check("amount", "999万元", 4, 9, "differs", "888万元")
ELSEWHERE = Check("number", "128", 0, 3, "elsewhere")


@pytest.mark.parametrize("view", [as_text, as_markdown])
def test_every_view_shows_what_the_article_does_not_say(view: Any) -> None:
    shown = view(result_of(point_of("一共花了999万元。", UNSUPPORTED)))
    assert re.search(r"^\s*(- \*\*)?! not in the article: 999万元", shown, re.MULTILINE)
    assert "0 of 1 facts found" in shown


@pytest.mark.parametrize("view", [as_text, as_markdown])
def test_every_view_shows_what_the_article_says_instead(view: Any) -> None:
    shown = view(result_of(point_of("一共花了999万元。", DIFFERS)))
    assert "! the article says otherwise: 999万元 (there: 888万元)" in shown
    assert "0 of 1 facts found" in shown


@pytest.mark.parametrize("view", [as_text, as_markdown])
def test_every_view_shows_what_is_stated_elsewhere_or_weakly_supported(view: Any) -> None:
    shown = view(result_of(point_of("128个摊位", ELSEWHERE, support=0.3)))
    assert "stated elsewhere in the article: 128" in shown
    assert "30%" in shown


@pytest.mark.parametrize("view", [as_text, as_markdown])
def test_the_footer_says_how_much_was_read_and_by_what(view: Any) -> None:
    last = view(result_of(point_of("早市搬家了。"))).strip().splitlines()[-1]
    for said in ("7 of 7 passages", "2 parts", "scripted / news", "600 tokens read", "50 written"):
        assert said in last


@pytest.mark.parametrize("view", [as_text, as_markdown])
def test_a_headline_with_an_unsupported_fact_is_marked(view: Any) -> None:
    result = replace(result_of(point_of("早市搬家了。")), headline_checks=(UNSUPPORTED,))
    assert "headline, not in the article: 999万元" in view(result)


NASTY = [
    "![图](http://198.51.100.7/pixel.png)",
    "[点我](http://198.51.100.7/)",
    "<img src=x onerror=alert(1)>",
    "<script>",
    "# 标题",
    "- 一项",
    "+ 一项",
    "12. 一项",
    "12) 一项",
    "```",
    "**粗** _斜_ ~~删~~ `码`",
    "&lt;b&gt;",
    "$x$",
    "| a | b |",
    "=====",
    "一行\n\n# 又一行\n- 另一行",
]


@pytest.mark.parametrize("nasty", NASTY)
def test_markdown_from_a_model_or_an_article_is_shown_not_obeyed(nasty: str) -> None:
    from markdown_it import MarkdownIt

    plain = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    result = result_of(point_of(nasty, quote=nasty), path=f"{nasty}.txt".replace("/", "_"))
    html = plain.render(as_markdown(result))
    shown = re.sub(r"<[^>]+>", "", html)
    for tag in ("<img", "<a ", "<script", "<code", "<table", "<s>", "<em>粗", "<strong>粗"):
        assert tag not in html
    assert html.count("<h1>") == 1
    assert html.count("<h2>") == 1
    assert html.count("<ol>") == 1
    assert html.count("<ul>") == 1
    from html import unescape

    assert " ".join(nasty.split()) in unescape(shown)


@given(st.text(min_size=1, max_size=40))
def test_markdown_shows_any_text_as_it_is(text: str) -> None:
    from html import unescape

    from markdown_it import MarkdownIt

    written = as_markdown(result_of(point_of(f"字{text}字")))
    html = MarkdownIt("commonmark").render(written)
    item = unescape(re.sub(r"<[^>]+>", "", html.partition("<li>")[2].partition("</li>")[0]))
    assert "".join(f"字{text}字".split()).replace("\0", "\ufffd") in "".join(item.split())


def test_articles_of_one_name_get_files_of_their_own(tmp_path: Path) -> None:
    folder = ResultFolder(tmp_path / "out")
    folder.prepare()
    first = result_of(path="甲/文章.txt", sha256="a" * 64)
    second = result_of(path="乙/文章.txt", sha256="b" * 64)
    same_content = result_of(path="丙/文章.txt", sha256="b" * 64)
    other_case = result_of(path="丁/README.txt", sha256="c" * 64)
    lower_case = result_of(path="戊/readme.txt", sha256="d" * 64)
    results = (first, second, same_content, other_case, lower_case)
    written = [folder.write(result, "json") for result in results]
    assert len({str(path).casefold() for path in written}) == 5
    for result, path in zip(results, written, strict=True):
        assert json.loads(path.read_text(encoding="utf-8"))["article"]["path"] == (
            result.article.path
        )


def result_about(part: str | None, *, path: str = "档/文章.zip", sha256: str = "a" * 64) -> Result:
    identity = ArticleIdentity(path, sha256, None, None, None, "simplified", part)
    return replace(result_of(), article=identity)


def test_parts_of_one_file_get_files_of_their_own_that_stay(tmp_path: Path) -> None:
    parts = [
        "row 1",
        "row 12",
        "甲/第一章.html",
        "乙/第一章.html",
        "甲_第一章.html",
        "ROW 1",
        "..\\..\\x.txt",
        "../../x.txt",
        "长" * 200 + "一",
        "长" * 200 + "二",
        None,
    ]
    names = []
    for run in range(2):
        folder = ResultFolder(tmp_path / str(run))
        folder.prepare()
        written = [folder.write(result_about(part), "json") for part in parts]
        assert {path.parent for path in written} == {tmp_path / str(run)}
        assert len({path.name.casefold() for path in written}) == len(parts)
        for part, path in zip(parts, written, strict=True):
            found = json.loads(path.read_text(encoding="utf-8"))
            assert found["article"]["part"] == part
        names.append([path.name for path in written])
    assert names[0] == names[1]
    assert names[0][:2] == ["文章.row 1.news.json", "文章.row 12.news.json"]


def test_a_name_in_another_encoding_is_written_as_it_reads(tmp_path: Path) -> None:
    folder = ResultFolder(tmp_path)
    folder.prepare()
    path = os.fsdecode("旧闻.txt".encode("gbk"))
    assert folder.write(result_of(path=path), "text").name == "旧闻.news.txt"


def test_markdown_says_which_part_of_a_file_it_is_about() -> None:
    assert "文章.zip · row 12" in as_markdown(result_about("row 12"))


def test_all_formats_of_one_article_share_their_name(tmp_path: Path) -> None:
    folder = ResultFolder(tmp_path)
    folder.prepare()
    names = [folder.write(result_of(), format).name for format in ("text", "markdown", "json")]
    assert names == ["文章.news.txt", "文章.news.md", "文章.news.json"]


@pytest.mark.parametrize(
    "name",
    [
        "长" * 84 + ".txt",
        "a" * 251 + ".txt",
        "两\n行.txt",
        "\x1b[31m红.txt",
        b"\xff\xfe\xb0.txt".decode("utf-8", "surrogateescape"),
    ],
)
@pytest.mark.parametrize("format", ["text", "markdown", "json"])
def test_an_article_of_any_name_can_be_written(tmp_path: Path, name: str, format: str) -> None:
    folder = ResultFolder(tmp_path)
    folder.prepare()
    first = folder.write(result_of(point_of("早市搬家了。"), path=f"甲/{name}"), format)
    second = folder.write(result_of(path=f"乙/{name}", sha256="b" * 64), format)
    assert first != second
    assert first.read_text(encoding="utf-8")
    assert first.name.isprintable()


@pytest.mark.parametrize("below", ["", "deeper/still"])
def test_a_file_in_the_place_of_the_folder_is_one_clear_line(tmp_path: Path, below: str) -> None:
    taken = tmp_path / "taken"
    taken.write_text("already here")
    with pytest.raises(WorkbenchError, match="is not a folder") as caught:
        ResultFolder(taken / below).prepare()
    assert "-o" in str(caught.value)
    assert taken.read_text() == "already here"


def test_a_folder_that_cannot_be_written_is_found_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(WorkbenchError, match="Permission denied"):
        ResultFolder(tmp_path).prepare()


def test_json_is_one_line_and_keeps_chinese_readable() -> None:
    line = rendered(result_of(point_of("早市\n搬家了。")), "json")
    assert line.count("\n") == 1
    assert "早市" in line
