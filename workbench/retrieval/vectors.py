"""Vectors of passages, computed once for each model and kept on disk."""

import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from workbench.errors import EngineError
from workbench.files import write_atomically

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CAPACITY = 500_000_000
"""Bytes the vectors of all models may take; those not used longest go first."""
_ENDING = ".npy"


class Embedder(Protocol):
    """What makes vectors of length 1; ``LlamaEncoder`` of an embedding model is one."""

    def embed(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        """Return a vector for each text, in order."""


class VectorCache:
    """Vectors in a folder, a file for the passages of each article; whatever is wrong is remade."""

    def __init__(self, folder: Path, capacity: int = CAPACITY):
        self._folder = folder
        self._capacity = capacity

    def get(
        self, model: str, texts: Sequence[str], make: Callable[[], "NDArray[np.float32]"]
    ) -> "NDArray[np.float32]":
        """Return a row for each text; ``model`` is the SHA-256 of the model's file."""
        import numpy as np

        path = self._folder / f"{_digest(model, texts)}{_ENDING}"
        try:
            found = np.load(BytesIO(path.read_bytes()), allow_pickle=False)
            if found.shape[:1] == (len(texts),) and found.ndim == 2:
                os.utime(path)
                return np.asarray(found, np.float32)
        except (OSError, ValueError, EOFError):
            pass
        made = make()
        stream = BytesIO()
        np.save(stream, made.astype(np.float16), allow_pickle=False)
        with suppress(OSError):  # what cannot be kept is computed again
            write_atomically(path, stream.getvalue())
            self._make_room(path)
        return made

    def _make_room(self, kept: Path) -> None:
        files = []
        for path in self._folder.glob(f"*{_ENDING}"):
            with suppress(OSError):
                about = path.stat()
                files.append((about.st_mtime_ns, about.st_size, path))
        total = sum(size for _time, size, _path in files)
        for _time, size, path in sorted(files):
            if total <= self._capacity:
                return
            if path != kept:
                path.unlink(missing_ok=True)
                total -= size


class VectorSimilarity:
    """How near passages are to a question: the cosine of their vectors."""

    def __init__(
        self, embedder: Embedder, model: str, cache: VectorCache, query: str = "{question}"
    ):
        self._embedder = embedder
        self._model = model
        self._cache = cache
        self._query = query

    def similarities(self, question: str, groups: Sequence[Sequence[str]]) -> list[float]:
        """Return the cosine of each text of each group with the question, in order."""
        asked = self._vectors([self._query.replace("{question}", question)])[0]
        found: list[float] = []
        for group in groups:
            if group:
                rows = self._cache.get(self._model, group, partial(self._vectors, group))
                found += (rows @ asked).tolist()
        return found

    def _vectors(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        import numpy as np

        made = np.asarray(self._embedder.embed(texts), np.float32)
        if made.ndim != 2 or len(made) != len(texts):
            raise EngineError("the embedding model returned no vectors")
        return made


def _digest(model: str, texts: Sequence[str]) -> str:
    found = hashlib.sha256(model.encode())
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        found.update(len(data).to_bytes(8, "little") + data)
    return found.hexdigest()
