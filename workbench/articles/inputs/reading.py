"""Everything that inputs hold, read one article after another."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from workbench.articles.document import Document, ReadOptions
from workbench.articles.inputs.find import InputFile, find_files
from workbench.articles.inputs.standard_input import NAME, read_standard_input
from workbench.articles.model import Article
from workbench.errors import ArticleError

Outcome = Article | ArticleError


def read_inputs(
    inputs: Sequence[str], options: ReadOptions, notify: Callable[[str], None] | None = None
) -> Iterator[Outcome]:
    """Yield every article behind inputs, and an error for each that cannot be read.

    One article is held at a time, also of a dump of gigabytes. ``notify`` is told, a line each,
    what was left out without being tried.
    """
    found = find_files(inputs)
    if notify is not None:
        for notice in found.notices:
            notify(notice)
    yield from found.errors
    for _number, outcome in read_files(found.files, options):
        yield outcome


def read_files(files: Iterable[InputFile], options: ReadOptions) -> Iterator[tuple[int, Outcome]]:
    """Yield what files hold, each with the number of its file, from 1."""
    for number, file in enumerate(files, start=1):
        for outcome in read_file(file, options):
            yield number, outcome


def read_file(file: InputFile, options: ReadOptions) -> Iterator[Outcome]:
    """Yield every article of a file, and an error for each thing in it that cannot be read."""
    try:
        yield from _articles(file, options)
    except ArticleError as error:
        yield error


def _articles(file: InputFile, options: ReadOptions) -> Iterator[Outcome]:
    # A program that only names this module need not compile every pattern of the package.
    from workbench.articles import reader

    if not file.standard_input:
        yield from reader.read_articles(file.path, options)
        return
    for found in reader.documents_of_bytes(str(NAME), read_standard_input(), options):
        try:
            yield found if isinstance(found, ArticleError) else reader.understand(found, options)
        except ArticleError as error:
            error.path, error.part = NAME, error.part or _part(found)
            yield error


def _part(found: Document | ArticleError) -> str | None:
    return found.part
