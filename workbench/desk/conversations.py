"""Conversations with articles: questions are put, answers kept, and taken up again later."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.engine.protocol import Sampling
from workbench.errors import UsageError, WorkbenchError
from workbench.i18n import _
from workbench.settings import Settings
from workbench.store import conversations as store
from workbench.store.conversations import Conversation, ConversationHead, KeptTurn
from workbench.store.latest import latest
from workbench.store.library import Library
from workbench.tasks.ask.answer import Answer, Evidence, Turn
from workbench.tasks.ask.conversation import in_full
from workbench.tasks.ask.gathering import choose
from workbench.tasks.ask.views import as_markdown
from workbench.tasks.stored import answer_from
from workbench.tasks.views import escape
from workbench.tasks.work import Work

if TYPE_CHECKING:
    from workbench.desk.desk import Desk, Job

ARTICLE, SELECTION, LIBRARY = store.SCOPES
TASK = "ask"
TEMPLATE = "answer"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to be answered: its conversation and turn, and the articles it is put to.

    ``turns`` are the earlier ones it may lean on; ``library_articles`` counts those among which
    the articles were chosen, None where all that were meant are asked.
    """

    conversation_id: int
    turn_id: int
    question: str
    article_ids: tuple[int, ...]
    turns: tuple[Turn, ...]
    library_articles: int | None


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a job: the result it left, or why it left none."""

    result_id: int | None
    error: str


class Conversations:
    """The conversations of a library. Any thread may use it; every change is written at once."""

    def __init__(self, library: Library):
        self._library = library
        # A question is entered, handed over and noted as one: nobody takes it for lost meanwhile.
        self._lock = threading.RLock()

    def listed(self) -> list[ConversationHead]:
        """Return the conversations, the one changed last first."""
        with self._library.understanding() as connection:
            return store.listed(connection)

    def load(self, conversation_id: int) -> Conversation:
        """Return a conversation; LibraryError where there is none of that id."""
        with self._library.understanding() as connection:
            return store.load(connection, conversation_id)

    def rename(self, conversation_id: int, title: str) -> None:
        """Name a conversation; UsageError where that is no name."""
        with self._library.writing() as connection:
            store.rename(connection, conversation_id, title)

    def delete(self, conversation_id: int) -> None:
        """Delete a conversation with its turns."""
        with self._library.writing() as connection:
            store.delete(connection, conversation_id)

    def begin(
        self, question: str, scope: str, article_ids: Sequence[int], conversation_id: int | None
    ) -> Asked:
        """Enter a question, in a new conversation where none is named; return what is to be asked.

        A question that failed just before and is asked once more takes the place of itself. Of the
        library, and of a selection that is large, the articles are those that may answer.
        UsageError says what is missing: words, or articles.
        """
        if not question.strip():
            raise UsageError(_("the question is empty"), fix=_("Write what you want to know."))
        turns = self.turns(conversation_id) if conversation_id is not None else ()
        meant = None if scope == LIBRARY else tuple(dict.fromkeys(article_ids))
        chosen = choose(self._library, in_full(question, turns), meant)
        if not chosen.article_ids:
            raise _nothing_to_ask(scope)
        article_ids = readable_articles(self._library, chosen.article_ids)
        if not article_ids:
            raise UsageError(_("nothing is left of the article after cleaning"))
        kept = () if meant is None else meant
        with self._library.writing() as connection:
            if conversation_id is None:
                conversation_id = store.create(connection, scope, kept)
            else:
                store.place(connection, conversation_id, scope, kept)
                store.forget_failed(connection, conversation_id, question)
            turn_id = store.add_turn(connection, conversation_id, question, article_ids)
        among = chosen.among if scope == LIBRARY or chosen.among > len(article_ids) else None
        return Asked(conversation_id, turn_id, question, article_ids, turns, among)

    def put(
        self,
        desk: "Desk",
        question: str,
        scope: str,
        article_ids: Sequence[int],
        conversation_id: int | None,
    ) -> tuple[Asked, "Job"]:
        """Put a question through the desk, before all that waits; UsageError as ``begin``."""
        with self._lock:
            asked = self.begin(question, scope, article_ids, conversation_id)
            try:
                job = desk.submit(work_of(desk.settings, asked), asked.article_ids, first=True)
            except WorkbenchError:
                self.take_back(asked.turn_id)
                raise
            self.awaits(asked.turn_id, job.id)
        return asked, job

    def turns(self, conversation_id: int) -> tuple[Turn, ...]:
        """Return the answered turns of a conversation, which later questions may lean on."""
        return tuple(
            answer_from(turn.answer).turn
            for turn in self.load(conversation_id).turns
            if turn.answer is not None
        )

    def awaits(self, turn_id: int, job_id: int) -> None:
        """Note which job answers a turn."""
        with self._library.writing() as connection:
            store.await_job(connection, turn_id, job_id)

    def take_back(self, turn_id: int) -> None:
        """Take a question back that was not answered."""
        with self._library.writing() as connection:
            store.remove_turn(connection, turn_id)

    def settle(self, outcome: Callable[[int], Ended | None]) -> int:
        """Enter the answers of all jobs that ended; return how many turns were settled.

        ``outcome`` says what became of a job, None while it waits or runs. So an answer is kept
        though nobody looked on when it came, or the program was ended and took the job up again.
        """
        settled = 0
        with self._lock:
            with self._library.understanding() as connection:
                waiting = store.awaiting(connection)
            for turn in waiting:
                ended = _LOST if turn.job_id is None else outcome(turn.job_id)
                if ended is not None:
                    self._end(turn, ended)
                    settled += 1
        return settled

    def _end(self, turn: KeptTurn, ended: Ended) -> None:
        found = None
        if ended.result_id is not None:
            found = self._answer_in(turn, ended.result_id)
        elif not ended.error:
            found = self._answered_since(turn)
        with self._library.writing() as connection:
            if found is not None:
                store.answer_turn(connection, turn.id, found)
            else:
                store.fail_turn(connection, turn.id, ended.error or _("the answer was lost"))

    def _answer_in(self, turn: KeptTurn, result_id: int) -> Mapping[str, Any] | None:
        stored = self._library.result(result_id)
        asked = stored.result.get("question")
        fits = stored.task == TASK and asked == _one_line(turn.question)
        return stored.result if fits else None

    def _answered_since(self, turn: KeptTurn) -> Mapping[str, Any] | None:
        """Look for the answer among the results: its job may have been taken off the list."""
        with self._library.understanding() as connection:
            heads = latest(connection, TASK, _LOOKED_THROUGH)
        for head in heads:
            fits = head.created_at >= turn.asked_at and {*head.article_ids} <= {*turn.article_ids}
            if fits and (found := self._answer_in(turn, head.id)):
                return found
        return None


def work_of(settings: Settings, asked: Asked) -> Work:
    """Return what is asked of the model, by what the user set."""
    return Work(
        TASK,
        TEMPLATE,
        length=settings.length,
        script=settings.script,
        sampling=Sampling(temperature=settings.temperature, seed=settings.seed),
        question=asked.question,
        conversation=asked.turns,
        library_articles=asked.library_articles,
    )


_LOST = Ended(None, "")
_LOOKED_THROUGH = 50


def outcomes(desk: "Desk") -> Callable[[int], Ended | None]:
    """Return what says of a job what became of it; one that is not there any more is lost."""

    def outcome(job_id: int) -> Ended | None:
        try:
            job = desk.job(job_id)
        except WorkbenchError:
            return _LOST
        if job.state in ("waiting", "running"):
            return None
        if job.state == "cancelled":
            return Ended(None, _("stopped"))
        return Ended(job.result_id, job.error or "")

    return outcome


def answer_of(turn: KeptTurn) -> Answer | None:
    """Return the answer of a turn, None while there is none; LibraryError where it cannot be."""
    return None if turn.answer is None else answer_from(turn.answer)


def place_of(
    answer: Answer, evidence: Evidence, article_ids: Sequence[int]
) -> tuple[int, tuple[tuple[int, int], ...]] | None:
    """Return the article a quote is of and its span, None where that cannot be told.

    Articles of which nothing is left after cleaning are not asked, and so not numbered.
    """
    if len(article_ids) != len(answer.articles):
        return None
    return article_ids[evidence.article], ((evidence.start, evidence.end),)


def exported(conversation: Conversation) -> str:
    """Return a conversation as Markdown: each question, its answer, the evidence below."""
    title = conversation.title or next((turn.question for turn in conversation.turns), "")
    parts = [f"# {escape(title)}\n\n{escape(conversation.created_at)}\n"]
    for turn in conversation.turns:
        answer = answer_of(turn)
        if answer is not None:
            parts.append(as_markdown(answer))
        else:
            parts.append(f"**{escape(turn.question)}**\n\n{escape(turn.error or '…')}\n")
    return "\n".join(parts)


def readable_articles(library: Library, article_ids: Iterable[int]) -> tuple[int, ...]:
    """Return those of the articles that have passages, which alone can be asked."""
    wanted = tuple(article_ids)
    marks = ", ".join("?" * len(wanted))
    with library.reading() as connection:
        rows = connection.execute(
            f"SELECT DISTINCT article_id FROM passages WHERE article_id IN ({marks})", wanted
        )
        found = {article_id for (article_id,) in rows}
    return tuple(one for one in wanted if one in found)


def _one_line(question: str) -> str:
    return " ".join(question.split())


def _nothing_to_ask(scope: str) -> UsageError:
    if scope == LIBRARY:
        return UsageError(_("the library holds no article to ask"), fix=_("Add articles first."))
    if scope == SELECTION:
        return UsageError(_("no article is marked"), fix=_("Mark some in the library first."))
    return UsageError(_("no article is open"), fix=_("Open one in the library first."))
