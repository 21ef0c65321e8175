"""A look at cited passages where one stands: the quote, and the words around it."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from workbench.desk.passages import InContext
from workbench.tui.widgets.flowing import Flowing, Run


class PassagePreview(VerticalScroll):
    """Shows quotes in their passages below a line that says what they are quoted for."""

    DEFAULT_CSS = """
    PassagePreview {
        height: 8;
        padding: 0 1;
        border-top: solid $primary;
        border-title-color: $text-muted;
        &:focus { border-top: heavy $primary; }
    }
    """

    def compose(self) -> ComposeResult:
        """One flowing text holds it all."""
        yield Flowing(id="preview-text")

    def say(self, *runs: Run) -> None:
        """Show one line in place of quotes."""
        self._show([list(runs)])

    def show(self, heading: Sequence[Run], quotes: Sequence[InContext]) -> None:
        """Show quotes in the words around them."""
        paragraphs: list[list[Run]] = [list(heading)] if heading else []
        for one in quotes:
            cited: list[Run] = [(text, "mark" if is_cited else "") for text, is_cited in one.parts]
            paragraphs.append([(f"[{one.passage}] ", "quiet"), *cited])
        self._show(paragraphs)

    @property
    def plain(self) -> str:
        """Return what is shown, without styles."""
        return self.query_one(Flowing).plain

    def _show(self, paragraphs: Sequence[Sequence[Run]]) -> None:
        self.query_one(Flowing).show(paragraphs)
        self.scroll_home(animate=False)
