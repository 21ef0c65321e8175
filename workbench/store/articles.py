"""Articles in and out of their tables; each function works within the caller's transaction."""

import json
import sqlite3
from pathlib import Path

from workbench.articles.model import (
    Article,
    Encoding,
    Finding,
    LeftOut,
    Passage,
    Removal,
    Script,
    Wording,
)
from workbench.store.connection import storable
from workbench.store.records import from_json, to_json
from workbench.store.schema import now
from workbench.store.spans import packed, unpacked

_METADATA = (
    "title = CAST(? AS TEXT), date = CAST(? AS TEXT), byline = CAST(? AS TEXT),"
    " source = CAST(? AS TEXT), script = ?, wording = ?"
)
_PARTS = ("passages", "removals", "left_out", "findings")


def find_content(connection: sqlite3.Connection, content_sha256: str) -> int | None:
    """Return the id of the article with this text, or None."""
    row = connection.execute(
        "SELECT id FROM articles WHERE content_sha256 = ?", (content_sha256,)
    ).fetchone()
    return None if row is None else int(row[0])


def insert(connection: sqlite3.Connection, article: Article, content_sha256: str) -> int:
    """Insert an article that is not there yet, with all that was found in it; return its id."""
    cursor = connection.execute(
        "INSERT INTO articles (content_sha256, text, title, date, byline, source, script, wording,"
        " characters, added_at) VALUES (?, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT),"
        " CAST(? AS TEXT), CAST(? AS TEXT), ?, ?, ?, ?)",
        (content_sha256, storable(article.text), *_metadata(article), len(article.text), now()),
    )
    article_id = int(cursor.lastrowid or 0)
    _insert_parts(connection, article_id, article)
    return article_id


def understand_anew(connection: sqlite3.Connection, article_id: int, article: Article) -> None:
    """Replace what was found in an article by a later reading of the same text."""
    connection.execute(
        f"UPDATE articles SET {_METADATA} WHERE id = ?", (*_metadata(article), article_id)
    )
    for table in _PARTS:
        connection.execute(f"DELETE FROM {table} WHERE article_id = ?", (article_id,))
    _insert_parts(connection, article_id, article)


def _metadata(article: Article) -> tuple[str | bytes | None, ...]:
    stated = (article.title, article.date, article.byline, article.source)
    return (
        *(None if value is None else storable(value) for value in stated),
        article.script.value,
        article.wording.value if article.wording else None,
    )


def _insert_parts(connection: sqlite3.Connection, article_id: int, article: Article) -> None:
    insert_passages(connection, article_id, article.passages)
    connection.executemany(
        "INSERT INTO removals VALUES (?, ?, ?, ?, ?, ?)",
        [
            (article_id, number, one.start, one.end, one.rule, one.reason)
            for number, one in enumerate(article.removals, start=1)
        ],
    )
    connection.executemany(
        "INSERT INTO left_out VALUES (?, ?, ?, ?)",
        [
            (article_id, number, one.characters, one.reason)
            for number, one in enumerate(article.left_out, start=1)
        ],
    )
    connection.executemany(
        "INSERT INTO findings VALUES (?, ?, ?, ?, CAST(? AS TEXT), ?, ?)",
        [
            (article_id, number, one.field, one.where, storable(one.detail), one.start, one.end)
            for number, one in enumerate(article.findings, start=1)
        ],
    )


def insert_passages(
    connection: sqlite3.Connection, article_id: int, passages: tuple[Passage, ...]
) -> None:
    """Insert the passages of an article that has none."""
    connection.executemany(
        "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)",
        [
            (article_id, one.number, one.id, one.start, one.end, packed(one.sentences, one.start))
            for one in passages
        ],
    )


