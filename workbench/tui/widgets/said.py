"""Text that is said to the user, broken into lines as Chinese is."""

from textual.app import RenderResult
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from workbench.tui.typeset.breaking import break_text
from workbench.tui.typeset.cells import shown


class Said(Static):
    """A Static of plain text in which no line begins with 。 and lines are filled.

    Textual breaks at spaces, of which Chinese has few, and else anywhere. Line breaks of the text
    stay.
    """

    def __init__(
        self, text: str = "", *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(text, id=id, classes=classes, markup=False)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many lines the text takes."""
        return len(self._lines(width))

    def render(self) -> RenderResult:
        """Return the text as it is broken for the width it has."""
        return Content("\n".join(self._lines(self.content_size.width)))

    def _lines(self, width: int) -> list[str]:
        lines: list[str] = []
        for paragraph in str(self.content).expandtabs().split("\n"):
            indent = len(paragraph) - len(paragraph.lstrip(" "))
            broken = break_text(paragraph, max(1, width), min(indent, width - 1))
            found = [shown(paragraph[start:end]) for start, end in broken] or [""]
            lines += [" " * min(indent, width - 1) + found[0], *found[1:]]
        return lines
