"""Tags and collections: what a person says of articles."""

import sqlite3
import unicodedata
from collections.abc import Iterable

from workbench.errors import LibraryError, UsageError
from workbench.i18n import _
from workbench.store.schema import now

_LONGEST = 100


def checked_name(name: str) -> str:
    """Return the name of a tag or collection in its one spelling (NFC, no space around it).

    Raises UsageError where it is empty, too long, begins like an option or cannot be shown.
    """
    found = unicodedata.normalize("NFC", name).strip()
    if (
        not found
        or len(found) > _LONGEST
        or not found.isprintable()
        or found[0] in "+-#"
        or any("\ud800" <= char <= "\udfff" for char in found)
    ):
        raise UsageError(
            _("{name!r} is no name for a tag or a collection").format(name=name),
            fix=_("Use 1 to {most} characters that do not begin with +, - or #.").format(
                most=_LONGEST
            ),
        )
    return found


def tag(connection: sqlite3.Connection, article_id: int, names: Iterable[str]) -> int:
    """Put tags on an article; return how many are new on it."""
    return sum(
        connection.execute(
            "INSERT OR IGNORE INTO tags VALUES (?, ?)", (checked_name(name), article_id)
        ).rowcount
        for name in names
    )


def untag(connection: sqlite3.Connection, article_id: int, names: Iterable[str]) -> int:
    """Take tags off an article; return how many were on it."""
    return sum(
        connection.execute(
            "DELETE FROM tags WHERE tag = ? AND article_id = ?", (checked_name(name), article_id)
        ).rowcount
        for name in names
    )


def tags_of(connection: sqlite3.Connection, article_id: int) -> list[str]:
    """Return the tags of an article, sorted."""
    rows = connection.execute("SELECT tag FROM tags WHERE article_id = ? ORDER BY 1", (article_id,))
    return [name for (name,) in rows]


def all_tags(connection: sqlite3.Connection) -> dict[str, int]:
    """Return every tag with the number of articles that carry it."""
    return dict(connection.execute("SELECT tag, count(*) FROM tags GROUP BY tag ORDER BY tag"))


def collect(connection: sqlite3.Connection, name: str, article_ids: Iterable[int]) -> int:
    """Add articles to the end of a collection, made where it is new; return how many are new."""
    name = checked_name(name)
    connection.execute(
        "INSERT OR IGNORE INTO collections (name, created_at) VALUES (?, ?)", (name, now())
    )
    collection_id = find_collection(connection, name)
    return sum(
        connection.execute(
            "INSERT OR IGNORE INTO collection_articles SELECT ?1,"
            " coalesce((SELECT max(position) FROM collection_articles WHERE collection_id = ?1), 0)"
            " + 1, ?2",
            (collection_id, article_id),
        ).rowcount
        for article_id in article_ids
    )


def uncollect(connection: sqlite3.Connection, name: str, article_ids: Iterable[int]) -> int:
    """Take articles out of a collection; return how many were in it."""
    collection_id = find_collection(connection, name)
    return sum(
        connection.execute(
            "DELETE FROM collection_articles WHERE collection_id = ? AND article_id = ?",
            (collection_id, article_id),
        ).rowcount
        for article_id in article_ids
    )


def rename_collection(connection: sqlite3.Connection, name: str, new: str) -> None:
    """Give a collection another name, one that is not taken."""
    collection_id, new = find_collection(connection, name), checked_name(new)
    taken = connection.execute("SELECT id FROM collections WHERE name = ?", (new,)).fetchone()
    if taken and taken[0] != collection_id:
        raise LibraryError(_("there is a collection {name} already").format(name=new))
    connection.execute("UPDATE collections SET name = ? WHERE id = ?", (new, collection_id))


def delete_collection(connection: sqlite3.Connection, name: str) -> None:
    """Delete a collection; its articles stay."""
    collection_id = find_collection(connection, name)
    connection.execute("DELETE FROM collections WHERE id = ?", (collection_id,))


def find_collection(connection: sqlite3.Connection, name: str) -> int:
    """Return the row of a collection; LibraryError, naming those there are, where there is none."""
    row = connection.execute(
        "SELECT id FROM collections WHERE name = ?", (checked_name(name),)
    ).fetchone()
    if row is None:
        names = ", ".join(all_collections(connection)) or _("none")
        raise LibraryError(
            _("there is no collection {name}; there are: {names}").format(name=name, names=names)
        )
    return int(row[0])


def all_collections(connection: sqlite3.Connection) -> dict[str, int]:
    """Return every collection with the number of its articles."""
    return dict(
        connection.execute(
            "SELECT name, count(article_id) FROM collections LEFT JOIN collection_articles"
            " ON collection_id = collections.id GROUP BY collections.id ORDER BY name"
        )
    )


def collected(connection: sqlite3.Connection, name: str) -> list[int]:
    """Return the articles of a collection, in its order."""
    rows = connection.execute(
        "SELECT article_id FROM collection_articles WHERE collection_id = ? ORDER BY position",
        (find_collection(connection, name),),
    )
    return [article_id for (article_id,) in rows]


def collections_of(connection: sqlite3.Connection, article_id: int) -> list[str]:
    """Return the collections an article is in, sorted."""
    rows = connection.execute(
        "SELECT name FROM collections JOIN collection_articles ON collection_id = collections.id"
        " WHERE article_id = ? ORDER BY 1",
        (article_id,),
    )
    return [name for (name,) in rows]
