"""``workbench library add``: files in, articles kept."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import click

from workbench.articles.document import ReadOptions
from workbench.articles.inputs.find import STANDARD_INPUT, InputFile, find_files
from workbench.articles.inputs.reading import read_files
from workbench.cli.library.shared import json_option
from workbench.cli.options import article_options, read_options
from workbench.cli.output import JsonArray, complain, one_line, put, say
from workbench.cli.status_line import StatusLine
from workbench.errors import ArticleError, ArticleNotice
from workbench.filenames import readable
from workbench.i18n import _
from workbench.settings import settings_with
from workbench.store.importing import Imported, Outcome, import_files
from workbench.store.library import Library
from workbench.store.marks import checked_name
from workbench.store.preparing import Known

_MARKED_AT_ONCE = 200


@click.command(
    "add",
    help=_("Add articles; repeated after it was stopped, it goes on where it was."),
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--tag", "tags", metavar="TAG", multiple=True, help=_("Put this tag on them."))
@click.option("--collection", metavar="NAME", help=_("Add them to this collection."))
@click.option("--again", is_flag=True, help=_("Read known files anew, and keep what is new."))
@article_options
@json_option
def command(
    paths: tuple[str, ...],
    tags: tuple[str, ...],
    collection: str | None,
    again: bool,
    as_json: bool,
    names: str | None,
    **flags: Any,
) -> int:
    """Add every article of the files; the others are still added when one cannot be read."""
    marks = [checked_name(tag) for tag in tags]
    name = checked_name(collection) if collection is not None else None
    options = read_options(settings_with(names=names), **flags)
    found = find_files(paths)
    with (
        Library.open() as library,
        _Report(len(found.files), as_json) as report,
        _Marks(library, marks, name) as marked,
    ):
        for notice in found.notices:
            report.notice(notice)
        for error in found.errors:
            report.add(error)
        for outcome in _outcomes(library, found.files, options, again):
            marked.add(outcome)
            report.add(outcome)
    return 1 if report.failed else 0


def _outcomes(
    library: Library, found: Iterable[InputFile], options: ReadOptions, again: bool
) -> Iterator[Outcome]:
    for standard_input, group in groupby(found, key=lambda file: file.standard_input):
        if not standard_input:
            yield from import_files(library, (file.path for file in group), options, again=again)
            continue
        for _number, one in read_files(group, options):
            if isinstance(one, ArticleError):
                yield one
            else:
                article = replace(one, path=Path(STANDARD_INPUT))
                yield Imported(article.name, library.add(article, options, again=again))


class _Marks:
    """Puts tags on articles and collects them, some hundred in one transaction."""

    def __init__(self, library: Library, tags: Sequence[str], collection: str | None):
        self._library = library
        self._tags = tags
        self._collection = collection
        self._waiting: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None or issubclass(kind, KeyboardInterrupt):
            self._put()

    def add(self, outcome: Outcome) -> None:
        """Mark the articles of an outcome, now or soon."""
        if not self._tags and self._collection is None:
            return
        if isinstance(outcome, Known):
            self._waiting += self._library.standing_in(outcome.path)
        elif isinstance(outcome, Imported):
            self._waiting.append(outcome.added.id)
        if len(self._waiting) >= _MARKED_AT_ONCE:
            self._put()

    def _put(self) -> None:
        with self._library.writing():
            for article_id in self._waiting if self._tags else ():
                self._library.tag(article_id, self._tags)
            if self._collection is not None:
                self._library.collect(self._collection, self._waiting)
        self._waiting = []


class _Report:
    """Tells what became of each article while it goes on, and the sum at the end."""

    def __init__(self, total: int, as_json: bool):
        self._status = StatusLine()
        self._total = total
        self._array = JsonArray() if as_json else None
        self._new = self._texts = self._files = 0
        self.failed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._status.clear()
        if self._array is not None and kind is None:
            self._array.close()
        said = _("{new} articles added, {texts} were here already").format(
            new=self._new, texts=self._texts
        )
        if self._files:
            said += _("; {files} files known, not read again").format(files=self._files)
        if self.failed:
            said += _("; {failed} failed").format(failed=self.failed)
        say(said)

    def notice(self, line: str) -> None:
        """Tell what is left out on purpose."""
        self._status.clear()
        say(line)

    def add(self, outcome: Outcome) -> None:
        """Tell what became of one."""
        if isinstance(outcome, ArticleNotice):
            self.notice(str(outcome))
        elif isinstance(outcome, ArticleError):
            self.failed += 1
            self._status.clear()
            complain(str(outcome))
            self._item("failed", outcome.place, error=outcome.what)
        elif isinstance(outcome, Known):
            self._files += 1
            self._item("known file", str(outcome.path))
        else:
            new = outcome.added.new_article
            self._new += new
            self._texts += not new
            self._item("added" if new else "known text", outcome.name, id=outcome.added.id)
            if self._array is None and new:
                put(f"#{outcome.added.id}  {one_line(readable(outcome.name))}")
        if not sys.stdout.isatty():
            self._status.show("add", self._so_far())

    def _so_far(self) -> str:
        return _("{articles} articles added, {files} files known, of {total} files").format(
            articles=self._new, files=self._files, total=self._total
        )

    def _item(self, status: str, name: str, **more: object) -> None:
        if self._array is not None:
            self._array.put({"status": status, "name": name, **more})
