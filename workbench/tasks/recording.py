"""Keeping results in the library, for the articles it holds."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from workbench.articles.model import Article
from workbench.errors import LibraryError
from workbench.paths import library_file
from workbench.store.library import Library
from workbench.store.results import Run


class Recordable(Protocol):
    """A finished piece of work, whichever task it is of."""

    def to_json(self) -> dict[str, Any]:
        """Return it with its task, model, template and settings."""


class Recorder:
    """Enters the results of one command in the library, as runs of one model and template each.

    Only articles that are in the library have theirs kept: nothing is added by being summarised,
    and no library is made. A library that fails is told of once, with ``tell``, and costs no
    result: the user has it anyway.
    """

    def __init__(self, tell: Callable[[str], None], path: Path | None = None):
        self._tell = tell
        self._path = library_file() if path is None else path
        self._library: Library | None = None
        self._failed = False
        self._runs: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._library is not None:
            self._library.close()

    def record(self, articles: Sequence[Article], result: Recordable) -> int | None:
        """Keep a result about these articles; return its id, None where it was not kept."""
        if self._failed or not self._path.exists():
            return None
        try:
            if self._library is None:
                self._library = Library.open(self._path)
            return self._record(self._library, articles, result)
        except LibraryError as error:
            self._failed = True
            self._tell(str(error))
            return None

    def _record(
        self, library: Library, articles: Sequence[Article], result: Recordable
    ) -> int | None:
        ids = [library.with_content(article.content_sha256) for article in articles]
        known = list(dict.fromkeys(one for one in ids if one is not None))
        if not known or None in ids:
            return None
        found = result.to_json()
        run = Run(found["task"], found["model"], found["template"], found["settings"])
        key = repr(run)
        with library.writing():
            run_id = self._runs.get(key) or library.start_run(run)
            result_id = library.record(run_id, known, found)
        self._runs[key] = run_id
        return result_id
