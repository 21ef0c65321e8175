from pathlib import Path

import pytest
from evaluation_support import ARTICLE, OTHER

from workbench.errors import UsageError
from workbench.evaluation.datasets import LoadOptions, load
from workbench.evaluation.datasets.expected import fact_of
from workbench.evaluation.items import QUESTION, SUMMARY

FACTS = """# 早市
128个摊位|一百二十八个摊位
/搬进.{0,6}新棚/

!涨到每天10元
= 早市搬进新棚，镇里出资460万元。
? 新棚花了多少钱？ => 460万元|四百六十万元
？镇长姓什么？ =>
"""
TOML = """
facts = ["2400本书", "/五所(小学|学校)/"]
forbidden = ["三所学校"]
references = ["图书车到五所学校。"]

[[questions]]
question = "车里有多少本书？"
answers = ["2400本"]

[[questions]]
question = "车是什么颜色？"
"""


def folder_of(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("_", ".").replace("0", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def failure(folder: Path) -> str:
    with pytest.raises(UsageError) as caught:
        load(folder, LoadOptions())
    assert caught.value.fix
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_facts_and_questions_beside_an_article_are_read(tmp_path: Path) -> None:
    dataset = load(folder_of(tmp_path, early_txt=ARTICLE, early_facts_txt=FACTS), LoadOptions())
    summary, price, mayor = dataset.items
    assert (summary.kind, summary.name) == (SUMMARY, "early.txt")
    assert [fact.alternatives for fact in summary.expected] == [
        ("128个摊位", "一百二十八个摊位"),
        ("搬进.{0,6}新棚",),
    ]
    assert [fact.pattern for fact in summary.expected] == [False, True]
    assert [fact.text for fact in summary.forbidden] == ["涨到每天10元"]
    assert summary.references == ("早市搬进新棚，镇里出资460万元。",)
    assert (price.kind, price.question) == (QUESTION, "新棚花了多少钱？")
    assert price.references == ("460万元", "四百六十万元")
    assert (mayor.question, mayor.references, mayor.answerable) == ("镇长姓什么？", (), False)
    assert {item.group for item in dataset.items} == {summary.group}


def test_toml_says_the_same(tmp_path: Path) -> None:
    dataset = load(folder_of(tmp_path, sub0car_md=OTHER, sub0car_facts_toml=TOML), LoadOptions())
    summary, books, colour = dataset.items
    assert summary.name == "sub/car.md"
    assert [fact.pattern for fact in summary.expected] == [False, True]
    assert summary.references == ("图书车到五所学校。",)
    assert books.references == ("2400本",)
    assert colour.answerable is False


def test_questions_alone_ask_for_no_summary(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a_txt=ARTICLE, a_facts_txt="? 几个摊位？ => 128个\n")
    assert [item.kind for item in load(folder, LoadOptions()).items] == [QUESTION]


def test_articles_of_which_nothing_is_expected_are_told(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a_txt=ARTICLE, a_facts_txt="128个\n", b_txt=OTHER)
    (notice,) = load(folder, LoadOptions()).notices
    assert "b.txt" in notice


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("128个\n\n/早(市/\n", 3, "is not a regular expression"),
        ("128个|\n", 1, "an alternative is empty"),
        ("# x\n? 谁来了？\n", 2, "is written '? question => answer'"),
        ("!\n", 1, "empty"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, line: int, words: str) -> None:
    told = failure(folder_of(tmp_path, a_txt=ARTICLE, a_facts_txt=text))
    assert f"line {line}: " in told
    assert words in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("facts = 3", "facts is not an array of texts"),
        ("facts = [3]", "facts is not an array of texts"),
        ("fact = ['a']", "no key 'fact'"),
        ("facts = ['/(/']", "is not a regular expression"),
        ("questions = 'a'", "questions is not an array of tables"),
        ("[[questions]]\nquestion = 3", "questions.question is not a text"),
        ("[[questions]]\nquestion = 'a'\nanswers = 'b'", "answers is not an array of texts"),
        ("facts = [\n'a'\nb]", "line 3: is not TOML"),
        ("", "expects nothing"),
    ],
)
def test_wrong_toml_is_explained(tmp_path: Path, text: str, words: str) -> None:
    assert words in failure(folder_of(tmp_path, a_txt=ARTICLE, a_facts_toml=text))


def test_expectations_without_an_article_are_refused(tmp_path: Path) -> None:
    assert "no article named a" in failure(folder_of(tmp_path, b_txt=ARTICLE, a_facts_txt="128个"))


def test_expectations_of_two_articles_are_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a_txt=ARTICLE, a_md=OTHER, a_facts_txt="128个")
    assert "several articles: a.md, a.txt" in failure(folder)


def test_two_files_about_one_article_are_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a_txt=ARTICLE, a_facts_txt="128个", a_facts_toml="facts = ['8元']")
    assert "same article" in failure(folder)


def test_a_folder_without_expectations_is_refused(tmp_path: Path) -> None:
    assert "no file of expected facts" in failure(folder_of(tmp_path, a_txt=ARTICLE))


def test_an_article_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a_txt="", a_facts_txt="128个")
    assert "a.txt" in failure(folder)


@pytest.mark.parametrize("text", ["460万元", "a/b", "//", "/", "a|b|c"])
def test_plain_facts_are_no_regular_expressions(text: str) -> None:
    fact = fact_of(text)
    assert not fact.pattern
    assert fact.alternatives == tuple(text.split("|"))
