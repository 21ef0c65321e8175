"""Conversations: what is asked is kept, answered by jobs, and taken up again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tasks.tasks_support import MODEL, SIMPLIFIED, TRADITIONAL, ScriptedEngine, article_of

from workbench.desk.conversations import (
    ARTICLE,
    LIBRARY,
    SELECTION,
    Conversations,
    answer_of,
    exported,
    outcomes,
    place_of,
)
from workbench.errors import LibraryError, UsageError
from workbench.prompting.library import find_template
from workbench.settings import Settings
from workbench.store.library import Library
from workbench.tasks.recording import Recorder
from workbench.tasks.work import Work, perform

STALLS = "早市的新棚有多少个摊位？"


def saying(answer: str) -> ScriptedEngine:
    return ScriptedEngine(lambda _request: answer)


@dataclass(frozen=True)
class HeldJob:
    id: int
    work: Work
    article_ids: tuple[int, ...]
    state: str = "waiting"
    error: str = ""
    result_id: int | None = None


class HeldDesk:
    """A desk whose jobs are done when a test says so."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.settings = Settings()
        self.held: list[HeldJob] = []
        self.refuses = False

    def submit(self, work: Work, article_ids: Sequence[int], **_options: Any) -> HeldJob:
        if self.refuses:
            raise LibraryError("the queue cannot be written")
        self.held.append(HeldJob(len(self.held) + 1, work, tuple(article_ids)))
        return self.held[-1]

    def job(self, job_id: int) -> HeldJob:
        if not 0 < job_id <= len(self.held):
            raise LibraryError("there is no such job")
        return self.held[job_id - 1]

    def end(self, engine: ScriptedEngine) -> None:
        """Do the last job."""
        job = self.held[-1]
        articles = [self.library.get(one) for one in job.article_ids]
        answer = perform(job.work, articles, find_template("answer"), engine, MODEL)
        with Recorder(print, self.library.path) as recorder:
            cited = [articles[number] for number in answer.cited]  # type: ignore[attr-defined]
            result_id = recorder.record(cited, answer)
        self.held[-1] = replace(job, state="done", result_id=result_id)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.db") as opened:
        opened.add(article_of(tmp_path, SIMPLIFIED, "早市.txt"))
        opened.add(article_of(tmp_path, TRADITIONAL, "圖書車.txt"))
        yield opened


def settled(conversations: Conversations, desk: HeldDesk) -> int:
    return conversations.settle(outcomes(desk))  # type: ignore[arg-type]


def ask(conversations: Conversations, desk: HeldDesk, *given: Any) -> Any:
    asked, _job = conversations.put(desk, *given)  # type: ignore[arg-type]
    return asked


def test_a_question_is_kept_at_once_and_its_answer_when_the_job_is_done(library: Library) -> None:
    conversations, desk = Conversations(library), HeldDesk(library)

    asked = ask(conversations, desk, STALLS, ARTICLE, (1,), None)
    (turn,) = conversations.load(asked.conversation_id).turns
    assert (turn.question, turn.answer, turn.error) == (STALLS, None, "")
    assert settled(conversations, desk) == 0

    desk.end(saying("128个摊位"))
    assert settled(conversations, desk) == 1
    (turn,) = conversations.load(asked.conversation_id).turns
    answer = answer_of(turn)
    assert answer is not None
    assert answer.text == "128个摊位"
    article_id, ((start, end),) = place_of(answer, answer.evidence[0], turn.article_ids) or (0, ())
    assert library.get(article_id).text[start:end] == answer.evidence[0].quote
    assert settled(conversations, desk) == 0


def test_an_answer_that_came_while_the_program_was_ended_is_entered_later(
    library: Library,
) -> None:
    desk = HeldDesk(library)
    asked = ask(Conversations(library), desk, STALLS, ARTICLE, (1,), None)
    desk.end(saying("128个摊位"))

    later = Conversations(library)
    settled(later, desk)

    assert later.load(asked.conversation_id).turns[0].answer is not None


def test_an_answer_is_found_though_its_job_was_taken_off_the_list(library: Library) -> None:
    conversations, desk = Conversations(library), HeldDesk(library)
    asked = ask(conversations, desk, STALLS, ARTICLE, (1,), None)
    other = ask(conversations, desk, STALLS, ARTICLE, (2,), None)
    desk.held.pop()
    desk.end(saying("128个摊位"))
    desk.held.clear()

    settled(conversations, desk)

    assert conversations.load(asked.conversation_id).turns[0].answer is not None
    assert conversations.load(other.conversation_id).turns[0].error == "the answer was lost"


