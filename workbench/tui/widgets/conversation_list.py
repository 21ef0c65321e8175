"""The conversations that are kept, the one changed last on top."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from workbench.i18n import N_, _
from workbench.store.conversations import ConversationHead


class ConversationList(OptionList):
    """Lists conversations; says which is to be opened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("delete", "screen.delete", N_("Delete"), id="conversations.delete", show=False),
        Binding("r", "screen.rename", N_("Rename"), id="conversations.rename", show=False),
    ]
    DEFAULT_CSS = """
    ConversationList {
        width: 30;
        height: 1fr;
        border: none;
        border-right: solid $surface-lighten-2;
        padding: 0 1 0 0;
    }
    """

    @dataclass
    class Wanted(Message):
        """A conversation is to be shown."""

        conversation_id: int

    def show(self, heads: Sequence[ConversationHead], current: int | None) -> None:
        """Show conversations; ``current`` is the one that is open."""
        self.clear_options()
        for head in heads:
            text = Text(no_wrap=True, overflow="ellipsis")
            mark = "> " if head.id == current else "  "
            text.append(f"{mark}{' '.join(head.title.split())}", "bold" if mark == "> " else "")
            text.append(f"\n  {head.changed_at[:16].replace('T', ' ')} · {head.turns}", "dim")
            self.add_option(Option(text, id=str(head.id)))
        if not heads:
            self.add_option(Option(Text(_("no conversation yet"), "dim"), disabled=True))
        ids = [head.id for head in heads]
        if current in ids:
            self.highlighted = ids.index(current)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option.id:
            self.post_message(self.Wanted(int(event.option.id)))
