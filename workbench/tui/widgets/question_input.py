"""Where a question is written: several lines, Enter sends, Ctrl+J begins a new one."""

from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.widgets import TextArea

_NEW_LINE = ("ctrl+j", "shift+enter", "alt+enter")


class QuestionInput(TextArea):
    """A text area that sends its text; what an input method commits at once arrives as it is."""

    DEFAULT_CSS = """
    QuestionInput {
        height: auto;
        min-height: 3;
        max-height: 8;
        border: tall $border-blurred;
        &:focus { border: tall $border; }
    }
    """

    @dataclass
    class Sent(Message):
        """The question is to be asked."""

        text: str

    class Left(Message):
        """The way up leads out of the field."""

    def __init__(self, *, id: str | None = None, placeholder: str = "") -> None:
        super().__init__(id=id, soft_wrap=True, tab_behavior="focus", placeholder=placeholder)
        self.show_line_numbers = False

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.post_message(self.Sent(self.text))
            return
        if event.key == "up" and self.cursor_at_first_line:
            event.stop()
            event.prevent_default()
            self.post_message(self.Left())
            return
        if event.key in _NEW_LINE:
            event.stop()
            event.prevent_default()
            self.insert("\n")
            return
        await super()._on_key(event)

    def put_back(self, text: str) -> None:
        """Put a question back that was not answered, unless another is being written."""
        if not self.text.strip():
            self.text = text
            self.move_cursor(self.document.end)