def load(connection: sqlite3.Connection, article_id: int) -> Article | None:
    """Return an article as it was read, in the file it was found in first; None where unknown."""
    row = connection.execute(
        "SELECT text, title, date, byline, source, script, wording, content_sha256"
        " FROM articles WHERE id = ?",
        (article_id,),
    ).fetchone()
    if row is None:
        return None
    text, title, date, byline, source, script, wording, content_sha256 = row
    path, part, sha256, size, format_name, encoding, names = _first_place(connection, article_id)
    return Article(
        path=path,
        sha256=sha256 or content_sha256,
        size=size,
        format=format_name,
        encoding=encoding,
        script=Script(script),
        text=text,
        passages=load_passages(connection, article_id),
        removals=load_removals(connection, article_id),
        left_out=tuple(
            LeftOut(*found)
            for found in connection.execute(
                "SELECT characters, reason FROM left_out WHERE article_id = ? ORDER BY number",
                (article_id,),
            )
        ),
        title=title,
        date=date,
        byline=byline,
        source=source,
        part=part,
        wording=Wording(wording) if wording else None,
        findings=tuple(
            Finding(*found)
            for found in connection.execute(
                'SELECT field, "where", detail, start, "end" FROM findings'
                " WHERE article_id = ? ORDER BY number",
                (article_id,),
            )
        ),
        names=names,
    )


def load_passages(connection: sqlite3.Connection, article_id: int) -> tuple[Passage, ...]:
    """Return the passages of an article, in order."""
    rows = connection.execute(
        'SELECT number, start, "end", sentences, id FROM passages'
        " WHERE article_id = ? ORDER BY number",
        (article_id,),
    )
    return tuple(
        Passage(number, start, end, unpacked(sentences, start), passage_id)
        for number, start, end, sentences, passage_id in rows
    )


def load_removals(connection: sqlite3.Connection, article_id: int) -> tuple[Removal, ...]:
    """Return what is not article in an article, in order."""
    rows = connection.execute(
        'SELECT start, "end", rule, reason FROM removals WHERE article_id = ? ORDER BY number',
        (article_id,),
    )
    return tuple(Removal(*row) for row in rows)


def _first_place(
    connection: sqlite3.Connection, article_id: int
) -> tuple[Path, str | None, str, int, str, Encoding, tuple[str, ...]]:
    row = connection.execute(
        "SELECT path, part, occurrences.sha256, occurrences.size, format, encoding, options"
        " FROM occurrences JOIN files ON files.id = file_id WHERE article_id = ?"
        " ORDER BY occurrences.id LIMIT 1",
        (article_id,),
    ).fetchone()
    if row is None:
        # Saved from a damaged library, of which the table of files could not be read.
        return Path("?"), None, "", 0, "?", Encoding("?", "?", 0.0), ()
    path, part, sha256, size, format_name, encoding, options = row
    names = tuple(json.loads(options).get("names", ()))
    how = from_json(Encoding, encoding)
    return Path(path), part or None, sha256, size, format_name, how, names


def delete(connection: sqlite3.Connection, article_id: int) -> None:
    """Delete an article and all that hangs on it; its files are read again when they are added."""
    stood_in = connection.execute(
        "SELECT DISTINCT file_id FROM occurrences WHERE article_id = ?", (article_id,)
    ).fetchall()
    connection.execute("DELETE FROM articles WHERE id = ?", (article_id,))
    connection.executemany("UPDATE files SET complete = 0 WHERE id = ?", stood_in)
    connection.executemany(
        "DELETE FROM files WHERE id = ?1"
        " AND NOT EXISTS (SELECT 1 FROM occurrences WHERE file_id = ?1)",
        stood_in,
    )


def forget_findings(connection: sqlite3.Connection, article_id: int) -> None:
    """Drop what was found in an article and cannot be understood; its text and title stay."""
    for table in _PARTS:
        connection.execute(f"DELETE FROM {table} WHERE article_id = ?", (article_id,))
    for column, values in (("script", Script), ("wording", Wording)):
        known = ", ".join(f"'{value.value}'" for value in values)
        otherwise = f"'{Script.OTHER.value}'" if column == "script" else "NULL"
        connection.execute(
            f"UPDATE articles SET {column} = {otherwise}"
            f" WHERE id = ? AND {column} NOT IN ({known})",
            (article_id,),
        )
    connection.execute(
        "UPDATE occurrences SET encoding = ? WHERE article_id = ?",
        (to_json(Encoding("?", "?", 0.0)), article_id),
    )
    connection.execute(
        "UPDATE OR REPLACE files SET options = '{}', complete = 0 WHERE id IN"
        " (SELECT file_id FROM occurrences WHERE article_id = ?)",
        (article_id,),
    )
