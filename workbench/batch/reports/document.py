"""Results for an editor's desk: DOCX with footnotes, wrong facts marked and commented."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.batch.reports.told import Told
from workbench.batch.reports.writer import Take

MOST_RESULTS = 250
"""Results of one document; more go into another: nobody edits a document of thousands of pages."""


@contextmanager
def docx(folder: Path, title: str, aside: Path) -> Iterator[Take]:
    """Write ``results.docx``, and ``results-2.docx`` and so on where there are more results."""
    from workbench.batch.reports.desk_copy import document_of

    waiting: list[Told] = []
    count = 0

    def write() -> None:
        nonlocal count
        count += 1
        name = "results.docx" if count == 1 else f"results-{count}.docx"
        document_of(waiting, title).save(str(folder / name))
        waiting.clear()

    def take(told: Told) -> None:
        if len(waiting) == MOST_RESULTS:
            write()
        waiting.append(told)

    yield take
    if waiting or not count:
        write()
