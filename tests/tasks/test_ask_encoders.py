"""Small models beside the words: real tiny GGUF files, and what happens when one fails."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from ask_support import asked, books, market, saying
from tiny_gguf import Tiny, write

from workbench.catalog.entries import load_catalog
from workbench.catalog.registry import Installed
from workbench.engine.encoder import LlamaEncoder
from workbench.errors import EngineError
from workbench.tasks.ask.encoders import SmallModels

_MEAN, _RANK = 1, 4


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def a_model(path: Path, role: str) -> Installed:
    entry = next(one for one in load_catalog().values() if one.role == role)
    return Installed(entry.id, path, path.stat().st_size, "linked", entry)


@pytest.fixture
def pair(tmp_path: Path) -> list[Installed]:
    bert = {"architecture": "bert", "template": None, "context": 2048, "marks": True}
    embedding = write(tmp_path / "embed.gguf", Tiny(**bert, pooling=_MEAN))
    reranker = write(tmp_path / "rank.gguf", Tiny(**bert, pooling=_RANK, head=True))
    return [a_model(embedding, "embedding"), a_model(reranker, "reranker")]


def test_real_small_models_rank_passages_and_their_vectors_are_kept(
    tmp_path: Path, home: Path, pair: list[Installed]
) -> None:
    told: list[str] = []
    with SmallModels(told.append, pair, threads=1) as small:
        answer = asked(
            "圖書車裡放了幾本書？",
            [market(tmp_path), books(tmp_path)],
            saying("2400本书"),
            models=small.models,
        )
    assert answer.searched.ranked_by == ("words", "vectors", "reranker")
    assert answer.text == "2400本書"
    assert told == []
    assert len(list((home / "cache" / "vectors").glob("*.npy"))) == 2


def test_without_models_words_rank_alone() -> None:
    with SmallModels(print, []) as small:
        assert small.models.names == ("words",)


class Broken:
    def __enter__(self) -> "Broken":
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def embed(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        raise EngineError("out of memory")

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        raise EngineError("out of memory")


def test_a_model_that_fails_is_told_of_once_and_costs_no_answer(
    tmp_path: Path, pair: list[Installed]
) -> None:
    told: list[str] = []

    def broken(_path: str) -> LlamaEncoder:
        return Broken()  # type: ignore[return-value]

    articles = [market(tmp_path), books(tmp_path)]
    with SmallModels(told.append, pair, broken) as small:
        models = small.models
        for _time in range(2):
            answer = asked("圖書車裡放了幾本書？", articles, saying("2400本书"), models=models)
            assert answer.text == "2400本書"
    assert len(told) == 2  # one of each model
    assert all("out of memory" in one for one in told)