def test_a_follow_up_leans_on_what_was_answered(library: Library) -> None:
    conversations, desk = Conversations(library), HeldDesk(library)
    first = ask(conversations, desk, STALLS, ARTICLE, (1,), None)
    desk.end(saying("128个摊位"))
    settled(conversations, desk)

    second = ask(conversations, desk, "那摊位费呢？", ARTICLE, (1,), first.conversation_id)

    assert second.conversation_id == first.conversation_id
    assert [turn.answer for turn in desk.held[-1].work.conversation] == ["128个摊位"]
    assert len(conversations.load(first.conversation_id).turns) == 2


def test_of_the_library_the_articles_that_may_answer_are_asked(library: Library) -> None:
    conversations, desk = Conversations(library), HeldDesk(library)

    asked = ask(conversations, desk, STALLS, LIBRARY, (), None)

    assert set(asked.article_ids) == {1, 2}
    assert desk.held[-1].work.library_articles == 2
    assert conversations.load(asked.conversation_id).article_ids == ()


def test_what_cannot_be_asked_is_told_and_nothing_is_kept(library: Library, tmp_path: Path) -> None:
    conversations, desk = Conversations(library), HeldDesk(library)
    for question, scope in ((" ", ARTICLE), (STALLS, ARTICLE), (STALLS, SELECTION)):
        with pytest.raises(UsageError):
            conversations.put(desk, question, scope, (), None)  # type: ignore[arg-type]
    with (
        Library.open(tmp_path / "empty.db") as empty,
        pytest.raises(UsageError, match="no article"),
    ):
        Conversations(empty).put(desk, STALLS, LIBRARY, (), None)  # type: ignore[arg-type]
    desk.refuses = True
    with pytest.raises(LibraryError):
        conversations.put(desk, STALLS, ARTICLE, (1,), None)  # type: ignore[arg-type]
    assert conversations.listed() == []


def test_a_question_that_was_stopped_or_failed_says_so_or_is_taken_back(library: Library) -> None:
    conversations, desk = Conversations(library), HeldDesk(library)
    failed = ask(conversations, desk, STALLS, ARTICLE, (1,), None)
    desk.held[-1] = replace(desk.held[-1], state="failed", error="the engine died")
    stopped = ask(conversations, desk, STALLS, ARTICLE, (1,), failed.conversation_id)
    desk.held[-1] = replace(desk.held[-1], state="cancelled")
    lost = ask(conversations, desk, STALLS, ARTICLE, (1,), failed.conversation_id)
    desk.held.pop()
    settled(conversations, desk)

    errors = [turn.error for turn in conversations.load(failed.conversation_id).turns]
    assert errors == ["the engine died", "stopped", "the answer was lost"]

    for asked in (failed, stopped, lost):
        conversations.take_back(asked.turn_id)
    assert conversations.listed() == []
    with pytest.raises(LibraryError):
        conversations.load(failed.conversation_id)


def test_a_job_of_another_question_does_not_answer_this_one(library: Library) -> None:
    conversations, desk = Conversations(library), HeldDesk(library)
    other = ask(conversations, desk, "早市的摊位费是多少？", ARTICLE, (1,), None)
    desk.end(saying("每天8元"))
    settled(conversations, desk)
    with library.writing() as connection:
        connection.execute(
            "UPDATE conversation_turns SET question = ?, answer = NULL WHERE id = ?",
            (STALLS, other.turn_id),
        )

    settled(conversations, desk)

    (turn,) = conversations.load(other.conversation_id).turns
    assert (turn.answer, turn.error) == (None, "the answer was lost")


def test_conversations_are_listed_named_exported_and_deleted(library: Library) -> None:
    conversations, desk = Conversations(library), HeldDesk(library)
    first = ask(conversations, desk, STALLS, ARTICLE, (1,), None)
    desk.end(saying("128个摊位"))
    ask(conversations, desk, "圖書車每週到哪裡？", SELECTION, (1, 2), None)
    settled(conversations, desk)

    assert [head.title for head in conversations.listed()][-1] == STALLS
    conversations.rename(first.conversation_id, " 早市 的事 ")
    assert "早市 的事" in {head.title for head in conversations.listed()}
    with pytest.raises(UsageError):
        conversations.rename(first.conversation_id, "  ")

    text = exported(conversations.load(first.conversation_id))
    assert text.startswith("# 早市 的事\n")
    assert STALLS in text
    assert "128个摊位" in text

    conversations.delete(first.conversation_id)
    assert len(conversations.listed()) == 1
    with pytest.raises(LibraryError):
        conversations.rename(first.conversation_id, "x")


def test_a_conversation_outlives_its_articles(library: Library) -> None:
    conversations, desk = Conversations(library), HeldDesk(library)
    asked = ask(conversations, desk, STALLS, ARTICLE, (1,), None)
    desk.end(saying("128个摊位"))
    settled(conversations, desk)

    library.remove(1)

    found = conversations.load(asked.conversation_id)
    assert found.article_ids == ()
    assert answer_of(found.turns[0]) is not None
