import json
import re
from typing import Any

import pytest
from format_files import BODY, SENTENCES, read
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.articles.document import ReadOptions
from workbench.articles.reader import documents_of_bytes

ROWS = [
    {"title": f"题{n}", "content": text, "time": "2024-05-06"} for n, text in enumerate(SENTENCES)
]


def dump(value: Any, *, ascii_: bool = False) -> bytes:
    return json.dumps(value, ensure_ascii=ascii_).encode()


@pytest.mark.parametrize(
    "value",
    [
        ROWS,
        {"data": ROWS},
        {"code": 0, "result": {"total": 4, "list": ROWS}},
        {str(n): row for n, row in enumerate(ROWS)},
        [[row] for row in ROWS],
    ],
    ids=["array", "object with a list", "nested list", "object of objects", "array of arrays"],
)
@pytest.mark.parametrize("ascii_", [True, False])
def test_articles_are_found_wherever_they_are(value: Any, ascii_: bool) -> None:
    good, errors = read("a.json", dump(value, ascii_=ascii_))
    assert errors == []
    assert [one.text for one in good] == list(SENTENCES)
    assert [one.part for one in good] == [f"item {n}" for n in range(1, 5)]
    assert [one.stated.title for one in good] == [row["title"] for row in ROWS]
    assert good[0].stated.date == "2024-05-06"


def test_an_object_alone_is_an_article() -> None:
    value = {"title": "步道", "body": SENTENCES[:2], "tags": [{"name": "江"}], "read": 3}
    good, errors = read("a.json", dump(value))
    assert ([one.text for one in good], errors) == (["\n".join(SENTENCES[:2])], [])
    assert good[0].stated.title == "步道"


def test_nested_texts_take_what_is_said_around_them() -> None:
    value = {
        "version": "1",
        "data": [
            {
                "paragraphs": [
                    {
                        "context": text,
                        "qas": [{"question": "何时？", "answers": [{"text": "秋天"}]}],
                    }
                    for text in SENTENCES[:2]
                ],
                "title": "步道",
            }
        ],
    }
    for column in (None, "data.context", "context", "data.paragraphs.context"):
        good, errors = read("a.json", dump(value), column)
        assert ([one.text for one in good], errors) == (list(SENTENCES[:2]), [])
        assert good[1].stated.title == "步道"
    _good, errors = read("a.json", dump(value), "nope")
    assert "data.paragraphs.qas.question" in str(errors[0])


def test_broken_json_gives_what_stands_before_the_break() -> None:
    data = dump(ROWS)
    good, errors = read("a.json", data[: data.rindex(b"{") + 5])
    assert [one.text for one in good] == list(SENTENCES[:3])
    assert "broken JSON" in str(errors[0])
    good, errors = read("a.json", b'{"a": ')
    assert (good, len(errors)) == ([], 1)


def test_broken_lines_are_listed_and_the_others_read() -> None:
    lines = [dump(row) for row in ROWS]
    lines[1:1] = [b'{"content": "', b"", b'{"title": "x"}']
    good, errors = read("a.jsonl", b"\n".join(lines))
    assert [one.text for one in good] == list(SENTENCES)
    assert [one.part for one in good] == ["line 1", "line 5", "line 6", "line 7"]
    said = " ".join(map(str, errors))
    assert "1 lines are not JSON: 2" in said
    assert "no text in content: 4" in said


@pytest.mark.parametrize("name", ["a.json", "a.txt", "-"])
def test_json_lines_are_known_by_what_they_hold(name: str) -> None:
    good, _errors = read(name, b"\n".join(dump(row) for row in ROWS))
    assert [one.part for one in good] == [f"line {n}" for n in range(1, 5)]


def test_half_a_surrogate_pair_becomes_a_replacement() -> None:
    good, _errors = read("a.jsonl", b'{"text": "' + BODY.replace("\n", "").encode() + b'\\ud83d"}')
    assert good[0].text.endswith("\ufffd")


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'[{"a":' + b"[" * 5000 + b"]" * 5000 + b"}]",
        b'{"a": ' + b"9" * 10_000 + b"}",
        b'[{"text": "' + b"x" * 1000,
        b"null",
        b'"' + SENTENCES[0].encode() + b'"',
        b"[1, 2, 3]",
        b"\xff\xfe[\x00",
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_hostile_json_is_one_error_or_read(name: str, data: bytes) -> None:
    for one in read(name, data)[1]:
        assert "Error:" not in str(one)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(SENTENCES),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["text", "a", "title", ""]), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(VALUES, st.sampled_from(["a.json", "a.jsonl"]), st.sampled_from([None, "text", "a.text"]))
def test_json_of_any_shape_is_read_or_refused(value: Any, name: str, column: str | None) -> None:
    for one in documents_of_bytes(name, dump(value), ReadOptions(column=column)):
        assert "Error:" not in str(one)


@settings(max_examples=100, deadline=None)
@given(VALUES, st.data())
def test_cut_and_flipped_json_is_read_or_refused(value: Any, data: st.DataObject) -> None:
    whole = bytearray(dump([{"text": SENTENCES[0]}, value]))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] = data.draw(st.integers(0, 255))
    del whole[data.draw(st.integers(place, len(whole))) :]
    for one in documents_of_bytes("a.json", bytes(whole), ReadOptions()):
        assert "Error:" not in str(one)


@pytest.mark.parametrize("cut", range(150, 160))
def test_what_is_wrong_with_json_is_told_without_a_piece_of_it(cut: int) -> None:
    data = json.dumps([{"content": text} for text in SENTENCES], ensure_ascii=False).encode()
    _good, bad = read("dump.json", data[:cut] + b"\x01" + data[cut:])
    assert len(bad) == 1
    assert "is broken JSON: lexical error: inval" in str(bad[0])
    assert not re.search(r"here|\\x|b'|\n|\ufffd", str(bad[0]))
