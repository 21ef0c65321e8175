"""Conversations as they are kept: what they are about, each question and its answer."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import LibraryError, UsageError
from workbench.files import encodable
from workbench.i18n import _
from workbench.store.schema import now

SCOPES = ("article", "selection", "library")
"""What a question may be put to."""
_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A question; ``answer`` is its JSON, None while awaited or where ``error`` says why.

    ``article_ids`` are the articles it was put to, in the order in which the answer numbers them.
    """

    id: int
    question: str
    asked_at: str
    job_id: int | None
    answer: Mapping[str, Any] | None
    article_ids: tuple[int, ...]
    error: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with its turns, the oldest first; ``article_ids`` is empty for the library."""

    id: int
    title: str
    scope: str
    created_at: str
    changed_at: str
    article_ids: tuple[int, ...]
    turns: tuple[KeptTurn, ...]


@dataclass(frozen=True, slots=True)
class ConversationHead:
    """A conversation in a list; ``title`` is the first question where nobody named it."""

    id: int
    title: str
    scope: str
    changed_at: str
    turns: int


def create(connection: sqlite3.Connection, scope: str, article_ids: Sequence[int] = ()) -> int:
    """Begin a conversation about articles, or about the library; return its id."""
    if scope not in SCOPES:
        raise ValueError(scope)
    cursor = connection.execute(
        "INSERT INTO conversations (scope, created_at, changed_at) VALUES (?, ?, ?)",
        (scope, now(), now()),
    )
    conversation_id = int(cursor.lastrowid or 0)
    place(connection, conversation_id, scope, article_ids)
    return conversation_id


def place(
    connection: sqlite3.Connection, conversation_id: int, scope: str, article_ids: Sequence[int]
) -> None:
    """Have a conversation be about other articles from now on."""
    _require(
        connection.execute(
            "UPDATE conversations SET scope = ? WHERE id = ?", (scope, conversation_id)
        ),
        conversation_id,
    )
    connection.execute(
        "DELETE FROM conversation_articles WHERE conversation_id = ?", (conversation_id,)
    )
    distinct = dict.fromkeys(article_ids)
    connection.executemany(
        "INSERT INTO conversation_articles VALUES (?, ?, ?)",
        [(conversation_id, number, one) for number, one in enumerate(distinct, start=1)],
    )


def rename(connection: sqlite3.Connection, conversation_id: int, title: str) -> None:
    """Name a conversation; UsageError for a name that says nothing or is too long."""
    name = " ".join(encodable(title).split())
    if not name or len(name) > _LONGEST_TITLE or not name.isprintable():
        raise UsageError(
            _("a conversation's name has 1 to {most} characters").format(most=_LONGEST_TITLE)
        )
    _require(
        connection.execute(
            "UPDATE conversations SET title = ? WHERE id = ?", (name, conversation_id)
        ),
        conversation_id,
    )


def delete(connection: sqlite3.Connection, conversation_id: int) -> None:
    """Delete a conversation with all its turns."""
    _require(
        connection.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,)),
        conversation_id,
    )


def listed(connection: sqlite3.Connection, limit: int = 200) -> list[ConversationHead]:
    """Return the conversations in which something was asked, the one changed last first."""
    rows = connection.execute(
        "SELECT conversations.id, coalesce(nullif(title, ''), (SELECT question FROM"
        "  conversation_turns WHERE conversation_id = conversations.id ORDER BY id LIMIT 1)),"
        " scope, changed_at, (SELECT count(*) FROM conversation_turns"
        "  WHERE conversation_id = conversations.id) AS turns"
        " FROM conversations WHERE turns > 0 OR title <> ''"
        " ORDER BY changed_at DESC, conversations.id DESC LIMIT ?",
        (limit,),
    )
    return [ConversationHead(*row) for row in rows]


def load(connection: sqlite3.Connection, conversation_id: int) -> Conversation:
    """Return a conversation; LibraryError where there is none of that id."""
    row = connection.execute(
        "SELECT id, title, scope, created_at, changed_at FROM conversations WHERE id = ?",
        (conversation_id,),
    ).fetchone()
    if row is None:
        raise _unknown(conversation_id)
    about = connection.execute(
        "SELECT article_id FROM conversation_articles WHERE conversation_id = ? ORDER BY position",
        (conversation_id,),
    ).fetchall()
    turns = connection.execute(
        "SELECT id, question, asked_at, job_id, answer, article_ids, error FROM conversation_turns"
        " WHERE conversation_id = ? ORDER BY id",
        (conversation_id,),
    ).fetchall()
    known, title, scope, created_at, changed_at = row
    return Conversation(
        known,
        title,
        scope,
        created_at,
        changed_at,
        article_ids=tuple(one for (one,) in about),
        turns=tuple(map(_turn, turns)),
    )


def add_turn(
    connection: sqlite3.Connection, conversation_id: int, question: str, article_ids: Sequence[int]
) -> int:
    """Enter a question that is put to these articles; return the id of its turn."""
    _require(
        connection.execute(
            "UPDATE conversations SET changed_at = ? WHERE id = ?", (now(), conversation_id)
        ),
        conversation_id,
    )
    cursor = connection.execute(
        "INSERT INTO conversation_turns (conversation_id, question, asked_at, article_ids)"
        " VALUES (?, ?, ?, ?)",
        (conversation_id, encodable(question), now(), json.dumps(list(article_ids))),
    )
    return int(cursor.lastrowid or 0)


def forget_failed(connection: sqlite3.Connection, conversation_id: int, question: str) -> None:
    """Drop the last turn where it is this question and failed: it is asked once more."""
    connection.execute(
        "DELETE FROM conversation_turns WHERE error <> '' AND question = ?2 AND id ="
        " (SELECT max(id) FROM conversation_turns WHERE conversation_id = ?1)",
        (conversation_id, encodable(question)),
    )


def await_job(connection: sqlite3.Connection, turn_id: int, job_id: int) -> None:
    """Note which job is to answer a turn."""
    connection.execute(
        "UPDATE conversation_turns SET job_id = ?, error = '' WHERE id = ?", (job_id, turn_id)
    )


def awaiting(connection: sqlite3.Connection) -> list[KeptTurn]:
    """Return the turns that have neither an answer nor a reason for having none."""
    rows = connection.execute(
        "SELECT id, question, asked_at, job_id, answer, article_ids, error FROM conversation_turns"
        " WHERE answer IS NULL AND error = '' ORDER BY id"
    ).fetchall()
    return list(map(_turn, rows))


def answer_turn(connection: sqlite3.Connection, turn_id: int, answer: Mapping[str, Any]) -> None:
    """Enter what was answered, as JSON-ready values."""
    connection.execute(
        "UPDATE conversation_turns SET answer = ?, error = '' WHERE id = ?",
        (encodable(json.dumps(answer, ensure_ascii=False)), turn_id),
    )


def fail_turn(connection: sqlite3.Connection, turn_id: int, error: str) -> None:
    """Enter why there is no answer."""
    connection.execute(
        "UPDATE conversation_turns SET error = ? WHERE id = ?", (encodable(error), turn_id)
    )


def remove_turn(connection: sqlite3.Connection, turn_id: int) -> None:
    """Take a question back; a conversation that holds nothing any more goes with it."""
    row = connection.execute(
        "DELETE FROM conversation_turns WHERE id = ? RETURNING conversation_id", (turn_id,)
    ).fetchone()
    if row is not None:
        connection.execute(
            "DELETE FROM conversations WHERE id = ?1 AND title = '' AND NOT EXISTS"
            " (SELECT 1 FROM conversation_turns WHERE conversation_id = ?1)",
            row,
        )


def _turn(row: tuple[Any, ...]) -> KeptTurn:
    turn_id, question, asked_at, job_id, answer, article_ids, error = row
    return KeptTurn(
        turn_id,
        question,
        asked_at,
        job_id,
        None if answer is None else json.loads(answer),
        tuple(json.loads(article_ids)),
        error,
    )


def _require(cursor: sqlite3.Cursor, conversation_id: int) -> None:
    if not cursor.rowcount:
        raise _unknown(conversation_id)


def _unknown(conversation_id: int) -> LibraryError:
    return LibraryError(_("there is no conversation {id} any more").format(id=conversation_id))
