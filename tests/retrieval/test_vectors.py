import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from workbench.errors import EngineError
from workbench.retrieval.vectors import VectorCache, VectorSimilarity

MODEL = "0" * 64


class Counting:
    """Makes vectors of two numbers out of texts, and says which it was given."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def embed(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        self.given += texts
        return [(1.0, 0.0) if "早市" in text else (0.0, 1.0) for text in texts]


def similarity(folder: Path, embedder: Counting, model: str = MODEL) -> VectorSimilarity:
    return VectorSimilarity(embedder, model, VectorCache(folder), "Query: {question}")


def test_the_nearest_passage_is_the_one_that_means_the_same(tmp_path: Path) -> None:
    found = similarity(tmp_path, Counting()).similarities("早市", [["河堤"], ["早市开了", "书"]])
    assert found == pytest.approx([0.0, 1.0, 0.0])


def test_passages_are_embedded_once_for_a_model_and_questions_every_time(tmp_path: Path) -> None:
    embedder = Counting()
    for _time in range(2):
        similarity(tmp_path, embedder).similarities("早市", [["河堤"], ["书"]])
    assert embedder.given == ["Query: 早市", "河堤", "书", "Query: 早市"]
    similarity(tmp_path, embedder, "1" * 64).similarities("早市", [["河堤"]])
    assert embedder.given.count("河堤") == 2


def test_a_question_with_braces_stays_what_it_is(tmp_path: Path) -> None:
    embedder = Counting()
    similarity(tmp_path, embedder).similarities("{question} {0}", [])
    assert embedder.given == ["Query: {question} {0}"]


@pytest.mark.parametrize("damage", [b"", b"no vectors at all", b"\x93NUMPY\x01\x00"])
def test_a_damaged_file_is_made_again(tmp_path: Path, damage: bytes) -> None:
    embedder = Counting()
    similarity(tmp_path, embedder).similarities("早市", [["河堤"]])
    [path] = tmp_path.iterdir()
    path.write_bytes(damage)
    assert similarity(tmp_path, embedder).similarities("早市", [["河堤"]]) == pytest.approx([0.0])
    assert embedder.given.count("河堤") == 2


def test_what_was_not_used_longest_goes_where_there_is_no_room(tmp_path: Path) -> None:
    import numpy as np

    cache = VectorCache(tmp_path, capacity=500)
    made = np.ones((1, 64), np.float32)
    for number, text in enumerate(("甲", "乙", "丙")):
        cache.get(MODEL, [text], lambda: made)
        for path in tmp_path.iterdir():
            if path.stat().st_mtime > 1000:
                os.utime(path, (number, number))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 500
    calls: list[int] = []

    def again() -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
        calls.append(1)
        return made

    cache.get(MODEL, ["丙"], again)
    assert not calls


def test_a_folder_that_cannot_be_written_costs_no_answer(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    found = similarity(blocked / "vectors", Counting()).similarities("早市", [["早市"]])
    assert found == pytest.approx([1.0])


def test_a_model_that_returns_too_little_is_an_error(tmp_path: Path) -> None:
    class Poor(Counting):
        def embed(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
            return []

    with pytest.raises(EngineError):
        similarity(tmp_path, Poor()).similarities("早市", [["早市"]])
