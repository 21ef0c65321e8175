import json
from pathlib import Path
from typing import Any

import pytest
from evaluation_support import ARTICLE
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import UsageError
from workbench.evaluation.datasets import LoadOptions, load
from workbench.evaluation.datasets.squad import read_squad

SQUAD = {
    "version": "1",
    "data": [
        {
            "title": "早市",
            "paragraphs": [
                {
                    "context": ARTICLE,
                    "id": "7",
                    "qas": [
                        {
                            "id": "7-1",
                            "question": "新棚花了多少钱？",
                            "answers": [
                                {"text": "460万元", "answer_start": 40},
                                {"text": "460万元", "answer_start": 40},
                            ],
                        },
                        {
                            "id": "7-2",
                            "question": "镇长姓什么？",
                            "answers": [],
                            "is_impossible": True,
                        },
                    ],
                }
            ],
        }
    ],
}
ORIGINAL = [
    {
        "context_id": "DEV_0",
        "context_text": ARTICLE,
        "title": "早市",
        "qas": [{"query_id": "DEV_0_Q", "query_text": "多少个摊位？", "answers": ["128个", "128"]}],
    }
]


def file_of(folder: Path, value: Any, name: str = "data.json") -> Path:
    path = folder / name
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path


def failure(path: Path) -> str:
    with pytest.raises(UsageError) as caught:
        load(path, LoadOptions())
    line = str(caught.value)
    assert caught.value.path == path
    assert caught.value.fix
    assert "\n" not in line
    return line


def test_questions_of_squad_are_read_with_their_articles(tmp_path: Path) -> None:
    dataset = load(file_of(tmp_path, SQUAD), LoadOptions())
    first, second = dataset.items
    assert (first.name, first.question, first.references) == (
        "7-1",
        "新棚花了多少钱？",
        ("460万元",),
    )
    assert first.answerable is True
    assert first.article.text == ARTICLE
    assert first.article.title == "早市"
    assert first.article.passages
    assert (second.answerable, second.references) == (False, ())
    assert first.article is second.article, "an article is made once for all its questions"
    assert first.group == second.group


def test_the_first_edition_of_cmrc_is_read(tmp_path: Path) -> None:
    (item,) = load(file_of(tmp_path, ORIGINAL), LoadOptions()).items
    assert (item.name, item.question) == ("DEV_0_Q", "多少个摊位？")
    assert item.references == ("128个", "128")


def test_questions_of_one_name_get_numbers(tmp_path: Path) -> None:
    dataset = load(file_of(tmp_path, ORIGINAL * 3), LoadOptions())
    assert [item.name for item in dataset.items] == ["DEV_0_Q", "DEV_0_Q #2", "DEV_0_Q #3"]


def test_nothing_is_cleaned_out_of_a_context(tmp_path: Path) -> None:
    page = "首页 > 新闻 > 正文\n\n" + ARTICLE + "\n责任编辑：某某\n版权所有 未经授权不得转载\n"
    value = json.loads(
        json.dumps(ORIGINAL).replace(json.dumps(ARTICLE)[1:-1], json.dumps(page)[1:-1])
    )
    (item,) = load(file_of(tmp_path, value), LoadOptions()).items
    assert item.article.text == page
    assert item.article.removals == ()


def test_questions_without_text_or_answer_are_left_out_and_told(tmp_path: Path) -> None:
    value = json.loads(json.dumps(SQUAD))
    questions = value["data"][0]["paragraphs"][0]["qas"]
    questions += [
        {"id": "7-3", "question": " ", "answers": [{"text": "128个"}]},
        {"id": "7-4", "question": "几个？", "answers": []},
        {"id": "7-5", "question": "几个？", "answers": [{"text": ""}]},
    ]
    dataset = load(file_of(tmp_path, value), LoadOptions())
    assert [item.name for item in dataset.items] == ["7-1", "7-2"]
    (notice,) = dataset.notices
    assert "3 questions without text or answer" in notice
    assert "data[0].paragraphs[0].qas[2]" in notice


def broken(change: Any) -> Any:
    value = json.loads(json.dumps(SQUAD))
    change(value["data"][0]["paragraphs"][0])
    return value


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p: p.pop("context"), "data[0].paragraphs[0]: context is not there"),
        (lambda p: p.update(context=3), "data[0].paragraphs[0]: context"),
        (lambda p: p.update(qas={}), "data[0].paragraphs[0]: qas"),
        (lambda p: p["qas"][0].pop("question"), "data[0].paragraphs[0].qas[0]: question"),
        (lambda p: p["qas"][0].pop("answers"), "data[0].paragraphs[0].qas[0]: answers"),
        (lambda p: p["qas"][0].update(answers=[{}]), "qas[0].answers[0]: text"),
        (lambda p: p["qas"][1].update(is_impossible="no"), "qas[1]: is_impossible"),
        (lambda p: p["qas"][0].update(id=["a"]), "qas[0]: id is not a text"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, change: Any, words: str) -> None:
    assert words in failure(file_of(tmp_path, broken(change)))


def test_a_mistake_in_the_json_is_told_with_its_line(tmp_path: Path) -> None:
    text = json.dumps(SQUAD, ensure_ascii=False, indent=1).replace('"id": "7-1",', '"id": "7-1"')
    line = text[: text.index('"id": "7-1"')].count("\n") + 2
    assert f"line {line}: is not JSON" in failure(file_of(tmp_path, text))


def test_other_encodings_are_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_bytes("{\n\n“早市”}".encode("gb18030"))
    assert "line 3: is not UTF-8" in failure(path)


@pytest.mark.parametrize(
    "value", ["", "[", "3", "null", "{}", '{"data": 1}', "[[]]", "[{}]", "[" * 100_000]
)
def test_no_file_makes_a_traceback(tmp_path: Path, value: str) -> None:
    failure(file_of(tmp_path, value))


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
KEYS = st.sampled_from(
    ["data", "paragraphs", "context", "qas", "question", "answers", "text", "id", "is_impossible"]
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5)
)


@given(value=VALUES)
def test_any_json_is_questions_or_one_clear_line(
    tmp_path_factory: pytest.TempPathFactory, value: Any
) -> None:
    path = file_of(tmp_path_factory.mktemp("any"), value)
    try:
        for item in read_squad(path, []):
            assert item.question.strip()
            assert item.text.strip()
    except UsageError as caught:
        told = str(caught)
    else:
        return
    assert told
    assert "\n" not in told
