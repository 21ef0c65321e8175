"""Articles that are compared because they have something in common."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.articles.document import ReadOptions
from workbench.articles.model import Article
from workbench.errors import UsageError
from workbench.i18n import _
from workbench.store import marks, near_duplicates
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
    if all(isinstance(item, int) for item in items):
        with Library.open(readonly=True) as library:
            return _alike(library, {item: [item] for item in items if isinstance(item, int)})
    # A library of their own, for as long as it takes, holds whatever is named.
    with (
        tempfile.TemporaryDirectory(prefix="workbench-") as folder,
        Library.open(Path(folder) / "library.db") as library,
        library.bulk(),
        reading(options) as read,
    ):
        holding: dict[int, list[Item]] = {}
        for item in items:
            for outcome in read(item):
                if isinstance(outcome, Article):
                    holding.setdefault(library.add(outcome).id, []).append(item)
        return _alike(library, holding)


def _alike(library: Library, holding: Mapping[int, list[Item]]) -> dict[str, list[Item]]:
    """Return the groups among the articles of a library that are meant, by where they stand."""
    found: dict[str, list[Item]] = {}
    met: set[int] = set()
    with library.reading() as connection:
        for group in near_duplicates.groups(connection):
            members = [one for one in group.articles if one in holding]
            met.update(members)
            found[f"#{group.group_id}"] = [
                item for one in members for item in dict.fromkeys(holding[one])
            ]
    for one, same in holding.items():
        if one not in met:
            found[f"#{one}"] = list(dict.fromkeys(same))
    return found


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
