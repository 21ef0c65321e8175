"""Keeping results in the library, for the articles it holds."""

from collections.abc import Sequence

from workbench.articles.model import Article
from workbench.store.library import Library
from workbench.store.results import Run
from workbench.tasks.result import Result


class Recorder:
    """Enters the results of one command in the library, as runs of one model and template each.

    Only articles that are in the library have theirs kept: nothing is added by being summarised.
    """

    def __init__(self, library: Library):
        self._library = library
        self._runs: dict[str, int] = {}

    def record(self, articles: Sequence[Article], result: Result) -> int | None:
        """Keep a result about these articles; return its id, None where one is not in the library.

        Raises LibraryError.
        """
        ids = [self._library.with_content(article.content_sha256) for article in articles]
        known = [article_id for article_id in ids if article_id is not None]
        if not known or len(known) < len(ids):
            return None
        found = result.to_json()
        run = Run(found["task"], found["model"], found["template"], found["settings"])
        key = repr(run)
        with self._library.writing():
            run_id = self._runs.get(key) or self._library.start_run(run)
            result_id = self._library.record(run_id, known, found)
        self._runs[key] = run_id
        return result_id
