"""Adding many files to the library: read by several processes, written in order by this one."""

import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from workbench.articles.document import Document, ReadOptions
from workbench.errors import ArticleError, ArticleNotice
from workbench.store.library import Added, Library
from workbench.store.preparing import End, Item, Known, Prepared, Result, lost, prepare
from workbench.store.worker_pool import Lost, ordered_results

BATCH = 400
"""Results written in one transaction: articles, and the ends of files."""
_PIECE = 16
_PIECE_BYTES = 512 * 1024
"""What a process is given at once: so many files, or so many bytes of documents."""
_FEW = 24
"""Fewer files are read here: processes take longer to start."""
_LARGE = 1024 * 1024
"""Files from this size on are divided into documents here, so that several processes share one."""
_DUMPS = frozenset({".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".zip"})
_MOST_WORKERS = 8


@dataclass(frozen=True, slots=True)
class Imported:
    """An article that is in the library now; ``name`` says where it stands."""

    name: str
    added: Added


Outcome = Imported | Known | ArticleError


def import_files(
    library: Library,
    paths: Iterable[Path],
    options: ReadOptions | None = None,
    *,
    workers: int | None = None,
    again: bool = False,
    batch_size: int = BATCH,
) -> Generator[Outcome, None, None]:
    """Add the articles of files; yield what became of each once it is kept, in the order given.

    Files that were read before as they are now are passed over. ``workers`` processes read (None:
    as many as there are processors; 0: none but this one). What was yielded is committed: killed
    at any moment, the import goes on where it was when it is repeated. ``again`` reads known files
    anew. Others can write after each ``batch_size`` articles. Raises LibraryError.
    """
    options = options or ReadOptions()
    items = ((item, options) for item in _items(library, paths, options, again))
    with library.bulk(), closing(_prepared(items, workers)) as results:
        writer = _Writer(library, options, again)
        while batch := list(islice(results, batch_size)):
            with library.writing():
                outcomes = [found for one in batch if (found := writer.write(one))]
            yield from outcomes


class _Writer:
    """Writes results in order, and knows whether the file they are of was read to its end."""

    def __init__(self, library: Library, options: ReadOptions, again: bool):
        self._library = library
        self._options = options
        self._again = again
        self._failed = self._divided = False

    def write(self, result: Result) -> Outcome | None:
        if isinstance(result, Prepared):
            article = result.article
            self._divided = self._divided or article.part is not None
            added = self._library.add(article, self._options, again=self._again, index=result.index)
            return Imported(article.name, added)
        if isinstance(result, End):
            # A file of which a part cannot be read is read again, to say so again.
            if self._divided and not self._failed:
                self._library.finish(result.path, self._options)
            self._failed = self._divided = False
            return None
        if isinstance(result, ArticleError) and not isinstance(result, ArticleNotice):
            self._failed = True
        return result


def _items(
    library: Library, paths: Iterable[Path], options: ReadOptions, again: bool
) -> Iterator[Path | Document | Known | End | ArticleError]:
    """Yield the work there is: files, or the documents in large ones."""
    from workbench.articles.reader import documents

    for path in paths:
        if not again and library.is_known(path, options):
            yield Known(path)
        elif _is_divided(path):
            try:
                yield from documents(path, options)
            except ArticleError as error:
                yield error
            yield End(path)
        else:
            yield path


def _is_divided(path: Path) -> bool:
    try:
        return path.suffix.lower() in _DUMPS or path.stat().st_size >= _LARGE
    except OSError:
        return False


def _prepared(items: Iterator[Item], workers: int | None) -> Generator[Result, None, None]:
    """Yield what is made of each item, in order, here or in processes."""
    if workers is None:
        workers = min(_processors(), _MOST_WORKERS)
    first = list(islice(items, _FEW))
    if workers == 0 or len(first) < _FEW:
        for item in chain(first, items):
            yield from prepare([item])[0]
        return
    results = ordered_results(prepare, _pieces(chain(first, items)), workers)
    with closing(results):
        for result in results:
            yield from lost(result.item) if isinstance(result, Lost) else result


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _pieces(items: Iterator[Item]) -> Iterator[list[Item]]:
    piece: list[Item] = []
    size = 0
    for item in items:
        piece.append(item)
        size += len(item[0].data) if isinstance(item[0], Document) else 0
        if len(piece) == _PIECE or size >= _PIECE_BYTES:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece
