"""The ask screen: questions to an article, the marked ones or the library, with evidence."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from workbench.desk.conversations import (
    ARTICLE,
    LIBRARY,
    SELECTION,
    Conversations,
    outcomes,
)
from workbench.desk.desk import Job
from workbench.desk.events import (
    DeskEvent,
    JobDone,
    JobFailed,
    JobStopped,
    QueueChanged,
)
from workbench.errors import WorkbenchError
from workbench.i18n import N_, _
from workbench.store import jobs
from workbench.store.conversations import Conversation, ConversationHead
from workbench.tui.controllers.conversation_keeping import ConversationKeeping
from workbench.tui.controllers.job_texts import JobTexts, waiting_line
from workbench.tui.messages import DeskMessage
from workbench.tui.while_there import while_there
from workbench.tui.widgets.conversation_list import ConversationList
from workbench.tui.widgets.keys_footer import KeysFooter
from workbench.tui.widgets.question_input import QuestionInput
from workbench.tui.widgets.scope_bar import ScopeBar
from workbench.tui.widgets.turn_list import TurnList
from workbench.tui.widgets.turn_view import EvidenceItem
from workbench.tui.widgets.work_status import WorkStatus

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

_WIDE = 100
"""From so many cells on, the conversations stand beside the one that is open."""


class AskScreen(ConversationKeeping):
    """One conversation at a time; every question and answer is kept as it comes."""

    TITLE = N_("Ask")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", N_("Stop"), id="ask.stop", show=False),
        Binding("ctrl+n", "new", N_("New"), id="ask.new"),
        Binding("ctrl+t", "next_scope", N_("Ask what"), id="ask.scope"),
    ]
    DEFAULT_CSS = """
    AskScreen {
        & ConversationList { display: none; }
        &.-wide ConversationList { display: block; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._scope = ARTICLE
        self._seen: tuple[int | None, tuple[int, ...]] = (None, ())
        self._job_id: int | None = None
        self._turn_id: int | None = None
        self._texts = JobTexts()

    @property
    def shell(self) -> "WorkbenchApp":
        """Return the app, with the desk and the library."""
        return cast("WorkbenchApp", self.app)

    @property
    def field(self) -> QuestionInput:
        """Return where questions are written."""
        return self.query_one(QuestionInput)

    def compose(self) -> ComposeResult:
        """What is asked, the turns, and where the next question is written."""
        self.conversations = Conversations(self.shell.library)
        with Horizontal():
            yield ConversationList()
            with Vertical():
                yield ScopeBar(self.shell.library)
                yield TurnList()
                yield WorkStatus()
                yield QuestionInput(
                    id="ask-field",
                    placeholder=_("Your question. Enter asks, Ctrl+J begins a new line."),
                )
        yield KeysFooter()

    def on_mount(self) -> None:
        """Begin with what is there, and see what was answered since the program ended."""
        self._seen = self._now()
        self._turn_to(self._first_scope())
        self.field.focus()
        self._settle()

    def on_resize(self) -> None:
        """In a wide terminal the conversations stand beside."""
        self.set_class(self.size.width >= _WIDE, "-wide")

    def on_screen_resume(self) -> None:
        """Ask what is open or marked now; what was answered meanwhile is shown."""
        before, self._seen = self._seen, self._now()
        if self._job_id is None:
            other_article, other_selection = (
                then != now for then, now in zip(before, self._seen, strict=True)
            )
            if (other_article and self._scope == ARTICLE) or (
                other_selection and self._scope == SELECTION
            ):
                self.conversation = None
            if self.conversation is None:
                self._turn_to(self._first_scope() if before != self._seen else self._scope)
                self._show_now(None)
        self._settle()

    def _now(self) -> tuple[int | None, tuple[int, ...]]:
        return self.shell.article_id, tuple(self.shell.selected)

    def _first_scope(self) -> str:
        article, selection = self._now()
        if len(selection) > 1:
            return SELECTION
        return ARTICLE if article is not None else LIBRARY

    # What is asked.

    @property
    def _article_ids(self) -> tuple[int, ...]:
        """Return the articles a question would be put to; none where that is the library."""
        if self._scope == LIBRARY:
            return ()
        kept = self.conversation
        if kept is not None and kept.scope == self._scope:
            return kept.article_ids
        article, selection = self._seen
        if self._scope == SELECTION:
            return selection
        return () if article is None else (article,)

    def _turn_to(self, scope: str) -> None:
        self._scope = scope
        self.query_one(ScopeBar).show(scope, self._article_ids)

    @on(ScopeBar.Changed)
    def _scope_chosen(self, event: ScopeBar.Changed) -> None:
        event.stop()
        self._turn_to(event.scope)

    # Asking.

    @on(QuestionInput.Sent)
    def _sent(self, event: QuestionInput.Sent) -> None:
        event.stop()
        if self._job_id is not None:
            self.notify(_("the question before is still being answered; Esc stops it"))
            return
        if event.text.strip():
            self.field.text = ""
            self.query_one(WorkStatus).busy(_("looking for what may answer"))
            kept = self.conversation
            self._put(event.text, self._scope, self._article_ids, kept.id if kept else None)

    @on(QuestionInput.Left)
    def _field_left(self, event: QuestionInput.Left) -> None:
        event.stop()
        self.query_one(TurnList).to_evidence(-1)

    @work(thread=True, group="put")
    def _put(
        self, question: str, scope: str, article_ids: Sequence[int], conversation_id: int | None
    ) -> None:
        """Find the articles and hand the question over; done beside, a library may be large."""
        try:
            asked, job = self.conversations.put(
                self.shell.desk, question, scope, article_ids, conversation_id
            )
            conversation = self.conversations.load(asked.conversation_id)
        except WorkbenchError as error:
            self.call_later(self._refused, question, str(error))
            return
        self.call_later(self._begun, conversation, asked.turn_id, job)

    @while_there
    def _refused(self, question: str, error: str) -> None:
        self.query_one(WorkStatus).failed(error)
        self.field.put_back(question)

    async def _begun(self, conversation: Conversation, turn_id: int, job: Job) -> None:
        self._turn_id, self._job_id = turn_id, job.id
        await self._show(conversation)
        self._look_at_queue()  # it may have ended before its number was known here
        self._show_progress()
        self._settle()

    def action_stop(self) -> None:
        """Stop the question that is being answered; else go back to the field."""
        if self._job_id is not None:
            self._cancel(self._job_id)
        else:
            self.field.focus()

    @work(thread=True, group="put")
    def _cancel(self, job_id: int) -> None:
        try:
            self.shell.desk.cancel(job_id)
        except WorkbenchError as error:
            self.call_later(self.notify, str(error), severity="error")

    def on_desk_message(self, message: DeskMessage) -> None:
        """Follow the question that is being answered; others' answers are taken up too."""
        event: DeskEvent = message.event
        self._texts.take(event)
        if isinstance(event, QueueChanged):
            self._look_at_queue()
            return
        if isinstance(event, JobDone | JobFailed | JobStopped) and event.job_id != self._job_id:
            self._settle()
        if self._job_id is None or getattr(event, "job_id", None) != self._job_id:
            return
        match event:
            case JobDone() | JobFailed():
                self._over(failed=isinstance(event, JobFailed))
            case JobStopped():
                self._stopped()
            case _:
                self._show_progress()

    def _show_progress(self) -> None:
        """Show how far the question is, also where that was told before its number was known."""
        if self._job_id is None:
            return
        written = self._texts.of(self._job_id)
        line = written.void or self._texts.line(self._job_id) or waiting_line(self.shell.desk)
        self.query_one(WorkStatus).busy(f"{line} · {_('Esc stops')}")
        if written.drafts and written.drafts[-1]:
            self.query_one(TurnList).draft(self._turn_id, written.drafts[-1])

    def _over(self, *, failed: bool) -> None:
        """Show what came of the question; one that failed is put back, to be asked once more."""
        if failed:
            self._offer_again()
        self._job_id = self._turn_id = None
        self.query_one(WorkStatus).quiet()
        self._settle()

    def _offer_again(self) -> None:
        """Put a question that failed back into the field, to be asked once more."""
        turn = self.query_one(TurnList).turn(self._turn_id)
        if turn is not None:
            self.field.put_back(turn.question)

    def _look_at_queue(self) -> None:
        """See whether the question left the queue without a word of it here."""
        if self._job_id is None:
            return
        try:
            state = self.shell.desk.job(self._job_id).state
        except WorkbenchError:
            state = jobs.CANCELLED
        if state == jobs.CANCELLED:
            self._stopped()
        elif state in (jobs.DONE, jobs.FAILED):
            self._over(failed=state == jobs.FAILED)
        elif state == jobs.WAITING:
            self._show_progress()

    def _stopped(self) -> None:
        """Take the question back into the field."""
        turn_id, self._turn_id, self._job_id = self._turn_id, None, None
        self.query_one(WorkStatus).quiet(_("stopped; the question is in the field again"))
        turn = self.query_one(TurnList).turn(turn_id)
        if turn is None:
            return
        self.field.put_back(turn.question)
        self.field.focus()
        self._take_back(turn.id)

    @work(thread=True, group="put")
    def _take_back(self, turn_id: int) -> None:
        try:
            self.conversations.take_back(turn_id)
        except WorkbenchError as error:
            self.call_later(self.notify, str(error), severity="error")
        self.reload()

    # What is kept.

    @work(thread=True, group="settle")
    def _settle(self) -> None:
        """Enter what was answered, and show the conversation and the list as they are now."""
        try:
            self.conversations.settle(outcomes(self.shell.desk))
        except WorkbenchError as error:
            self.call_later(self.notify, str(error), severity="error")
        self.reload()

    def reload(self) -> None:
        """Read what is shown anew; on a thread of its own."""
        current = self.conversation
        heads: list[ConversationHead] = []
        found: Conversation | None = None
        try:
            heads = self.conversations.listed()
            if current is not None and any(head.id == current.id for head in heads):
                found = self.conversations.load(current.id)
        except WorkbenchError as error:
            self.call_later(self.notify, str(error), severity="error")
            return
        self.call_later(self._reloaded, current, found)
        self.call_later(self._list, heads)

    async def _reloaded(self, before: Conversation | None, found: Conversation | None) -> None:
        now = self.conversation
        if before is None or now is None or now.id != before.id:
            return  # Another one was opened meanwhile.
        await self._show(found)

    @while_there
    def _list(self, heads: Sequence[ConversationHead]) -> None:
        current = self.conversation.id if self.conversation else None
        self.query_one(ConversationList).show(heads, current)

    async def _show(self, conversation: Conversation | None) -> None:
        """Show a conversation as it is kept, or that nothing was asked yet."""
        another = (conversation.id if conversation else None) != (
            self.conversation.id if self.conversation else None
        )
        self.conversation = conversation
        self._release(conversation)
        await self.query_one(TurnList).show(conversation.turns if conversation else ())
        if another and conversation is not None:
            self._turn_to(conversation.scope)

    def _release(self, conversation: Conversation | None) -> None:
        """Follow no job whose answer is here already: it may come before its number is known."""
        for turn in conversation.turns if conversation else ():
            if turn.id == self._turn_id and (turn.answer is not None or turn.error):
                self._job_id = self._turn_id = None
                self.query_one(WorkStatus).quiet()

    @work(group="show")
    async def _show_now(self, conversation: Conversation | None) -> None:
        await self._show(conversation)

    @on(ConversationList.Wanted)
    def _open_listed(self, event: ConversationList.Wanted) -> None:
        event.stop()
        self.open_conversation(event.conversation_id)

    @work(thread=True, exclusive=True, group="open")
    def open_conversation(self, conversation_id: int) -> None:
        """Show another conversation."""
        try:
            found = self.conversations.load(conversation_id)
            heads = self.conversations.listed()
        except WorkbenchError as error:
            self.call_later(self.notify, str(error), severity="error")
            return
        self.call_later(self._opened, found)
        self.call_later(self._list, heads)

    async def _opened(self, conversation: Conversation) -> None:
        self._follow_awaited(conversation)
        await self._show(conversation)
        self.field.focus()
        self._settle()  # its answer may have come between reading it and showing it

    def _follow_awaited(self, conversation: Conversation) -> None:
        """Follow the job that is to answer the last question, where it waits or runs."""
        last = conversation.turns[-1] if conversation.turns else None
        waits = last is not None and last.answer is None and not last.error
        self._turn_id = last.id if last is not None and waits else None
        self._job_id = last.job_id if last is not None and waits else None
        self.query_one(WorkStatus).quiet()
        self._show_progress()

    # Keys.

    async def action_new(self) -> None:
        """Begin a new conversation; the one that is open stays in the list."""
        self._job_id = self._turn_id = None
        self._seen = self._now()
        self.query_one(WorkStatus).quiet()
        await self._show(None)
        self._turn_to(self._scope)
        self._settle()
        self.field.focus()

    def action_next_scope(self) -> None:
        """Ask something else: the article, the marked ones, the library."""
        self.query_one(ScopeBar).turn()

    def action_evidence(self, by: int) -> None:
        """Go from quote to quote, and from the last one back to the field."""
        if not self.query_one(TurnList).to_evidence(by) and by > 0:
            self.field.focus()

    @on(EvidenceItem.Opened)
    def _open_passage(self, event: EvidenceItem.Opened) -> None:
        event.stop()
        self.shell.open_article(event.article_id, event.spans)
