"""One question of a conversation and what came of it: the answer first, then the evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message

from workbench.desk.conversations import answer_of, place_of
from workbench.errors import LibraryError
from workbench.i18n import N_, _
from workbench.store.conversations import KeptTurn
from workbench.tasks.ask.answer import Answer, Evidence
from workbench.tasks.ask.views import footer, place_name, remarks
from workbench.tui.widgets.flowing import Flowing, Run

_SHOWN_DRAFT = 400


class EvidenceItem(Flowing, can_focus=True):
    """A quoted sentence; Enter or a click opens its article there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", N_("Open the passage"), id="evidence.open"),
        Binding("up,k", "screen.evidence(-1)", N_("Quote before"), id="evidence.up", show=False),
        Binding("down,j", "screen.evidence(1)", N_("Next quote"), id="evidence.down", show=False),
        Binding("y", "copy", N_("Copy"), id="evidence.copy"),
    ]
    DEFAULT_CSS = """
    EvidenceItem {
        margin: 0 0 0 2;
        padding: 0 1;
        border-left: wide $surface-lighten-2;
        &:hover { background: $boost; }
        &:focus { border-left: wide $primary; background: $boost; }
    }
    """

    @dataclass
    class Opened(Message):
        """The passage is to be shown in its article."""

        article_id: int
        spans: tuple[tuple[int, int], ...]

    def __init__(self, answer: Answer, evidence: Evidence, article_ids: Sequence[int]) -> None:
        super().__init__([_quote(answer, evidence)])
        self._place = place_of(answer, evidence, article_ids)
        self.quote = _one_line(evidence.quote)

    def action_open(self) -> None:
        """Open the article at the quote."""
        if self._place is not None:
            self.post_message(self.Opened(*self._place))

    def action_copy(self) -> None:
        """Put the quote and its place on the clipboard."""
        self.app.copy_to_clipboard(self.plain)
        self.notify(_("copied {count} characters").format(count=len(self.plain)))

    def on_click(self, event: events.Click) -> None:
        """A click opens it too."""
        event.stop()
        self.action_open()


class TurnView(Vertical):
    """Shows a turn as it is kept; while its answer is written, the draft of it."""

    DEFAULT_CSS = """
    TurnView {
        height: auto;
        padding: 0 1 1 1;
        & .turn-answer { padding: 0 0 0 2; }
        & .turn-remarks { padding: 0 0 0 2; }
        & .turn-footer { padding: 0 0 0 2; }
    }
    """

    def __init__(self, turn: KeptTurn) -> None:
        super().__init__()
        self.turn = turn

    def compose(self) -> ComposeResult:
        """The question, then whatever there is of an answer."""
        yield Flowing([[("? ", "label"), (_one_line(self.turn.question), "strong")]], indent=2)
        yield from self._outcome()

    async def settle(self, turn: KeptTurn) -> bool:
        """Show what became of the turn; say whether that is new."""
        if turn == self.turn:
            return False
        self.turn = turn
        await self.recompose()
        return True

    def draft(self, text: str) -> None:
        """Show what the model has written so far, as yet unchecked."""
        for waiting in self.query(".turn-draft").results(Flowing):
            waiting.show([[(_one_line(text)[-_SHOWN_DRAFT:], "quiet")]])

    @property
    def evidence(self) -> list[EvidenceItem]:
        """Return its quotes, in order."""
        return list(self.query(EvidenceItem))

    def _outcome(self) -> ComposeResult:
        try:
            answer = answer_of(self.turn)
        except LibraryError as error:
            yield Flowing([[(f"! {error}", "warning")]], classes="turn-answer")
            return
        if answer is not None:
            yield from self._answered(answer)
        elif self.turn.error:
            yield Flowing([[(f"! {self.turn.error}", "warning")]], classes="turn-answer")
        else:
            waiting = _("waiting for the model")
            yield Flowing([[(waiting, "quiet")]], classes="turn-answer turn-draft")

    def _answered(self, answer: Answer) -> ComposeResult:
        style = "warning" if answer.refused else "strong"
        yield Flowing([[(answer.text, style)]], classes="turn-answer")
        for evidence in answer.evidence:
            yield EvidenceItem(answer, evidence, self.turn.article_ids)
        told = remarks(answer)
        if told:
            lines = [[(f"! {one}", "warning")] for one in told]
            yield Flowing(lines, indent=2, classes="turn-remarks")
        yield Flowing([[(footer(answer), "quiet")]], classes="turn-footer")


def _quote(answer: Answer, evidence: Evidence) -> list[Run]:
    """Return a quote with its place, the words the answer was taken from marked."""
    runs: list[Run] = [(f"{place_name(answer, evidence)} ", "quiet")]
    span, quote = answer.span, evidence.quote
    if (
        span is None
        or span.article != evidence.article
        or not evidence.start <= span.start <= span.end <= evidence.end
    ):
        return [*runs, (_one_line(quote), "")]
    start, end = span.start - evidence.start, span.end - evidence.start
    return [
        *runs,
        (_one_line(quote[:start]), ""),
        (_one_line(quote[start:end]), "mark"),
        (_one_line(quote[end:]), ""),
    ]


def _one_line(text: str) -> str:
    return " ".join(text.split())
