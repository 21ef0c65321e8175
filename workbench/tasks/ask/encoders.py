"""The embedding and reranking models on this machine, where there are any.

A question is answered without them too: one that fails is told of once and left out.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from workbench.catalog.hashes import file_sha256
from workbench.catalog.registry import Installed, installed
from workbench.engine.encoder import LlamaEncoder
from workbench.errors import EngineError, WorkbenchError
from workbench.i18n import _
from workbench.paths import cache_folder
from workbench.retrieval.ranker import Models, Reranker, Similarity
from workbench.retrieval.vectors import VectorCache, VectorSimilarity

_QUERIES = {
    "qwen3-embedding": (
        "Instruct: Given a web search query, retrieve relevant passages that answer the query\n"
        "Query:{question}"
    ),
    "bge-small-zh": "为这个句子生成表示以用于检索相关文章：{question}",
}
"""What goes before a question, as the cards of the models say; nothing goes before a passage."""

Open = Callable[[str], LlamaEncoder]


class SmallModels:
    """Opens the smallest installed model of each role when it is first needed, and closes it."""

    def __init__(
        self,
        notify: Callable[[str], None],
        found: Sequence[Installed] | None = None,
        open_encoder: Open | None = None,
        threads: int = 0,
    ):
        self._notify = notify
        self._found = installed() if found is None else found
        self._open = open_encoder or (lambda path: LlamaEncoder(path, threads=threads))
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def models(self) -> Models:
        """Return what there is; no process is started yet."""
        embedding, reranker = self._smallest("embedding"), self._smallest("reranker")
        return Models(
            self._similarity(embedding) if embedding else None,
            self._reranker(reranker) if reranker else None,
        )

    def _smallest(self, role: str) -> Installed | None:
        fitting = [one for one in self._found if one.entry is not None and one.entry.role == role]
        return min(fitting, key=lambda one: (one.bytes, one.name), default=None)

    def _similarity(self, model: Installed) -> Similarity:
        encoder = self._stack.enter_context(self._open(str(model.path)))
        name = model.entry.id if model.entry else model.name
        query = next((text for key, text in _QUERIES.items() if name.startswith(key)), "{question}")
        cache = VectorCache(cache_folder() / "vectors")
        return _ForgivingSimilarity(
            lambda: VectorSimilarity(encoder, file_sha256(model.path), cache, query),
            self._giving_up(model),
        )

    def _reranker(self, model: Installed) -> Reranker:
        encoder = self._stack.enter_context(self._open(str(model.path)))
        return _ForgivingReranker(encoder, self._giving_up(model))

    def _giving_up(self, model: Installed) -> Callable[[WorkbenchError], None]:
        def tell(error: WorkbenchError) -> None:
            self._notify(
                _("passages are ranked without {name}: {reason}").format(
                    name=model.name, reason=error.what
                )
            )

        return tell


class _ForgivingSimilarity:
    """Says nothing more once the model failed."""

    def __init__(self, make: Callable[[], Similarity], tell: Callable[[WorkbenchError], None]):
        self._make = make
        self._tell = tell
        self._made: Similarity | None = None
        self._failed = False

    def similarities(self, question: str, groups: Sequence[Sequence[str]]) -> list[float]:
        if self._failed:
            return []
        try:
            self._made = self._made or self._make()
            return self._made.similarities(question, groups)
        except (EngineError, OSError) as error:
            self._failed = True
            self._tell(error if isinstance(error, EngineError) else EngineError(str(error)))
            return []


class _ForgivingReranker:
    """Says nothing more once the model failed."""

    def __init__(self, encoder: Reranker, tell: Callable[[WorkbenchError], None]):
        self._encoder = encoder
        self._tell = tell
        self._failed = False

    def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        if self._failed:
            return []
        try:
            return self._encoder.rerank(query, texts)
        except EngineError as error:
            self._failed = True
            self._tell(error)
            return []
