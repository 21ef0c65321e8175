"""Articles that are compared because they have something in common."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing

from workbench.articles.document import ReadOptions
from workbench.articles.model import Article
from workbench.errors import UsageError
from workbench.i18n import _
from workbench.store import marks, near_duplicates, schema
from workbench.store.library import Library
from workbench.tasks.intake import Item, reading

Group = tuple[str, list[Item]]


def grouped(items: Sequence[Item], by: str, options: ReadOptions) -> tuple[list[Group], int]:
    """Return the groups of two and more, and how many items are in none.

    Tags are those of the library. Near-duplicates among files are found by reading them, with the
    measure of the library. UsageError where files are to be grouped by tags.
    """
    if by == "folder":
        found = _by_folder(items)
    elif by == "tag":
        found = _by_tag(items)
    else:
        found = _by_likeness(items, options)
    groups = [(name, members) for name, members in found.items() if len(members) > 1]
    inside = {item for _name, members in groups for item in members}
    return groups, len(set(items) - inside)


def _by_folder(items: Sequence[Item]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    with _Shelf(items) as library:
        for item in items:
            path = library.path(item) if isinstance(item, int) else item.location
            found.setdefault(os.path.dirname(path) or ".", []).append(item)  # noqa: PTH120
    return found


def _by_tag(items: Sequence[Item]) -> dict[str, list[Item]]:
    if not all(isinstance(item, int) for item in items):
        raise UsageError(
            _("files have no tags"),
            fix=_("Name articles of the library, or group by folder or near-duplicates."),
        )
    found: dict[str, list[Item]] = {}
    with _Shelf(items) as library:
        for item in items:
            for tag in library.tags(item):
                found.setdefault(tag, []).append(item)
    return dict(sorted(found.items()))


def _by_likeness(items: Sequence[Item], options: ReadOptions) -> dict[str, list[Item]]:
    """Enter all articles in a table of sketches of their own; what it connects is alike."""
    numbered = dict(enumerate(items, start=1))
    names: dict[int, str] = {}
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for migration in schema.shipped():
            for statement in schema.statements(migration.sql):
                connection.execute(statement)
        with reading(options) as read:
            for number, item in numbered.items():
                for outcome in read(item):
                    if isinstance(outcome, Article) and number not in names:
                        names[number] = outcome.title or outcome.path.name
                        removed = ((one.start, one.end) for one in outcome.removals)
                        text = near_duplicates.without(outcome.text, removed)
                        near_duplicates.add(connection, number, text)
        return {
            f"{group.group_id} {names[group.group_id]}": [numbered[one] for one in group.articles]
            for group in near_duplicates.groups(connection)
        }


class _Shelf:
    """The library, opened where items are of it."""

    def __init__(self, items: Sequence[Item]):
        self._needed = any(isinstance(item, int) for item in items)
        self._library: Library | None = None

    def __enter__(self) -> "_Shelf":
        if self._needed:
            self._library = Library.open(readonly=True)
        return self

    def __exit__(self, *_what: object) -> None:
        if self._library is not None:
            self._library.close()

    def path(self, item: Item) -> str:
        if self._library is None or not isinstance(item, int):
            return ""
        return self._library.listed_one(item).path or ""

    def tags(self, item: Item) -> list[str]:
        if self._library is None or not isinstance(item, int):
            return []
        with self._library.reading() as connection:
            return marks.tags_of(connection, item)
