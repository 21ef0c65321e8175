"""What is derived from articles and kept beside them: the search index and near-duplicates."""

import sqlite3

from workbench.store import near_duplicates, search_index


def add(connection: sqlite3.Connection, article_id: int) -> None:
    """Enter an article that was just inserted."""
    title, text = _row(connection, article_id)
    search_index.add(connection, article_id, title, text)
    near_duplicates.add(connection, article_id, near_duplicates.kept_text(connection, article_id))


def remove(connection: sqlite3.Connection, article_id: int) -> None:
    """Take an article out, while it and what was found in it is still there."""
    title, text = _row(connection, article_id)
    search_index.remove(connection, article_id, title, text)
    near_duplicates.remove(
        connection, article_id, near_duplicates.kept_text(connection, article_id)
    )


def rebuild(connection: sqlite3.Connection) -> None:
    """Make all of it anew from the articles, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        search_index.rebuild(connection)
        near_duplicates.rebuild(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _row(connection: sqlite3.Connection, article_id: int) -> tuple[str | None, str]:
    title, text = connection.execute(
        "SELECT title, text FROM articles WHERE id = ?", (article_id,)
    ).fetchone()
    return title, text
