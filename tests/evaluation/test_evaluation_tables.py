import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import UsageError
from workbench.evaluation.datasets import LoadOptions, load
from workbench.evaluation.datasets.tables import Columns, Table
from workbench.evaluation.items import QUESTION, SUMMARY, Dataset

ROWS = [
    ("to title", "镇上的早市搬进了新棚。", "早市搬家"),
    ("to title", "“图书车”来了，孩子高兴。", "图书车"),
]


def file_of(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(path: Path, text: str = "", reference: str = "", question: str = "") -> Dataset:
    return load(path, LoadOptions(columns=Columns(text, reference, question)))


def failure(path: Path, text: str = "", reference: str = "") -> str:
    with pytest.raises(UsageError) as caught:
        read(path, text, reference)
    assert caught.value.fix
    assert "\n" not in str(caught.value)
    return str(caught.value)


def pairs(dataset: Dataset) -> list[tuple[str, tuple[str, ...]]]:
    return [(item.article.text, item.references) for item in dataset.items]


EXPECTED = [(text, (reference,)) for _task, text, reference in ROWS]


def test_a_table_without_a_heading_is_read_and_its_columns_are_told(tmp_path: Path) -> None:
    path = file_of(tmp_path, "csl.tsv", "".join("\t".join(row) + "\n" for row in ROWS))
    dataset = read(path)
    assert pairs(dataset) == EXPECTED
    assert {item.kind for item in dataset.items} == {SUMMARY}
    (notice,) = dataset.notices
    assert "column 2 is taken for the text, 3 for the reference" in notice


@pytest.mark.parametrize(("text", "reference"), [("2", "3"), ("abst", "title"), ("", "")])
def test_columns_are_named_or_numbered(tmp_path: Path, text: str, reference: str) -> None:
    heading = "" if text == "2" else "task\tabst\ttitle\n"
    path = file_of(tmp_path, "csl.tsv", heading + "".join("\t".join(row) + "\n" for row in ROWS))
    dataset = read(path, text, reference)
    assert pairs(dataset) == EXPECTED
    assert dataset.notices == ()


def test_quotes_of_a_tsv_are_part_of_its_texts(tmp_path: Path) -> None:
    path = file_of(tmp_path, "a.tsv", '"早市"搬家，人多。\t"早市\n图书车来了。\t车\n')
    assert pairs(read(path)) == [('"早市"搬家，人多。', ('"早市',)), ("图书车来了。", ("车",))]


def test_quoted_fields_of_a_csv_may_hold_commas_and_lines(tmp_path: Path) -> None:
    path = file_of(tmp_path, "a.csv", 'text,summary\n"早市搬家,\n人多。",早市\n')
    assert pairs(read(path)) == [("早市搬家,\n人多。", ("早市",))]


def test_json_lines_hold_texts_references_and_questions(tmp_path: Path) -> None:
    rows = [
        {"content": "早市搬进新棚。", "question": "谁搬家？", "answers": ["早市", "镇上的早市"]},
        {"content": "早市搬进新棚。", "question": "花了多少？", "answers": []},
        {"content": "图书车来了。", "question": "什么来了？", "answers": "图书车"},
    ]
    path = file_of(tmp_path, "a.jsonl", "\n".join(json.dumps(row) for row in rows) + "\n\n")
    dataset = read(path)
    assert [item.references for item in dataset.items] == [("早市", "镇上的早市"), (), ("图书车",)]
    assert [item.answerable for item in dataset.items] == [True, False, True]
    assert {item.kind for item in dataset.items} == {QUESTION}
    assert dataset.items[0].article is dataset.items[1].article


@pytest.mark.parametrize(
    ("name", "text", "line", "words"),
    [
        ("a.tsv", "甲文\t甲\n乙文\n", 2, "has 1 columns where the first line has 2"),
        ("a.tsv", "甲文\t甲\n乙文\t \n", 2, "column 2 is empty"),
        ("a.csv", "text,summary\n甲文,甲\n,乙\n", 3, "column 1 is empty"),
        ("a.csv", 'text,summary\n"甲文,甲\n', 2, "unexpected end of data"),
        ("a.tsv", "一\t二\t三\t四\n", 1, "no telling which column"),
        ("a.jsonl", '{"text": "甲", "summary": "乙"}\n{"text": \n', 2, "is not JSON"),
        ("a.jsonl", '{"text": "甲", "summary": "乙"}\n[1]\n', 2, "is not an object"),
        ("a.jsonl", '{"text": "甲", "summary": "乙"}\n{"text": 3, "summary": "乙"}\n', 2, "text"),
        ("a.jsonl", '{"text": "甲", "summary": 5}\n', 1, "summary is not a text"),
        ("a.jsonl", '{"wer": "甲"}\n', 1, "no telling which column"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, name: str, text: str, line: int, words: str) -> None:
    told = failure(file_of(tmp_path, name, text))
    assert f"line {line}: " in told
    assert words in told


def test_a_line_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = file_of(tmp_path, "a.tsv", "甲文\t甲\n".encode() + "乙文\t乙\n".encode("gb18030"))
    assert "line 2: is not UTF-8" in failure(path)


@pytest.mark.parametrize(
    ("keys", "text", "reference"),
    [
        (("title", "content", "summary"), "content", "summary"),
        (("title", "content"), "content", "title"),
        (("正文", "摘要", "标题"), "正文", "摘要"),
        (("正文", "摘要"), "正文", "摘要"),
        (("abst", "title"), "abst", "title"),
        (("Article", "Abstract"), "Article", "Abstract"),
    ],
)
def test_usual_names_tell_text_and_reference(
    tmp_path: Path, keys: tuple[str, ...], text: str, reference: str
) -> None:
    path = file_of(tmp_path, "a.jsonl", json.dumps({key: f"{key}的内容。" for key in keys}))
    assert pairs(read(path)) == [(f"{text}的内容。", (f"{reference}的内容。",))]


def test_a_heading_is_no_item_where_columns_are_numbered(tmp_path: Path) -> None:
    rows = "task\tabst\ttitle\n" + "".join("\t".join(row) + "\n" for row in ROWS)
    assert pairs(read(file_of(tmp_path, "csl.tsv", rows), "2", "3")) == EXPECTED


@pytest.mark.parametrize("name", ["a.tsv", "a.csv", "a.jsonl"])
def test_a_question_column_that_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    rows = {"a.tsv": "text\tsummary\n甲\t乙\n", "a.csv": "text,summary\n甲,乙\n"}
    path = file_of(tmp_path, name, rows.get(name, '{"text": "甲", "summary": "乙"}'))
    with pytest.raises(UsageError, match="no telling which column"):
        read(path, question="ask")


@pytest.mark.parametrize(
    ("text", "reference"),
    [("4", "1"), ("0", "1"), ("abst", "title"), ("1", "title"), ("", "9"), ("1", "")],
)
def test_columns_that_are_not_there_are_refused(tmp_path: Path, text: str, reference: str) -> None:
    failure(file_of(tmp_path, "a.tsv", "甲文\t甲\n"), text, reference)


@pytest.mark.parametrize("name", ["none.tsv", "none.json", "none.jsonl", "none", "a.docx"])
def test_a_file_that_is_not_there_is_told(tmp_path: Path, name: str) -> None:
    assert str(tmp_path / name) in failure(tmp_path / name)


@pytest.mark.parametrize("name", ["a.tsv", "a.csv", "a.jsonl"])
@given(
    data=st.binary(max_size=60) | st.text(alphabet='甲"\t,\n{}:[]a\r', max_size=40).map(str.encode)
)
def test_any_bytes_are_items_or_one_clear_line(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: bytes
) -> None:
    path = file_of(tmp_path_factory.mktemp("any"), name, data)
    try:
        for item in Table(path, Columns()).items():
            assert item.text.strip()
    except UsageError as caught:
        told = str(caught)
    else:
        return
    assert told
    assert "\n" not in told
