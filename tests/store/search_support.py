"""Articles straight in the tables, for tests of what is built on them."""

import hashlib
import sqlite3

from workbench.store import near_duplicates, opening, search_index

NOW = "2026-01-01T00:00:00+00:00"


def empty_library() -> sqlite3.Connection:
    return opening.open_in_memory()


def add_article(
    connection: sqlite3.Connection,
    text: str,
    title: str | None = None,
    *,
    date: str | None = None,
    source: str | None = None,
    script: str = "simplified",
    removed: tuple[tuple[int, int], ...] = (),
) -> int:
    cursor = connection.execute(
        "INSERT INTO articles (content_sha256, text, title, date, source, script, characters,"
        " added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            hashlib.sha256(f"{title}|{text}|{date}".encode()).hexdigest(),
            text,
            title,
            date,
            source,
            script,
            len(text),
            NOW,
        ),
    )
    article_id = int(cursor.lastrowid or 0)
    connection.executemany(
        "INSERT INTO removals VALUES (?, ?, ?, ?, 'rule', 'reason')",
        [(article_id, number, *span) for number, span in enumerate(removed, start=1)],
    )
    search_index.add(connection, article_id, title, text)
    kept = near_duplicates.kept_text(connection, article_id)
    near_duplicates.add(connection, article_id, kept)
    return article_id
