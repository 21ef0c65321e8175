"""The questions and answers of one conversation, the oldest on top."""

import asyncio
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from workbench.i18n import _
from workbench.store.conversations import KeptTurn
from workbench.tui.widgets.flowing import Flowing, Run
from workbench.tui.widgets.turn_view import EvidenceItem, TurnView


class TurnList(VerticalScroll, can_focus=False):
    """Shows turns as they are kept; where there is none, what to do."""

    DEFAULT_CSS = """
    TurnList {
        height: 1fr;
        & #turns-none { padding: 1 2; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._showing = asyncio.Lock()

    def compose(self) -> ComposeResult:
        """What to do, until there is a turn."""
        yield Flowing(_hints(), id="turns-none")

    async def show(self, turns: Sequence[KeptTurn]) -> None:
        """Show these turns; those that are shown already are only brought up to date."""
        async with self._showing:
            await self._bring_up_to_date(turns)

    async def _bring_up_to_date(self, turns: Sequence[KeptTurn]) -> None:
        views = {view.turn.id: view for view in self.query(TurnView)}
        wanted = {turn.id: turn for turn in turns}
        for turn_id, view in views.items():
            if turn_id not in wanted:
                await view.remove()
        changed = False
        for turn_id, turn in wanted.items():
            if turn_id in views:
                changed = await views[turn_id].settle(turn) or changed
            else:
                await self.mount(TurnView(turn))
                changed = True
        self.query_one("#turns-none").display = not wanted
        if changed:
            self.call_after_refresh(self.scroll_end, animate=False)

    def draft(self, turn_id: int | None, text: str) -> None:
        """Show what the model has written of the answer to a turn."""
        for view in self.query(TurnView):
            if view.turn.id == turn_id:
                view.draft(text)

    def turn(self, turn_id: int | None) -> KeptTurn | None:
        """Return a turn that is shown."""
        return next((view.turn for view in self.query(TurnView) if view.turn.id == turn_id), None)

    def to_evidence(self, by: int) -> bool:
        """Go to the quote before or after the one that has the focus; say whether there is one.

        From outside, the way up leads to the last quote.
        """
        items = list(self.query(EvidenceItem))
        focused = self.screen.focused
        at = items.index(focused) if isinstance(focused, EvidenceItem) else len(items)
        if not 0 <= at + by < len(items):
            return False
        items[at + by].focus()
        return True


def _hints() -> list[list[Run]]:
    return [
        [(_("Ask what the articles say."), "strong")],
        [
            (
                _(
                    "The answer comes first and is short; below it stand the sentences it is taken"
                    " from. Enter on one of them opens its passage. Where the articles do not say,"
                    " the answer says so, and what was searched."
                ),
                "quiet",
            )
        ],
        [
            (
                _(
                    "A question may lean on the one before. Ctrl+T changes what is asked, Ctrl+O"
                    " takes up an earlier conversation."
                ),
                "quiet",
            )
        ],
    ]
