"""Taking conversations up again, naming, exporting and deleting them."""

from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.screen import Screen

from workbench.desk.conversations import Conversations, exported
from workbench.errors import WorkbenchError
from workbench.files import write_atomically
from workbench.i18n import N_, _
from workbench.store.conversations import Conversation
from workbench.tui.dialogs.choose import Choice, ChooseDialog
from workbench.tui.dialogs.confirm import ConfirmDialog
from workbench.tui.dialogs.export import ExportDialog
from workbench.tui.dialogs.text import TextDialog


class ConversationKeeping(Screen[None]):
    """A screen that shows ``conversation``, one of ``conversations``.

    ``open_conversation`` shows another one, ``reload`` what was changed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o", "open", N_("Conversations"), id="ask.open"),
        Binding("f2", "rename", N_("Rename"), id="ask.rename", show=False),
        Binding("f3", "export", N_("Export"), id="ask.export", show=False),
        Binding("f4", "delete", N_("Delete"), id="ask.delete", show=False),
    ]

    conversations: Conversations
    conversation: Conversation | None = None

    def open_conversation(self, conversation_id: int) -> object:
        """Show a conversation."""
        raise NotImplementedError

    def reload(self) -> None:
        """Show what is kept now; called on a thread of its own."""
        raise NotImplementedError

    def action_open(self) -> None:
        """Choose among the conversations."""
        try:
            heads = self.conversations.listed()
        except WorkbenchError as error:
            self.notify(str(error), severity="error")
            return
        choices = [
            Choice(
                head.id,
                " ".join(head.title.split()),
                f"{head.changed_at[:16].replace('T', ' ')} · {head.turns}",
            )
            for head in heads
        ]
        dialog = ChooseDialog(_("Conversations"), choices, _("Nothing was asked yet."))
        self.app.push_screen(dialog, self._take_up)

    def action_rename(self) -> None:
        """Name the conversation."""
        kept = self.conversation
        if kept is None:
            return
        title = kept.title or (kept.turns[0].question if kept.turns else "")
        self.app.push_screen(
            TextDialog(_("Name of the conversation"), " ".join(title.split())),
            partial(self._rename, kept.id),
        )

    def action_delete(self) -> None:
        """Delete the conversation, after asking."""
        kept = self.conversation
        if kept is None:
            return
        said = _("{count} questions and their answers are deleted; this cannot be undone.").format(
            count=len(kept.turns)
        )
        dialog = ConfirmDialog(_("Delete the conversation"), said, _("Delete"))
        self.app.push_screen(dialog, partial(self._delete, kept.id))

    def _take_up(self, chosen: int | None) -> None:
        if chosen is not None:
            self.open_conversation(chosen)

    def _rename(self, conversation_id: int, title: str | None) -> None:
        if title:
            self._change(conversation_id, title)

    def _delete(self, conversation_id: int, sure: bool | None) -> None:
        if sure:
            self._change(conversation_id, None)

    @work(thread=True, group="put")
    def _change(self, conversation_id: int, title: str | None) -> None:
        try:
            if title is None:
                self.conversations.delete(conversation_id)
            else:
                self.conversations.rename(conversation_id, title)
        except WorkbenchError as error:
            self.call_later(self.notify, str(error), severity="error")
        self.reload()

    def action_export(self) -> None:
        """Write the conversation to a file, as Markdown."""
        if self.conversation is not None:
            dialog = ExportDialog(_("Export the conversation"), "conversation", {"markdown": "md"})
            self.app.push_screen(dialog, self._export)

    def _export(self, answer: tuple[Path, str] | None) -> None:
        if answer is None or self.conversation is None:
            return
        try:
            write_atomically(answer[0], exported(self.conversation))
        except (OSError, WorkbenchError) as error:
            self.notify(_("cannot be written: {reason}").format(reason=error), severity="error")
        else:
            self.notify(_("wrote {path}").format(path=answer[0]))
